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
  for (let i: u32 = 0; i < d; i++) store<f32>(x + (<usize>i << 2), load<f32>(x + (<usize>i << 2)) / norm);
}

/** Writes x / norm, rotated, to `graph.rotated`: signs, transform of the first 2ᵇ numbers, and of the last if d ≠ 2ᵇ. */
export function rotate(graph: Graph, x: usize, norm: f32): void {
  const d = graph.dimension;
  const y = graph.rotated;
  const scale: f32 = norm > 0 ? 1 / norm : 0;
  for (let i: u32 = 0; i < d; i++) store<f32>(y + (<usize>i << 2), signed(load<f32>(x + (<usize>i << 2)) * scale, i));
  const p: u32 = 1 << (31 - clz(d));
  transform(y, p);
  if (p == d) return;
  for (let i: u32 = 0; i < d; i++) store<f32>(y + (<usize>i << 2), signed(load<f32>(y + (<usize>i << 2)), i + d));
  transform(y + (<usize>(d - p) << 2), p);
}

/** A fixed random sign for each number. */
@inline
function signed(value: f32, i: u32): f32 {
  return (((i + 1) * 0x9e3779b1) ^ ((i + 1) * 0x85ebca77 >> 7)) & 0x10000 ? -value : value;
}

/** Walsh–Hadamard in place, p = 2ᵇ numbers, p log p additions, scaled to keep lengths. */
function transform(x: usize, p: u32): void {
  const end = x + (<usize>p << 2);
  for (let h: usize = 4; h < <usize>p << 2; h <<= 1) {
    for (let block = x; block < end; block += h << 1) {
      if (h < 16) {
        for (let at = block; at < block + h; at += 4) {
          const a = load<f32>(at);
          const b = load<f32>(at + h);
          store<f32>(at, a + b);
          store<f32>(at + h, a - b);
        }
      } else {
        for (let at = block; at < block + h; at += 16) {
          const a = v128.load(at);
          const b = v128.load(at + h);
          v128.store(at, f32x4.add(a, b));
          v128.store(at + h, f32x4.sub(a, b));
        }
      }
    }
  }
  const scale: f32 = 1 / sqrt<f32>(<f32>p);
  for (let at = x; at < end; at += 4) store<f32>(at, load<f32>(at) * scale);
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
    for (let i: u32 = 0; i < d; i++) store<f32>(y + (<usize>i << 2), signed(load<f32>(y + (<usize>i << 2)), i + d));
  }
  transform(y, p);
  for (let i: u32 = 0; i < d; i++) store<f32>(y + (<usize>i << 2), signed(load<f32>(y + (<usize>i << 2)), i));
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
  for (let i: u32 = 0; i < d; i++) {
    const value = load<f32>(graph.rotated + (<usize>i << 2)) * QUERY_LENGTH;
    store<i16>(out + (<usize>i << 1), <i16>nearest(min<f32>(32767, max<f32>(-32767, value))));
    if (d <= TWO_DIGITS) store<i16>(out + (<usize>(i + TWO_DIGITS) << 1), <i16>nearest(value / 127));
  }
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
