/**
 * exp, log and pow in float64 from IEEE-exact operations only (+ − × ÷ and bit patterns). Math.exp and its kin differ
 * between engines in their last bits, and the same seed has to give the same bytes everywhere.
 */
const bits = new DataView(new ArrayBuffer(8));

const LN2_HIGH = 0.6931471803691238; // log 2 to 32 bits: n · LN2_HIGH is exact for |n| < 2²⁰
const LN2_LOW = 1.9082149292705877e-10; // the rest of it
const INV_LN2 = 1.4426950408889634;

/** 2ⁿ for whole n from −1022 to 1023. */
function powerOfTwo(n: number): number {
  bits.setUint32(0, (n + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** eˣ, to about one unit in the last place. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  // x = n log 2 + r with |r| ≤ log 2 / 2, so eˣ = 2ⁿ eʳ
  const n = Math.round(x * INV_LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  // Taylor to r¹³: the next term is below 2⁻⁵⁶ for |r| ≤ 0.347
  let sum = 0;
  for (let i = 13; i >= 1; i--) sum = (r / i) * (1 + sum);
  const scaled = 1 + sum;
  return n > 1000
    ? scaled * powerOfTwo(n - 100) * powerOfTwo(100)
    : n < -1000
      ? scaled * powerOfTwo(n + 100) * powerOfTwo(-100)
      : scaled * powerOfTwo(n);
}

/** log x, to about one unit in the last place; NaN below 0, −∞ at 0. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return Infinity;
  let n = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 2 ** 54; // a subnormal number has no exponent of its own
    n = -54;
  }
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  n += (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0); // x = 2ⁿ m with 1 ≤ m < 2
  if (m > Math.SQRT2) {
    m /= 2;
    n++;
  }
  // log m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), s = (m − 1) / (m + 1), |s| ≤ 0.172
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let sum = 0;
  for (let i = 21; i >= 3; i -= 2) sum = s2 * (1 / i + sum);
  return n * LN2_HIGH + (2 * s + (2 * s * sum + n * LN2_LOW));
}

/** x to the power y for x ≥ 0. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x === 0) return y > 0 ? 0 : Infinity;
  return exp(y * log(x));
}
