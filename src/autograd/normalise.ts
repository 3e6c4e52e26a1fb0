import { passing, type Tensor } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

/** Rows of mean 0 and variance 1.   x: [m, n] → y = (x − mean) / √(variance + 1e-5): [m, n] */
export const standardise: Op<[x: Tensor]> = op("standardise", (x) => {
  const { engine } = x;
  const [m, n] = x.shape;
  const y = passing(engine, x.shape);
  const inverse = passing(engine, [m]);
  engine.kernels.standardiseRows(x.pointer, y.pointer, inverse.pointer, m, n);
  return [
    y,
    (dy) => [
      () => {
        const dx = passing(engine, x.shape); // dx = (dy − mean(dy) − y mean(dy ∘ y)) / √(variance + 1e-5)
        engine.kernels.standardiseRowsBackward(y.pointer, inverse.pointer, dy.pointer, dx.pointer, m, n);
        return dx;
      },
    ],
  ];
});

/** Rows of length 1, so that a dot product is a cosine.   x: [m, n] → y = x / ‖x‖: [m, n] */
export const normalise: Op<[x: Tensor]> = op("normalise", (x) => {
  const { engine } = x;
  const [m, n] = x.shape;
  const y = passing(engine, x.shape);
  const norms = passing(engine, [m]);
  engine.kernels.normaliseRows(x.pointer, y.pointer, norms.pointer, m, n);
  return [
    y,
    (dy) => [
      () => {
        const dx = passing(engine, x.shape); // dx = (dy − y (y · dy)) / ‖x‖
        engine.kernels.normaliseRowsBackward(y.pointer, norms.pointer, dy.pointer, dx.pointer, m, n);
        return dx;
      },
    ],
  ];
});
