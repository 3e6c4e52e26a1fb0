// Rows of length 1, so that a dot product is a cosine.
import { affine } from "./elementwise";
import { dot } from "./reduce";

/** norms[i] = max(‖x[i,:]‖, 1e-12), y[i,:] = x[i,:] / norms[i]. */
export function normaliseRows(x: usize, y: usize, norms: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes, y += bytes, norms += 4) {
    const norm = max<f32>(sqrt<f32>(dot(x, x, n)), 1e-12);
    store<f32>(norms, norm);
    affine(x, 1 / norm, 0, y, n);
  }
}

/** dx = (dy − y (y · dy)) / norm. */
export function normaliseRowsBackward(y: usize, norms: usize, dy: usize, dx: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, norms += 4) {
    const along = dot(y, dy, n);
    const inverse: f32 = 1 / load<f32>(norms);
    const a = f32x4.splat(along), s = f32x4.splat(inverse);
    const end = y + bytes;
    for (; y + 16 <= end; y += 16, dy += 16, dx += 16)
      v128.store(dx, f32x4.mul(f32x4.sub(v128.load(dy), f32x4.mul(v128.load(y), a)), s));
    for (; y < end; y += 4, dy += 4, dx += 4) store<f32>(dx, (load<f32>(dy) - load<f32>(y) * along) * inverse);
  }
}
