import { Graph } from "./layout";

/**
 * Vectors become codes of one byte a number: scaled to length 1, rotated, rounded.
 *
 * The rotation (random signs, then a Walsh–Hadamard transform) makes every vector look alike: whatever the data, even
 * a single non-zero number, each of the d results is close to normal with deviation 1/√d. So one scale that spans four
 * deviations serves all vectors, nothing has to be fitted to data, and a code at d = 64 is one cache line with no scale
 * of its own beside it. Rotating changes no inner product. Rounding errs by 0.009/√d a number, so by about 0.0012 in a
 * cosine at d = 64.
 *
 * Up to d = 8 that is too coarse, and bytes are free: a code then holds two digits a number, |high|×8|low|×8|,
 * x ≈ (high + low / 127) / 127.
 *
 * A query is spread to 16-bit numbers, once, so that a dot product of a query and a code is exact in 32 bits.
 */
const TWO_DIGITS: u32 = 8;

/** As long as a spread query can be without any of its numbers leaving 16 bits. */
const QUERY_LENGTH: f32 = 32767;

/** The length of x; 0 stays 0. */
@inline
export function lengthOf(x: usize, d: u32): f32 {
  let sum: f64 = 0; // a float32 sum would overflow for vectors that float32 still can hold
  for (let i: u32 = 0; i < d; i++) {
    const value = <f64>load<f32>(x + (<usize>i << 2));
    sum += value * value;
  }
  return <f32>sqrt(sum);
}

/** x / norm, in place; 0 stays 0. */
export function scale(x: usize, norm: f32, d: u32): void {
  if (norm == 0) return;
  const end = x + (<usize>d << 2);
  const by = f32x4.splat(norm);
  for (; x + 16 <= end; x += 16) v128.store(x, f32x4.div(v128.load(x), by));
  for (; x < end; x += 4) store<f32>(x, load<f32>(x) / norm);
}

/** Writes x / norm, rotated, to `graph.rotated`: signs, transform of the first 2ᵇ numbers, and of the last if d ≠ 2ᵇ. */
export function rotate(graph: Graph, x: usize, norm: f32): void {
  const d = graph.dimension;
  const y = graph.rotated;
  const scale: f32 = norm > 0 ? 1 / norm : 0;
  const end = <usize>d << 2;
  let i: usize = 0;
  for (; i + 16 <= end; i += 16) v128.store(y + i, f32x4.mul(v128.load(x + i), f32x4.splat(scale)));
  for (; i < end; i += 4) store<f32>(y + i, load<f32>(x + i) * scale);
  sign(y, d, 0);
  const p: u32 = 1 << (31 - clz(d));
  transform(y, p);
  if (p == d) return;
  sign(y, d, d);
  transform(y + (<usize>(d - p) << 2), p);
}

/** Gives each of d numbers a fixed random sign; another set of signs for another `first`. */
function sign(x: usize, d: u32, first: u32): void {
  let i: u32 = 0;
  let at = i32x4.add(i32x4.splat(first + 1), i32x4(0, 1, 2, 3));
  for (; i + 4 <= d; i += 4, x += 16) {
    const hash = v128.xor(i32x4.mul(at, i32x4.splat(0x9e3779b1)), i32x4.shr_u(i32x4.mul(at, i32x4.splat(0x85ebca77)), 7));
    v128.store(x, v128.xor(v128.load(x), v128.and(i32x4.shl(hash, 15), i32x4.splat(0x80000000))));
    at = i32x4.add(at, i32x4.splat(4));
  }
  for (; i < d; i++, x += 4) {
    const hash = ((first + i + 1) * 0x9e3779b1) ^ (((first + i + 1) * 0x85ebca77) >> 7);
    store<u32>(x, load<u32>(x) ^ ((hash << 15) & 0x80000000));
  }
}

/** Walsh–Hadamard in place, p = 2ᵇ numbers, p log p additions, scaled to keep lengths. */
function transform(x: usize, p: u32): void {
  const end = x + (<usize>p << 2);
  const scale: f32 = 1 / sqrt<f32>(<f32>p);
  if (p == 2) {
    const a = load<f32>(x);
    const b = load<f32>(x, 4);
    store<f32>(x, (a + b) * scale);
    store<f32>(x, (a - b) * scale, 4);
    return;
  }
  for (let at = x; at < end; at += 16) {
    let y = v128.load(at); // the sums and differences of neighbours, then of pairs
    y = f32x4.add(v128.shuffle<f32>(y, y, 1, 0, 3, 2), f32x4.mul(y, f32x4(1, -1, 1, -1)));
    y = f32x4.add(v128.shuffle<f32>(y, y, 2, 3, 0, 1), f32x4.mul(y, f32x4(1, 1, -1, -1)));
    v128.store(at, y);
  }
  for (let h: usize = 16; h < <usize>p << 2; h <<= 1) {
    for (let block = x; block < end; block += h << 1) {
      for (let at = block; at < block + h; at += 16) {
        const a = v128.load(at);
        const b = v128.load(at + h);
        v128.store(at, f32x4.add(a, b));
        v128.store(at + h, f32x4.sub(a, b));
      }
    }
  }
  for (let at = x; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), f32x4.splat(scale)));
}

/** Rounds the rotated vector to a code. Padding stays 0. */
export function encode(graph: Graph, code: usize): void {
  const d = graph.dimension;
  const x = graph.rotated;
  memory.fill(code, 0, graph.codeBytes);
  if (d <= TWO_DIGITS) {
    for (let i: u32 = 0; i < d; i++) {
      const whole = nearest(clamp(load<f32>(x + (<usize>i << 2))) * (127 * 127));
      const high = nearest(whole / 127);
      store<i8>(code + i, <i8>high);
      store<i8>(code + i + TWO_DIGITS, <i8>(whole - high * 127));
    }
    return;
  }
  const scale = max<f32>(1, sqrt<f32>(<f32>d) / 4);
  for (let i: u32 = 0; i < d; i++) store<i8>(code + i, <i8>nearest(clamp(load<f32>(x + (<usize>i << 2)) * scale) * 127));
}

/** What `encode` was given, as far as a code remembers it, rotated back, in `graph.rotated`. */
export function decode(graph: Graph, code: usize): void {
  const d = graph.dimension;
  const y = graph.rotated;
  const scale: f32 = max<f32>(1, sqrt<f32>(<f32>d) / 4);
  for (let i: u32 = 0; i < d; i++) {
    const high = <f32>load<i8>(code + i) / 127;
    store<f32>(y + (<usize>i << 2), d <= TWO_DIGITS ? high + <f32>load<i8>(code + i + TWO_DIGITS) / (127 * 127) : high / scale);
  }
  // The transform and the signs undo themselves.
  const p: u32 = 1 << (31 - clz(d));
  if (p != d) {
    transform(y + (<usize>(d - p) << 2), p);
    sign(y, d, d);
  }
  transform(y, p);
  sign(y, d, 0);
}

@inline
function clamp(value: f32): f32 {
  return min<f32>(1, max<f32>(-1, value));
}

/** Spreads the rotated query, as finely as 16 bits allow: its numbers, and with two digits a 127th of each besides. */
export function spreadQuery(graph: Graph): void {
  const d = graph.dimension;
  const out = graph.spread;
  memory.fill(out, 0, graph.codeBytes << 1);
  if (d <= TWO_DIGITS) {
    for (let i: u32 = 0; i < d; i++) {
      const value = load<f32>(graph.rotated + (<usize>i << 2)) * QUERY_LENGTH;
      store<i16>(out + (<usize>i << 1), <i16>nearest(min<f32>(32767, max<f32>(-32767, value))));
      store<i16>(out + (<usize>(i + TWO_DIGITS) << 1), <i16>nearest(value / 127));
    }
    return;
  }
  let i: u32 = 0;
  for (; i + 8 <= d; i += 8) v128.store(out + (<usize>i << 1), i16x8.narrow_i32x4_s(whole(graph.rotated + (<usize>i << 2)), whole(graph.rotated + (<usize>(i + 4) << 2))));
  for (; i < d; i++) store<i16>(out + (<usize>i << 1), <i16>nearest(min<f32>(32767, max<f32>(-32767, load<f32>(graph.rotated + (<usize>i << 2)) * QUERY_LENGTH))));
}

/** Four numbers of a query, rounded; narrowing will see to the largest. */
@inline
function whole(at: usize): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), f32x4.splat(QUERY_LENGTH))));
}

/** Spreads a code, so that items are compared with items in whole numbers, the same whichever of two comes first. */
export function spreadCode(graph: Graph, code: usize, out: usize): void {
  if (graph.dimension <= TWO_DIGITS) {
    for (let i: u32 = 0; i < TWO_DIGITS; i++) {
      const high = <i16>load<i8>(code + i);
      store<i16>(out + (<usize>i << 1), high * 127 + <i16>load<i8>(code + i + TWO_DIGITS));
      store<i16>(out + (<usize>(i + TWO_DIGITS) << 1), high);
    }
    return;
  }
  for (let i: usize = 0; i < graph.codeBytes; i += 8) v128.store(out + (i << 1), v128.load8x8_s(code + i));
}
