// C = A · B by blocks that stay in cache, in the manner of Goto and van de Geijn (2008):
//
//   for each KC of k, NC of n   pack B[KC, NC] into panels of 8 columns      in L2
//     for each MC of m          (pack Aᵀ)                                     A[MC, KC] in L2
//       for each panel          B[KC, 8] in L1
//         for each 4 rows       a tile of 4 × 8 sums, in registers
//
// 4 × 8 needs 8 registers for sums, 2 for B and 4 for A out of the 16 that SSE and AVX have; six rows spill and halve
// the speed (31 against 58 GFLOP/s). Multiply and add stay two instructions: fused ones exist only in relaxed SIMD,
// where results differ between machines, and were not faster.

const KC: i32 = 256; // a panel of B: 256 × 8 × 4 bytes = 8 KB, a third of L1
const NC: i32 = 512; // packed B: 512 KB
const MC: i32 = 64; //  a block of A: 64 KB

const TILE: i32 = 4 * 8 * 4;

/** Bytes that `setScratch` needs: packed B, packed A, and one tile for the ragged edges. */
export const SCRATCH_BYTES: i32 = (KC * NC + MC * KC) * 4 + TILE;

let packedB: usize = 0;
let packedA: usize = 0;
let edgeTile: usize = 0;

/** Hands over SCRATCH_BYTES of memory, 16-byte aligned, once for each instance: kernels own none. */
export function setScratch(pointer: usize): void {
  packedB = pointer;
  packedA = pointer + KC * NC * 4;
  edgeTile = packedA + MC * KC * 4;
}

/** The same memory, for others to use between products. */
@inline
export function scratch(): usize {
  return packedB;
}

/** C[m,n] (+)= A[m,k] · B[k,n]. */
export function matmulNN(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, accumulate: bool): void {
  multiply(a, <usize>k << 2, 4, b, <usize>n << 2, 4, c, m, n, k, accumulate, 0, 0);
}

/**
 * Y[m,n] (+)= A[m,k] · B[k,n] + bias[n], and max(0, ·) of it where `rectify`: what a hidden layer does. Bias and maximum
 * go in as a tile is written, because two more passes over Y cost as much as a tenth of the product.
 */
export function linear(
  a: usize, b: usize, bias: usize, y: usize, m: i32, n: i32, k: i32, rectify: bool, accumulate: bool,
): void {
  const least: f32 = rectify ? 0 : -Infinity;
  multiply(a, <usize>k << 2, 4, b, <usize>n << 2, 4, y, m, n, k, accumulate, bias, least);
}

/** C[m,n] (+)= A[m,k] · B[n,k]ᵀ. */
export function matmulNT(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, accumulate: bool): void {
  multiply(a, <usize>k << 2, 4, b, 4, <usize>k << 2, c, m, n, k, accumulate, 0, 0);
}

/** C[m,n] (+)= A[k,m]ᵀ · B[k,n]. */
export function matmulTN(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, accumulate: bool): void {
  matmulTNRows(a, b, c, m, n, k, accumulate, 0, m);
}

/** Rows from … to of the same: what one of several threads does of it. */
export function matmulTNRows(
  a: usize, b: usize, c: usize, m: i32, n: i32, k: i32, accumulate: bool, from: i32, to: i32,
): void {
  const rows = c + ((<usize>from * n) << 2);
  multiply(a + (<usize>from << 2), 4, <usize>m << 2, b, <usize>n << 2, 4, rows, to - from, n, k, accumulate, 0, 0);
}

/** B[k,n], or with `transposed` B[n,k]ᵀ, in panels [k][8] one after another: what `matmulPacked` multiplies by. */
export function pack(b: usize, packed: usize, n: i32, k: i32, transposed: bool): void {
  if (transposed) packColumns(b, <usize>k << 2, packed, k, n);
  else packRows(b, <usize>n << 2, packed, k, n);
}

/** C[m,n] (+)= A[m,k] · the B[k,n] in `packed`: several products by one B pack it only once. */
export function matmulPacked(a: usize, packed: usize, c: usize, m: i32, n: i32, k: i32, accumulate: bool): void {
  const aRow = <usize>k << 2, cRow = <usize>n << 2;
  for (let m0 = 0; m0 < m; m0 += MC)
    for (let k0 = 0; k0 == 0 || k0 < k; k0 += KC) {
      const aBlock = a + <usize>m0 * aRow + (<usize>k0 << 2);
      const panels = packed + (<usize>k0 << 5);
      const cBlock = c + <usize>m0 * cRow;
      const mc = min(MC, m - m0), kc = min(KC, k - k0);
      multiplyBlock<f32>(aBlock, aRow, 4 * aRow, panels, <usize>k << 5, cBlock, cRow, mc, n, kc, accumulate || k0 > 0, 0, 0);
    }
}

/**
 * Element (i, p) of A is at a + i·aRow + p·aColumn, (p, j) of B at b + p·bRow + j·bColumn; steps in bytes.
 * With a bias (0 = none) what is written last is max(sum + bias, least).
 */
function multiply(
  a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize, c: usize,
  m: i32, n: i32, k: i32, accumulate: bool, bias: usize, least: f32,
): void {
  const cRow = <usize>n << 2;
  for (let n0 = 0; n0 < n; n0 += NC) {
    const nc = min(NC, n - n0);
    for (let k0 = 0; k0 == 0 || k0 < k; k0 += KC) {
      const kc = min(KC, k - k0);
      const last: usize = bias != 0 && k0 + kc == k ? bias + (<usize>n0 << 2) : 0;
      const bBlock = b + <usize>k0 * bRow + <usize>n0 * bColumn;
      if (bColumn == 4) packRows(bBlock, bRow, packedB, kc, nc);
      else packColumns(bBlock, bColumn, packedB, kc, nc);
      const panel = <usize>kc << 5;
      const add = accumulate || k0 > 0;
      for (let m0 = 0; m0 < m; m0 += MC) {
        const mc = min(MC, m - m0);
        const aBlock = a + <usize>m0 * aRow + <usize>k0 * aColumn;
        const cBlock = c + <usize>m0 * cRow + (<usize>n0 << 2);
        if (aColumn == 4) multiplyBlock<f32>(aBlock, aRow, 4 * aRow, packedB, panel, cBlock, cRow, mc, nc, kc, add, last, least);
        else {
          packA(aBlock, aColumn, mc, kc);
          multiplyBlock<v128>(packedA, 4, <usize>kc << 4, packedB, panel, cBlock, cRow, mc, nc, kc, add, last, least);
        }
      }
    }
  }
}

/**
 * C block (+)= A block · panels of B, which are panelBytes apart. Rows of A are aRow apart, groups of four rows aGroup;
 * T as in `tiles`.
 */
function multiplyBlock<T>(
  a: usize, aRow: usize, aGroup: usize, panels: usize, panelBytes: usize, c: usize, cRow: usize,
  mc: i32, nc: i32, kc: i32, add: bool, bias: usize, least: f32,
): void {
  const groups = mc >> 2, rows = mc & 3;
  const lastGroup = a + <usize>groups * aGroup;
  // Rows past the edge repeat the last one; their sums go to the edge tile and are not copied.
  const row1: usize = rows > 1 ? aRow : 0, row2: usize = rows > 2 ? 2 * aRow : row1;
  for (let j = 0, panel = panels; j < nc; j += 8, panel += panelBytes) {
    const columns = min(8, nc - j);
    let target = c + (<usize>j << 2);
    const own: usize = bias != 0 ? bias + (<usize>j << 2) : 0;
    if (columns == 8) {
      tiles<T>(a, aRow, 2 * aRow, 3 * aRow, aGroup, groups, panel, kc, target, cRow, add, own, least);
      target += <usize>groups * 4 * cRow;
    } else
      for (let i = 0; i < groups; i++, target += 4 * cRow) {
        tiles<T>(a + <usize>i * aGroup, aRow, 2 * aRow, 3 * aRow, 0, 1, panel, kc, edgeTile, 32, false, 0, 0);
        copyTile(target, cRow, 4, columns, add, own, least);
      }
    if (rows > 0) {
      tiles<T>(lastGroup, row1, row2, row2, 0, 1, panel, kc, edgeTile, 32, false, 0, 0);
      copyTile(target, cRow, rows, columns, add, own, least);
    }
  }
}

/**
 * The 4 × 8 sums of each group of four rows of A and a panel of B: all of the time is spent here. Rows of a group are
 * at a, a + row1, a + row2, a + row3. T is as wide as the steps of a row along k: f32 where rows are dense, v128 where
 * four rows are interleaved.
 *
 * Four steps at a time, because then three of them find their numbers at constant offsets (51 against 41 GFLOP/s).
 * The exits in between are not only for a k that is no multiple of four: without them the compiler of Chromium and
 * Node moves the loads of all four steps to the front, runs out of registers and spills (23 GFLOP/s).
 */
function tiles<T>(
  a: usize, row1: usize, row2: usize, row3: usize, aGroup: usize, groups: i32,
  panel: usize, k: i32, c: usize, cRow: usize, add: bool, bias: usize, least: f32,
): void {
  const end = panel + (<usize>k << 5);
  const end1 = end - 32, end2 = end - 64, end3 = end - 96;
  for (; groups > 0; groups--, a += aGroup, c += 4 * cRow) {
    let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    let b0: v128, b1: v128, x: v128;
    let a0 = a, a1 = a + row1, a2 = a + row2, a3 = a + row3;
    let b = panel;
    while (b < end) {
      b0 = v128.load(b), b1 = v128.load(b, 16);
      x = v128.load32_splat(a0);
      s00 = f32x4.add(s00, f32x4.mul(x, b0)), s01 = f32x4.add(s01, f32x4.mul(x, b1));
      x = v128.load32_splat(a1);
      s10 = f32x4.add(s10, f32x4.mul(x, b0)), s11 = f32x4.add(s11, f32x4.mul(x, b1));
      x = v128.load32_splat(a2);
      s20 = f32x4.add(s20, f32x4.mul(x, b0)), s21 = f32x4.add(s21, f32x4.mul(x, b1));
      x = v128.load32_splat(a3);
      s30 = f32x4.add(s30, f32x4.mul(x, b0)), s31 = f32x4.add(s31, f32x4.mul(x, b1));
      if (b == end1) break;
      b0 = v128.load(b, 32), b1 = v128.load(b, 48);
      x = v128.load32_splat(a0, sizeof<T>());
      s00 = f32x4.add(s00, f32x4.mul(x, b0)), s01 = f32x4.add(s01, f32x4.mul(x, b1));
      x = v128.load32_splat(a1, sizeof<T>());
      s10 = f32x4.add(s10, f32x4.mul(x, b0)), s11 = f32x4.add(s11, f32x4.mul(x, b1));
      x = v128.load32_splat(a2, sizeof<T>());
      s20 = f32x4.add(s20, f32x4.mul(x, b0)), s21 = f32x4.add(s21, f32x4.mul(x, b1));
      x = v128.load32_splat(a3, sizeof<T>());
      s30 = f32x4.add(s30, f32x4.mul(x, b0)), s31 = f32x4.add(s31, f32x4.mul(x, b1));
      if (b == end2) break;
      b0 = v128.load(b, 64), b1 = v128.load(b, 80);
      x = v128.load32_splat(a0, 2 * sizeof<T>());
      s00 = f32x4.add(s00, f32x4.mul(x, b0)), s01 = f32x4.add(s01, f32x4.mul(x, b1));
      x = v128.load32_splat(a1, 2 * sizeof<T>());
      s10 = f32x4.add(s10, f32x4.mul(x, b0)), s11 = f32x4.add(s11, f32x4.mul(x, b1));
      x = v128.load32_splat(a2, 2 * sizeof<T>());
      s20 = f32x4.add(s20, f32x4.mul(x, b0)), s21 = f32x4.add(s21, f32x4.mul(x, b1));
      x = v128.load32_splat(a3, 2 * sizeof<T>());
      s30 = f32x4.add(s30, f32x4.mul(x, b0)), s31 = f32x4.add(s31, f32x4.mul(x, b1));
      if (b == end3) break;
      b0 = v128.load(b, 96), b1 = v128.load(b, 112);
      x = v128.load32_splat(a0, 3 * sizeof<T>());
      s00 = f32x4.add(s00, f32x4.mul(x, b0)), s01 = f32x4.add(s01, f32x4.mul(x, b1));
      x = v128.load32_splat(a1, 3 * sizeof<T>());
      s10 = f32x4.add(s10, f32x4.mul(x, b0)), s11 = f32x4.add(s11, f32x4.mul(x, b1));
      x = v128.load32_splat(a2, 3 * sizeof<T>());
      s20 = f32x4.add(s20, f32x4.mul(x, b0)), s21 = f32x4.add(s21, f32x4.mul(x, b1));
      x = v128.load32_splat(a3, 3 * sizeof<T>());
      s30 = f32x4.add(s30, f32x4.mul(x, b0)), s31 = f32x4.add(s31, f32x4.mul(x, b1));
      a0 += 4 * sizeof<T>(), a1 += 4 * sizeof<T>(), a2 += 4 * sizeof<T>(), a3 += 4 * sizeof<T>();
      b += 128;
    }
    storeRow(c, s00, s01, add, bias, least);
    storeRow(c + cRow, s10, s11, add, bias, least);
    storeRow(c + 2 * cRow, s20, s21, add, bias, least);
    storeRow(c + 3 * cRow, s30, s31, add, bias, least);
  }
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, s0: v128, s1: v128, add: bool, bias: usize, least: f32): void {
  if (add) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c, 16), s1);
  }
  if (bias != 0) {
    s0 = f32x4.max(f32x4.add(s0, v128.load(bias)), f32x4.splat(least));
    s1 = f32x4.max(f32x4.add(s1, v128.load(bias, 16)), f32x4.splat(least));
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
}

/** Copies the valid corner of the edge tile into C. */
function copyTile(
  c: usize, cRow: usize, rows: i32, columns: i32, add: bool, bias: usize, least: f32,
): void {
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const target = c + <usize>i * cRow + (<usize>j << 2);
      let sum = load<f32>(edgeTile + ((<usize>i * 8 + j) << 2));
      if (add) sum += load<f32>(target);
      if (bias != 0) sum = max<f32>(sum + load<f32>(bias + (<usize>j << 2)), least);
      store<f32>(target, sum);
    }
}

/** Packs B[kc, nc], whose rows are dense, into panels [kc][8], padded with zeros. */
function packRows(b: usize, bRow: usize, to: usize, kc: i32, nc: i32): void {
  for (let j = 0; j < nc; j += 8) {
    let from = b + (<usize>j << 2);
    if (nc - j >= 8)
      for (let p = 0; p < kc; p++, from += bRow, to += 32) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
    else
      for (let p = 0; p < kc; p++, from += bRow, to += 32)
        for (let e = 0; e < 8; e++)
          store<f32>(to + (<usize>e << 2), j + e < nc ? load<f32>(from + (<usize>e << 2)) : 0);
  }
}

/** Packs B[kc, nc], whose columns are dense, transposing 4 × 4 at a time. */
function packColumns(b: usize, bColumn: usize, packed: usize, kc: i32, nc: i32): void {
  for (let j = 0; j < nc; j += 4) {
    const to = packed + ((<usize>(j & ~7) * kc) << 2) + (<usize>(j & 4) << 2);
    const b0 = b + <usize>j * bColumn;
    if (nc - j >= 4) transposeFour(b0, b0 + bColumn, b0 + 2 * bColumn, b0 + 3 * bColumn, to, 32, kc);
    else
      for (let p = 0; p < kc; p++)
        for (let e = 0; e < 4; e++)
          store<f32>(to + (<usize>p << 5) + (<usize>e << 2), j + e < nc ? load<f32>(b0 + <usize>e * bColumn + (<usize>p << 2)) : 0);
    if (nc - j <= 4 && (j & 4) == 0)
      for (let p = 0; p < kc; p++) v128.store(to + (<usize>p << 5), f32x4.splat(0), 16); // the panel's empty half
  }
}

/**
 * Packs Aᵀ, stored with rows p dense in i, into groups [kc][4] of four rows i. Four groups at a time, a cache line of
 * each row: rows are often a power of two apart, so a line left half read is gone when the next group wants it.
 */
function packA(a: usize, aColumn: usize, mc: i32, kc: i32): void {
  const group = <usize>kc << 4;
  let i = 0;
  for (; i + 16 <= mc; i += 16) {
    let from = a + (<usize>i << 2);
    let to = packedA + ((<usize>i * kc) << 2);
    for (let p = 0; p < kc; p++, from += aColumn, to += 16) {
      v128.store(to, v128.load(from));
      v128.store(to + group, v128.load(from, 16));
      v128.store(to + 2 * group, v128.load(from, 32));
      v128.store(to + 3 * group, v128.load(from, 48));
    }
  }
  for (; i < mc; i += 4) {
    let from = a + (<usize>i << 2);
    let to = packedA + ((<usize>i * kc) << 2);
    if (mc - i >= 4)
      for (let p = 0; p < kc; p++, from += aColumn, to += 16) v128.store(to, v128.load(from));
    else
      for (let p = 0; p < kc; p++, from += aColumn, to += 16)
        for (let e = 0; e < mc - i; e++) store<f32>(to + (<usize>e << 2), load<f32>(from + (<usize>e << 2)));
  }
}

/** Interleaves four dense rows of k floats: out[p] = (r0[p], r1[p], r2[p], r3[p]), `step` bytes apart. */
function transposeFour(r0: usize, r1: usize, r2: usize, r3: usize, out: usize, step: usize, k: i32): void {
  const whole = k & ~3;
  for (let p = 0; p < whole; p += 4) {
    const at = <usize>p << 2;
    const x0 = v128.load(r0 + at), x1 = v128.load(r1 + at), x2 = v128.load(r2 + at), x3 = v128.load(r3 + at);
    const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(out + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    v128.store(out + 2 * step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    v128.store(out + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    out += 4 * step;
  }
  for (let p = whole; p < k; p++, out += step) {
    const at = <usize>p << 2;
    store<f32>(out, load<f32>(r0 + at));
    store<f32>(out, load<f32>(r1 + at), 4);
    store<f32>(out, load<f32>(r2 + at), 8);
    store<f32>(out, load<f32>(r3 + at), 12);
  }
}
