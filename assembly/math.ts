// exp, log and their kin for four numbers at a time. Polynomials over IEEE-exact operations, so that every engine
// gives the same bits; errors are at most about two units in the last place of float32.

/** eˣ: x = n log 2 + r with |r| ≤ log 2 / 2, eˣ = 2ⁿ eʳ. Below −87.3 it is 0, above 88.7 infinite. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))); // log 2 in two parts: n times the first is exact
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  // Taylor coefficients, the last two adjusted for the shortened range (minimax)
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // 2ⁿ in two factors, for n = 128 alone would be no float
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.max(f32x4.splat(-150), f32x4.min(n, f32x4.splat(150))));
  const half = i32x4.shr_s(whole, 1);
  const rest = i32x4.sub(whole, half);
  const bias = i32x4.splat(127);
  p = f32x4.mul(p, i32x4.shl(i32x4.add(half, bias), 23));
  p = f32x4.mul(p, i32x4.shl(i32x4.add(rest, bias), 23));
  p = v128.andnot(p, f32x4.lt(x, f32x4.splat(-87.33654)));
  return v128.bitselect(f32x4.splat(Infinity), p, f32x4.gt(x, f32x4.splat(88.722839)));
}

/**
 * 2ˣ for x ≤ 0; below −64 it is 0. What a softmax needs of an exponential: half the instructions of `exp4`, because
 * nothing can overflow. x = n + r with |r| ≤ ½ exactly: adding 1.5 · 2²³ leaves n in the low bits of the sum.
 */
// @ts-ignore: decorator
@inline
export function exp2Below4(x: v128): v128 {
  const magic = f32x4.splat(12582912);
  const shifted = f32x4.add(x, magic);
  const r = f32x4.sub(x, f32x4.sub(shifted, magic));
  let p = f32x4.splat(1.326472731307149e-3); // minimax on |r| ≤ ½: relative error 1.9e-7
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(9.671512991189957e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.550733581185341e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.4022242426872253e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(6.931470036506653e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  const power = i32x4.add(p, i32x4.shl(shifted, 23)); // n more in the exponent
  return v128.and(power, f32x4.gt(x, f32x4.splat(-64)));
}

/** log x: x = 2ⁿ m with √½ ≤ m < √2. −∞ at 0, NaN below; subnormal numbers count as the smallest normal one. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const normal = f32x4.max(x, f32x4.splat(1.17549435e-38));
  let n = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(normal, 23), i32x4.splat(126)));
  let m = v128.or(v128.and(normal, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000)); // ½ ≤ m < 1
  const small = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  n = f32x4.sub(n, v128.and(small, f32x4.splat(1)));
  m = f32x4.add(f32x4.sub(m, f32x4.splat(1)), v128.and(small, m)); // m − 1, or 2m − 1
  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = f32x4.add(y, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(n, f32x4.splat(0.693359375)));
  y = v128.bitselect(f32x4.splat(Infinity), y, f32x4.eq(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

/** 1 / (1 + e⁻ˣ). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

/**
 * log(1 + y) for 0 ≤ y ≤ 1, precise for small y: with s = 1 + y rounded, log(1 + y) = log s · y / (s − 1)
 * (Kahan's correction of what the rounding lost).
 */
// @ts-ignore: decorator
@inline
function log1p4(y: v128): v128 {
  const one = f32x4.splat(1);
  const s = f32x4.add(one, y);
  const lost = f32x4.sub(s, one);
  const corrected = f32x4.div(f32x4.mul(log4(s), y), lost);
  return v128.bitselect(y, corrected, f32x4.eq(lost, f32x4.splat(0)));
}

/** log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), which cannot overflow. */
// @ts-ignore: decorator
@inline
export function softplus4(x: v128): v128 {
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
}

/** x₀ + x₁ + x₂ + x₃, always in the order (x₀ + x₂) + (x₁ + x₃). */
// @ts-ignore: decorator
@inline
export function horizontalSum(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest of four. */
// @ts-ignore: decorator
@inline
export function horizontalMax(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}
