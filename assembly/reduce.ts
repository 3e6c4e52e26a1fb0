// Rows and columns of a matrix x[m,n], and sums. Sums run in four lanes joined in a fixed order, for the same bits anywhere.
import { add, affine } from "./elementwise";
import { horizontalSum } from "./math";

/** Σ x. */
export function sum(x: usize, n: i32): f32 {
  let lanes = f32x4.splat(0);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16) lanes = f32x4.add(lanes, v128.load(x));
  let total = horizontalSum(lanes);
  for (; x < end; x += 4) total += load<f32>(x);
  return total;
}

/** x · y; two chains of sums, because an addition takes four cycles and two can start in each. */
export function dot(x: usize, y: usize, n: i32): f32 {
  let even = f32x4.splat(0), odd = even;
  const end = x + (<usize>n << 2);
  for (; x + 32 <= end; x += 32, y += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(x), v128.load(y)));
    odd = f32x4.add(odd, f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
  }
  let total = horizontalSum(f32x4.add(even, odd));
  for (; x < end; x += 4, y += 4) total += load<f32>(x) * load<f32>(y);
  return total;
}

/** y[i,j] = x[i,j] + row[j]. */
export function addRow(x: usize, row: usize, y: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes, y += bytes) add(x, row, y, n);
}

/** y[i,j] = x[i,j] + s · column[i]. */
export function addColumn(x: usize, column: usize, s: f32, y: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes, y += bytes, column += 4) affine(x, 1, s * load<f32>(column), y, n);
}

/** out[j] += Σᵢ x[i,j]. */
export function sumRows(x: usize, out: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes) add(out, x, out, n);
}

/** out[i] = Σⱼ x[i,j]. */
export function sumColumns(x: usize, out: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes, out += 4) store<f32>(out, sum(x, n));
}

/** out[i] = x[i,:] · y[i,:]. */
export function rowDot(x: usize, y: usize, out: usize, m: i32, n: i32): void {
  const bytes = <usize>n << 2;
  for (let i = 0; i < m; i++, x += bytes, y += bytes, out += 4) store<f32>(out, dot(x, y, n));
}

/** Copies `width` floats a row between matrices whose rows are xStride and yStride floats apart. */
export function copyRows(x: usize, xStride: i32, y: usize, yStride: i32, m: i32, width: i32): void {
  for (let i = 0; i < m; i++, x += <usize>xStride << 2, y += <usize>yStride << 2) memory.copy(y, x, <usize>width << 2);
}
