import { expectShapes, type Ints, passing, type Tensor } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";
import { RowGradient } from "./row-gradient.ts";
import type { Gradient } from "./var.ts";

/** The chosen rows of a table.   table: [n, d], rows: [m] → y: [m, d] */
export const gather: Op<[table: Tensor, rows: Ints]> = op("gather", (table, rows) => {
  const { engine } = table;
  const d = table.shape[1];
  const y = passing(engine, [rows.length, d]);
  engine.kernels.gather(table.pointer, rows.pointer, y.pointer, rows.length, d, d);
  return [y, (dy) => [() => new RowGradient(dy.pointer, d, rows), null]]; // dtable[rows[i],:] += dy[i,:]
});

/** What is read of a table for each row of a batch: one row, or with `offsets` the mean of a bag (0 if it is empty). */
export interface Reading {
  readonly rows: Ints;
  readonly offsets?: Ints | undefined;
}

/** Readings, and matrices as they are, side by side into y: [m, d₁ + d₂ + …]. */
export function lookUpInto(y: Tensor, readings: readonly (Reading | undefined)[], sources: readonly Tensor[]): Tensor {
  const { kernels, floatBytes } = y.engine;
  const [m, width] = y.shape;
  let to = y.pointer;
  for (const [i, { pointer, shape }] of sources.entries()) {
    const reading = readings[i];
    const d = shape[1];
    if (reading === undefined) kernels.copyRows(pointer, d, to, width, m, d);
    else if (reading.offsets === undefined) kernels.gather(pointer, reading.rows.pointer, to, m, d, width);
    else kernels.poolMean(pointer, reading.rows.pointer, reading.offsets.pointer, to, m, d, width);
    to += d * floatBytes;
  }
  return y;
}

/**
 * Readings of tables, and matrices as they are (no reading), side by side: y: [m, d₁ + d₂ + …].
 * Rows go from their table to their place in y, and gradients back, without a matrix of their own in between.
 */
export const lookUp: Op<[m: number, readings: readonly (Reading | undefined)[], ...sources: Tensor[]]> = op(
  "lookUp",
  (m, readings, ...sources) => {
    const { engine } = sources[0];
    const { kernels, floatBytes } = engine;
    const starts: number[] = [];
    let width = 0;
    for (const [i, { shape }] of sources.entries()) {
      const { rows, offsets } = readings[i] ?? {};
      const count = offsets ? offsets.length - 1 : (rows?.length ?? shape[0]);
      expectShapes("lookUp", count === m, [m], [count]);
      starts.push(width);
      width += shape[1];
    }
    const y = lookUpInto(passing(engine, [m, width]), readings, sources);
    const pull = (dy: Tensor, i: number) => (): Gradient => {
      const reading = readings[i];
      const own = dy.pointer + starts[i] * floatBytes; // its columns of dy
      if (reading) return new RowGradient(own, width, reading.rows, reading.offsets);
      const dSource = passing(engine, sources[i].shape);
      const d = dSource.shape[1];
      kernels.copyRows(own, width, dSource.pointer, d, m, d);
      return dSource;
    };
    return [y, (dy) => [null, null, ...sources.map((_, i) => pull(dy, i))]];
  },
);

/** Matrices side by side.   parts: [m, n₁], [m, n₂] … → y: [m, n₁ + n₂ + …] */
export const concat: Op<Tensor[]> = op("concat", (...parts) => {
  const { engine } = parts[0];
  const m = parts[0].shape[0];
  expectShapes(
    "concat",
    parts.every((part) => part.shape[0] === m),
    ...parts.map((part) => part.shape),
  );
  const width = parts.reduce((total, part) => total + part.shape[1], 0);
  const bytes = engine.floatBytes;
  const y = passing(engine, [m, width]);
  let column = 0;
  const starts = parts.map((part) => {
    const start = column;
    const n = part.shape[1];
    engine.kernels.copyRows(part.pointer, n, y.pointer + start * bytes, width, m, n);
    column += n;
    return start;
  });
  return [
    y,
    (dy) =>
      parts.map((part, i) => () => {
        const dPart = passing(engine, part.shape); // its own columns of dy
        const n = part.shape[1];
        engine.kernels.copyRows(dy.pointer + starts[i] * bytes, width, dPart.pointer, n, m, n);
        return dPart;
      }),
  ];
});
