// Softmax row by row: a row of a few thousand scores stays in L1 between its passes.
import { affine, multiply } from "./elementwise";
import { exp4, horizontalMax, horizontalSum, log4 } from "./math";
import { dot } from "./reduce";

/** max x; −∞ if there is none. */
export function largest(x: usize, n: i32): f32 {
  let lanes = f32x4.splat(-Infinity);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16) lanes = f32x4.pmax(lanes, v128.load(x));
  let most = horizontalMax(lanes);
  for (; x < end; x += 4) most = max(most, load<f32>(x));
  return most;
}

/** y = e^(x − shift); returns Σ y. */
export function exponentials(x: usize, shift: f32, y: usize, n: i32): f32 {
  const minus = f32x4.splat(shift);
  let lanes = f32x4.splat(0);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) {
    const e = exp4(f32x4.sub(v128.load(x), minus));
    v128.store(y, e);
    lanes = f32x4.add(lanes, e);
  }
  let total = horizontalSum(lanes);
  for (; x < end; x += 4, y += 4) {
    const e = exp4(f32x4.sub(v128.load32_splat(x), minus));
    v128.store_lane<f32>(y, e, 0);
    total += f32x4.extract_lane(e, 0);
  }
  return total;
}

// @ts-ignore: decorator
@inline
function logOf(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** z[i,j] = scale · x[i,j] + bias[j]; p = softmax(z), loss[i] = log Σⱼ e^z[i,j] − z[i, positive[i]]. */
export function crossEntropy(
  x: usize, scale: f32, bias: usize, positive: usize, p: usize, loss: usize, b: i32, c: i32,
): void {
  const bytes = <usize>c << 2;
  for (let i = 0; i < b; i++, x += bytes, p += bytes, positive += 4, loss += 4) {
    const most = logits(x, scale, bias, p, c);
    const own = load<f32>(p + (<usize>load<i32>(positive) << 2));
    const total = exponentials(p, most, p, c);
    affine(p, 1 / total, 0, p, c);
    store<f32>(loss, most + logOf(total) - own);
  }
}

/** z = scale · x + bias; returns the largest. */
function logits(x: usize, scale: f32, bias: usize, z: usize, n: i32): f32 {
  const s = f32x4.splat(scale);
  let lanes = f32x4.splat(-Infinity);
  const end = x + (<usize>n << 2);
  if (bias == 0)
    for (; x + 16 <= end; x += 16, z += 16) {
      const v = f32x4.mul(s, v128.load(x));
      v128.store(z, v);
      lanes = f32x4.pmax(lanes, v);
    }
  else
    for (; x + 16 <= end; x += 16, z += 16, bias += 16) {
      const v = f32x4.add(f32x4.mul(s, v128.load(x)), v128.load(bias));
      v128.store(z, v);
      lanes = f32x4.pmax(lanes, v);
    }
  let most = horizontalMax(lanes);
  for (; x < end; x += 4, z += 4) {
    let v = scale * load<f32>(x);
    if (bias != 0) {
      v += load<f32>(bias);
      bias += 4;
    }
    store<f32>(z, v);
    most = max(most, v);
  }
  return most;
}

/** dx[i,j] = scale · dLoss[i] · (p[i,j] − [j = positive[i]]). */
export function crossEntropyBackward(
  p: usize, scale: f32, positive: usize, dLoss: usize, dx: usize, b: i32, c: i32,
): void {
  const bytes = <usize>c << 2;
  for (let i = 0; i < b; i++, p += bytes, dx += bytes, positive += 4, dLoss += 4) {
    const s = scale * load<f32>(dLoss);
    affine(p, s, 0, dx, c);
    const own = dx + (<usize>load<i32>(positive) << 2);
    store<f32>(own, load<f32>(own) - s);
  }
}

/** x[i,j] = value for every j in columns[offsets[i] … offsets[i+1]). */
export function mask(x: usize, offsets: usize, columns: usize, value: f32, b: i32, c: i32): void {
  const bytes = <usize>c << 2;
  for (let i = 0; i < b; i++, x += bytes, offsets += 4) {
    const end = load<i32>(offsets, 4);
    for (let at = load<i32>(offsets); at < end; at++)
      store<f32>(x + (<usize>load<i32>(columns + (<usize>at << 2)) << 2), value);
  }
}
