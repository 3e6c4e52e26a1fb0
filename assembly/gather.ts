// Rows of embedding tables, and groups of rows that belong to one query.
import { add, affine, axpy } from "./elementwise";
import { dot } from "./reduce";

// @ts-ignore: decorator
@inline
function rowAt(table: usize, rows: usize, i: i32, d: i32): usize {
  return table + ((<usize>load<i32>(rows + (<usize>i << 2)) * d) << 2);
}

/** y[i,:] = table[rows[i],:]; rows of y are yStride floats apart. */
export function gather(table: usize, rows: usize, y: usize, count: i32, d: i32, yStride: i32): void {
  for (let i = 0; i < count; i++, y += <usize>yStride << 2) affine(rowAt(table, rows, i, d), 1, 0, y, d);
}

/** table[rows[i],:] += dy[i,:]; rows of dy are dyStride floats apart. */
export function scatterAdd(dy: usize, dyStride: i32, rows: usize, table: usize, count: i32, d: i32): void {
  for (let i = 0; i < count; i++, dy += <usize>dyStride << 2) {
    const target = rowAt(table, rows, i, d);
    add(target, dy, target, d);
  }
}

/** y[i,:] = mean of table[r,:] over bag i; 0 for an empty bag. */
export function poolMean(table: usize, rows: usize, offsets: usize, y: usize, b: i32, d: i32, yStride: i32): void {
  const bytes = <usize>d << 2;
  for (let i = 0; i < b; i++, y += <usize>yStride << 2, offsets += 4) {
    const start = load<i32>(offsets), end = load<i32>(offsets, 4);
    memory.fill(y, 0, bytes);
    const share: f32 = 1 / <f32>(end - start);
    for (let at = start; at < end; at++) axpy(share, rowAt(table, rows, at, d), y, d);
  }
}

/** table[r,:] += dy[i,:] / length of bag i, for every r in bag i. */
export function poolMeanBackward(
  dy: usize, dyStride: i32, rows: usize, offsets: usize, table: usize, b: i32, d: i32,
): void {
  for (let i = 0; i < b; i++, dy += <usize>dyStride << 2, offsets += 4) {
    const start = load<i32>(offsets), end = load<i32>(offsets, 4);
    const share: f32 = 1 / <f32>(end - start);
    for (let at = start; at < end; at++) axpy(share, dy, rowAt(table, rows, at, d), d);
  }
}

/** Extends the list `unique` by the rows not yet in it; positions[i] is the place of rows[i]. A sparse set: see the contract. */
export function uniqueRows(rows: usize, count: i32, slots: usize, unique: usize, uniqueCount: i32, positions: usize): i32 {
  for (let i = 0; i < count; i++, rows += 4, positions += 4) {
    const row = load<i32>(rows);
    const slot = slots + (<usize>row << 2);
    let place = load<i32>(slot);
    if (<u32>place >= <u32>uniqueCount || load<i32>(unique + (<usize>place << 2)) != row) {
      place = uniqueCount++;
      store<i32>(slot, place);
      store<i32>(unique + (<usize>place << 2), row);
    }
    store<i32>(positions, place);
  }
  return uniqueCount;
}

/** out[i,j] = u[i,:] · v[i·k + j,:]. */
export function groupDot(u: usize, v: usize, out: usize, b: i32, k: i32, d: i32): void {
  const bytes = <usize>d << 2;
  for (let i = 0; i < b; i++, u += bytes)
    for (let j = 0; j < k; j++, v += bytes, out += 4) store<f32>(out, dot(u, v, d));
}

/** y[i,:] = Σⱼ w[i,j] · v[i·k + j,:]. */
export function groupSum(w: usize, v: usize, y: usize, b: i32, k: i32, d: i32): void {
  const bytes = <usize>d << 2;
  for (let i = 0; i < b; i++, y += bytes) {
    memory.fill(y, 0, bytes);
    for (let j = 0; j < k; j++, v += bytes, w += 4) axpy(load<f32>(w), v, y, d);
  }
}

/** v[i·k + j,:] = w[i,j] · u[i,:]. */
export function groupOuter(w: usize, u: usize, v: usize, b: i32, k: i32, d: i32): void {
  const bytes = <usize>d << 2;
  for (let i = 0; i < b; i++, u += bytes)
    for (let j = 0; j < k; j++, v += bytes, w += 4) affine(u, load<f32>(w), 0, v, d);
}
