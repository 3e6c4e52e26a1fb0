// One number in, one number out. Every loop takes four numbers at a time and the last one to three by themselves,
// with the same instructions, so that a number's place in the array does not change its bits.
import { exp4, sigmoid4, softplus4 } from "./math";

/** x[i] = value. */
export function fill(x: usize, value: f32, n: i32): void {
  const v = f32x4.splat(value);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16) v128.store(x, v);
  for (; x < end; x += 4) store<f32>(x, value);
}

/** y += s · x. */
export function axpy(s: f32, x: usize, y: usize, n: i32): void {
  const scale = f32x4.splat(s);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), f32x4.mul(scale, v128.load(x))));
  for (; x < end; x += 4, y += 4) store<f32>(y, load<f32>(y) + s * load<f32>(x));
}

/** y = s · x + t. */
export function affine(x: usize, s: f32, t: f32, y: usize, n: i32): void {
  const scale = f32x4.splat(s), shift = f32x4.splat(t);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.add(f32x4.mul(scale, v128.load(x)), shift));
  for (; x < end; x += 4, y += 4) store<f32>(y, s * load<f32>(x) + t);
}

/** z = x + y. */
export function add(x: usize, y: usize, z: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16, z += 16) v128.store(z, f32x4.add(v128.load(x), v128.load(y)));
  for (; x < end; x += 4, y += 4, z += 4) store<f32>(z, load<f32>(x) + load<f32>(y));
}

/** z = x ∘ y. */
export function multiply(x: usize, y: usize, z: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16, z += 16) v128.store(z, f32x4.mul(v128.load(x), v128.load(y)));
  for (; x < end; x += 4, y += 4, z += 4) store<f32>(z, load<f32>(x) * load<f32>(y));
}

/** y = max(0, x). */
export function relu(x: usize, y: usize, n: i32): void {
  const zero = f32x4.splat(0);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.max(v128.load(x), zero));
  for (; x < end; x += 4, y += 4) store<f32>(y, max<f32>(load<f32>(x), 0));
}

/** dx = dy where y > 0, else 0. */
export function reluBackward(y: usize, dy: usize, dx: usize, n: i32): void {
  const zero = f32x4.splat(0);
  const end = y + (<usize>n << 2);
  for (; y + 16 <= end; y += 16, dy += 16, dx += 16)
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
  for (; y < end; y += 4, dy += 4, dx += 4) store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
}

/** y = eˣ. */
export function exp(x: usize, y: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, exp4(v128.load(x)));
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, exp4(v128.load32_splat(x)), 0);
}

/** y = 1 / (1 + e⁻ˣ). */
export function sigmoid(x: usize, y: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, sigmoid4(v128.load(x)));
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, sigmoid4(v128.load32_splat(x)), 0);
}

/** y = log(1 + eˣ). */
export function softplus(x: usize, y: usize, n: i32): void {
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, softplus4(v128.load(x)));
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, softplus4(v128.load32_splat(x)), 0);
}
