import { expectShapes, type Ints, passing, type Tensor, zeros } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

// What losses do with a matrix of scores. A program that only serves has none, and carries nothing of this file.

/** One number of each row.   x: [m, n], columns: [m] → y: [m] */
export const pick: Op<[x: Tensor, columns: Ints]> = op("pick", (x, columns) => {
  const { engine } = x;
  const [m, n] = x.shape;
  expectShapes("pick", columns.length === m, x.shape, [columns.length]);
  const places = passing(engine, [m]); // of x seen as m·n rows of width 1
  const flat = engine.ints(places.pointer, m);
  for (const [i, column] of columns.data.entries()) flat[i] = i * n + column;
  const y = passing(engine, [m]);
  engine.kernels.gather(x.pointer, places.pointer, y.pointer, m, 1, 1);
  return [
    y,
    (dy) => [
      () => {
        const dx = zeros(engine, x.shape); // dx[i, columns[i]] = dy[i]
        engine.kernels.scatterAdd(dy.pointer, 1, places.pointer, dx.pointer, m, 1);
        return dx;
      },
      null,
    ],
  ];
});

/** y[i,j] = x[i,j] + s · column[i].   x: [m, n], column: [m] → y: [m, n] */
export const addColumn: Op<[x: Tensor, column: Tensor, s: number]> = op("addColumn", (x, column, s) => {
  const { engine } = x;
  const [m, n] = x.shape;
  expectShapes("addColumn", column.size === m, x.shape, column.shape);
  const y = passing(engine, x.shape);
  engine.kernels.addColumn(x.pointer, column.pointer, s, y.pointer, m, n);
  return [
    y,
    (dy) => [
      () => dy,
      () => {
        const dColumn = passing(engine, column.shape); // dcolumn = s Σⱼ dy[:,j]
        engine.kernels.sumColumns(dy.pointer, dColumn.pointer, m, n);
        engine.kernels.affine(dColumn.pointer, s, 0, dColumn.pointer, m);
        return dColumn;
      },
      null,
    ],
  ];
});

/**
 * y[i, columns[i]] = x[i, columns[i]] + values[i], the rest as it is.   x: [m, n], columns: [m], values: [m], fixed
 * In place, as maskInPlace is, and under the same condition.
 */
export const shiftInPlace: Op<[x: Tensor, columns: Ints, values: ArrayLike<number>]> = op(
  "shiftInPlace",
  (x, columns, values) => {
    const [m, n] = x.shape;
    expectShapes("shiftInPlace", columns.length === m && values.length === m, x.shape, [columns.length]);
    const { data } = x;
    for (const [i, column] of columns.data.entries()) data[i * n + column] += values[i];
    return [x, (dy) => [() => dy, null, null]]; // dx = dy
  },
);

/**
 * x with the listed columns of row i set to a value: columns[offsets[i] … offsets[i+1]).
 * In place, because a score matrix is the largest thing in a step: y has the memory of x, so x must be the result of
 * an op that does not read it again (matmul, scores, groupDot).
 */
export const maskInPlace: Op<[x: Tensor, offsets: Ints, columns: Ints, value: number]> = op(
  "maskInPlace",
  (x, offsets, columns, value) => {
    const { kernels } = x.engine;
    const [b, c] = x.shape;
    expectShapes("maskInPlace", offsets.length === b + 1, x.shape, [offsets.length]);
    kernels.mask(x.pointer, offsets.pointer, columns.pointer, value, b, c);
    return [
      x,
      (dy) => [
        () => {
          const dx = passing(x.engine, x.shape); // dx = dy, 0 where masked
          kernels.affine(dy.pointer, 1, 0, dx.pointer, dx.size);
          kernels.mask(dx.pointer, offsets.pointer, columns.pointer, 0, b, c);
          return dx;
        },
        null,
        null,
        null,
      ],
    ];
  },
);
