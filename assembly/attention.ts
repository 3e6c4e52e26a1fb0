// Attention of a sequence to its own past: row i of the scores looks at columns 0 … i and no further.
import { add, affine, multiply } from "./elementwise";
import { dot } from "./reduce";
import { exponentials, largest } from "./softmax";

/** y[i,j] = softmax over j ≤ i of scale · x[i,j] + recency[n − 1 − i + j]; 0 for j > i. */
export function causalSoftmax(x: usize, scale: f32, recency: usize, y: usize, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < n; i++, x += bytes, y += bytes) {
    const seen = i + 1;
    affine(x, scale, 0, y, seen);
    add(y, recency + (<usize>(n - seen) << 2), y, seen);
    const total = exponentials(y, largest(y, seen), y, seen);
    affine(y, 1 / total, 0, y, seen);
    memory.fill(y + (<usize>seen << 2), 0, <usize>(n - seen) << 2);
  }
}

/** dz = y ∘ (dy − Σⱼ dy y) over j ≤ i; dx = scale · dz, dRecency[n − 1 − i + j] += dz. */
export function causalSoftmaxBackward(y: usize, dy: usize, scale: f32, dx: usize, dRecency: usize, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < n; i++, y += bytes, dy += bytes, dx += bytes) {
    const seen = i + 1;
    affine(dy, 1, -dot(y, dy, seen), dx, seen);
    multiply(y, dx, dx, seen);
    const r = dRecency + (<usize>(n - seen) << 2);
    add(r, dx, r, seen);
    affine(dx, scale, 0, dx, seen);
    memory.fill(dx + (<usize>seen << 2), 0, <usize>(n - seen) << 2);
  }
}
