// The k best of a row. Most scores fail one comparison with the worst of the k best so far, sixteen at a time. Those that
// pass are put aside until there are four times k; then the k best of them are chosen, in time that grows with their number
// only, and the worst of these is what is compared with from there on. Nothing is sorted but the k at the end.
import { scratch } from "./matmul";

/** Candidates put aside are 64-bit keys: a smaller key is a larger score, or of equals a smaller column. */
const KEY: usize = 8;

/**
 * The k largest of each row of x[m,n], largest first; of equals the smaller column first. Padded with −1 and −∞. The first
 * column counts as `first`; unless that is 0, the lists are those of the columns before it, to be gone on with.
 */
export function topK(x: usize, m: i32, n: i32, k: i32, first: i32, columns: usize, values: usize): void {
  const listBytes = <usize>k << 2;
  for (let i = 0; i < m; i++, columns += listBytes, values += listBytes, x += <usize>n << 2) {
    if (k == 0) continue;
    let count = 0;
    if (first == 0) {
      const bound = likelyBound(x, n, k);
      count = collect(x, n, k, 0, 0, bound);
      if (count < k && bound != -Infinity) count = collect(x, n, k, 0, 0, -Infinity);
    } else count = collect(x, n, k, first, readList(columns, values, k), -Infinity);
    const found = min(count, k);
    if (count > k) select(count, k);
    sort(0, found);
    writeList(columns, values, k, found);
  }
}

/**
 * A score that more than k of a row are likely to be above, from every 16th of them at most: without it the first 4k columns
 * would all be put aside (top 100 of 3,706: 7 instead of 13 µs a row). −∞ where n is small.
 */
function likelyBound(x: usize, n: i32, k: i32): f32 {
  const step = max(16, n >> 12);
  const share: f32 = <f32>k / <f32>step;
  const rank = <i32>(share + 3 * sqrt<f32>(share)) + 2; // a sample has three deviations more than its share but once in 700
  if (n < 4 * step * rank) return -Infinity;
  let count = 0;
  for (let j = 0; j < n; j += step, count++) store<u64>(scratch() + <usize>count * KEY, keyOf(load<f32>(x + (<usize>j << 2)), j));
  select(count, rank);
  return scoreIn(load<u64>(scratch() + <usize>(rank - 1) * KEY));
}

/**
 * Puts the columns of a row aside that may be among the k best, if these are above `least`; returns how many are aside then,
 * at most 4k + 12.
 */
function collect(x: usize, n: i32, k: i32, first: i32, count: i32, least: f32): i32 {
  const keys = scratch();
  const most = 4 * k;
  let worst: f32 = count < k ? least : scoreIn(load<u64>(keys + <usize>(k - 1) * KEY));
  let bound = f32x4.splat(worst);
  let j = 0;
  // Strictly above the worst: an equal score in a later column does not displace it. NaN compares as false.
  for (; j + 16 <= n; j += 16, x += 64) {
    const a = f32x4.gt(v128.load(x), bound);
    const b = f32x4.gt(v128.load(x, 16), bound);
    const c = f32x4.gt(v128.load(x, 32), bound);
    const d = f32x4.gt(v128.load(x, 48), bound);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    let above = i32x4.bitmask(a) | (i32x4.bitmask(b) << 4) | (i32x4.bitmask(c) << 8) | (i32x4.bitmask(d) << 12);
    for (; above != 0; above &= above - 1) {
      const e = ctz(above);
      store<u64>(keys + <usize>count * KEY, keyOf(load<f32>(x + (<usize>e << 2)), first + j + e));
      count++;
    }
    if (count < most) continue;
    select(count, k);
    count = k;
    worst = scoreIn(load<u64>(keys + <usize>(k - 1) * KEY));
    bound = f32x4.splat(worst);
  }
  for (; j < n; j++, x += 4) {
    const score = load<f32>(x);
    if (!(score > worst)) continue;
    store<u64>(keys + <usize>count * KEY, keyOf(score, first + j));
    count++;
  }
  return count;
}

@inline
function keyOf(score: f32, column: i32): u64 {
  const bits = reinterpret<i32>(score + 0); // −0 is as large as 0
  const ordered = bits ^ ((bits >> 31) & 0x7fffffff);
  return (<u64>(<u32>ordered ^ 0x7fffffff) << 32) | <u64>(<u32>column);
}

@inline
function scoreIn(key: u64): f32 {
  const ordered = <i32>(<u32>(key >> 32) ^ 0x7fffffff);
  return reinterpret<f32>(ordered ^ ((ordered >> 31) & 0x7fffffff));
}

function readList(columns: usize, values: usize, k: i32): i32 {
  let count = 0;
  for (; count < k; count++) {
    const at = <usize>count << 2;
    if (load<i32>(columns + at) < 0) break;
    store<u64>(scratch() + <usize>count * KEY, keyOf(load<f32>(values + at), load<i32>(columns + at)));
  }
  return count;
}

function writeList(columns: usize, values: usize, k: i32, found: i32): void {
  for (let i = 0; i < k; i++) {
    const key = load<u64>(scratch() + <usize>i * KEY);
    store<i32>(columns + (<usize>i << 2), i < found ? <i32>(<u32>key) : -1);
    store<f32>(values + (<usize>i << 2), i < found ? scoreIn(key) : -Infinity);
  }
}

/** Moves the k smallest of `count` keys to the front, the largest of these last of them: Hoare's selection. */
function select(count: i32, k: i32): void {
  let low = 0, high = count - 1;
  while (low < high) {
    const middle = partition(low, high);
    if (middle < k - 1) low = middle + 1;
    else high = middle;
  }
}

function sort(from: i32, to: i32): void {
  while (to - from > 24) {
    const middle = partition(from, to - 1) + 1;
    if (middle - from < to - middle) {
      sort(from, middle);
      from = middle;
    } else {
      sort(middle, to);
      to = middle;
    }
  }
  const begin = scratch() + <usize>from * KEY;
  const end = scratch() + <usize>to * KEY;
  for (let i = begin + KEY; i < end; i += KEY) {
    const key = load<u64>(i);
    let at = i;
    for (; at > begin && load<u64>(at - KEY) > key; at -= KEY) store<u64>(at, load<u64>(at - KEY));
    store<u64>(at, key);
  }
}

/** Parts keys low … high about the median of three of them; returns where the first part ends: low ≤ it < high. */
function partition(low: i32, high: i32): i32 {
  const keys = scratch();
  const a = load<u64>(keys + <usize>low * KEY);
  const b = load<u64>(keys + <usize>((low + high) >> 1) * KEY);
  const c = load<u64>(keys + <usize>high * KEY);
  const pivot = max(min(a, b), min(max(a, b), c));
  let i = keys + <usize>low * KEY;
  let j = keys + <usize>high * KEY;
  while (true) {
    while (load<u64>(i) < pivot) i += KEY;
    while (load<u64>(j) > pivot) j -= KEY;
    if (i >= j) break;
    const key = load<u64>(i);
    store<u64>(i, load<u64>(j));
    store<u64>(j, key);
    i += KEY;
    j -= KEY;
  }
  return min(high - 1, <i32>((j - keys) / KEY));
}
