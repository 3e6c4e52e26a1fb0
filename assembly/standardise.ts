// Rows of mean 0 and variance 1: what layer normalisation is made of.
import { affine, multiply } from "./elementwise";
import { dot, sum } from "./reduce";

/** y[i,:] = (x[i,:] − mean) · inverse[i], inverse = 1 / √(variance + 1e-5). */
export function standardiseRows(x: usize, y: usize, inverse: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes, y += bytes, inverse += 4) {
    affine(x, 1, -sum(x, n) / <f32>n, y, n);
    const s: f32 = 1 / sqrt<f32>(dot(y, y, n) / <f32>n + 1e-5);
    store<f32>(inverse, s);
    affine(y, s, 0, y, n);
  }
}

/** dx = inverse · (dy − mean(dy) − y · mean(dy ∘ y)), row by row. */
export function standardiseRowsBackward(y: usize, inverse: usize, dy: usize, dx: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, y += bytes, dy += bytes, dx += bytes, inverse += 4) {
    const s = load<f32>(inverse);
    const mean = sum(dy, n) / <f32>n, along = dot(dy, y, n) / <f32>n;
    let py = y, pdy = dy, pdx = dx;
    const end = y + bytes;
    const ms = f32x4.splat(mean), as = f32x4.splat(along), ss = f32x4.splat(s);
    for (; py + 16 <= end; py += 16, pdy += 16, pdx += 16)
      v128.store(pdx, f32x4.mul(ss, f32x4.sub(f32x4.sub(v128.load(pdy), ms), f32x4.mul(v128.load(py), as))));
    for (; py < end; py += 4, pdy += 4, pdx += 4)
      store<f32>(pdx, s * (load<f32>(pdy) - mean - load<f32>(py) * along));
  }
}

/** y[i,j] = x[i,j] · row[j]. */
export function multiplyRow(x: usize, row: usize, y: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes, y += bytes) multiply(x, row, y, n);
}
