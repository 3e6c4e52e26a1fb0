// 16-bit floats (binary16) of magnitude up to 2: a sign, 5 bits of exponent, 10 of fraction. WebAssembly knows none,
// but their bits, moved to where a float32 has its own, are a float32 that is 2¹¹² times too small, subnormal ones too.

const GAP: f32 = reinterpret<f32>((127 + 112) << 23); // 2¹¹²

/** Four 16-bit floats as float32. Exact. */
@inline
export function widen(at: usize): v128 {
  const bits = i32x4.shl(v128.load16x4_s(at), 13); // the sign, spread over four bits, then exponent and fraction
  return f32x4.mul(v128.and(bits, i32x4.splat(0x8fffe000)), f32x4.splat(GAP));
}

/** One 16-bit float as float32. Exact. */
@inline
export function widenOne(at: usize): f32 {
  return reinterpret<f32>((<i32>load<i16>(at) << 13) & 0x8fffe000) * GAP;
}

/** The 16-bit float nearest to x, |x| ≤ 2; of two equally near the one whose last bit is 0. */
export function narrow(x: f32): u16 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude < <u32>(127 - 14) << 23) {
    // Subnormal: beside 0.5 the last bit of a float32 is worth 2⁻²⁴, as theirs is, so that the addition rounds.
    const HALF: f32 = 0.5;
    return <u16>(sign | (reinterpret<u32>(reinterpret<f32>(magnitude) + HALF) - reinterpret<u32>(HALF)));
  }
  const rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
  return <u16>(sign | ((rounded - (<u32>112 << 23)) >> 13));
}

/** The inner product of a float32 vector and one of 16-bit floats, in an order that depends on d alone. 2d flops. */
export function dotHalf(x: usize, half: usize, d: u32): f32 {
  const whole = d & ~7;
  let low = f32x4.splat(0);
  let high = f32x4.splat(0);
  for (let i: u32 = 0; i < whole; i += 8, x += 32, half += 16) {
    low = f32x4.add(low, f32x4.mul(v128.load(x), widen(half)));
    high = f32x4.add(high, f32x4.mul(v128.load(x, 16), widen(half + 8)));
  }
  low = f32x4.add(low, high);
  low = f32x4.add(low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
  let sum = f32x4.extract_lane(low, 0) + f32x4.extract_lane(low, 1);
  for (let i = whole; i < d; i++, x += 4, half += 2) sum += load<f32>(x) * widenOne(half);
  return sum;
}
