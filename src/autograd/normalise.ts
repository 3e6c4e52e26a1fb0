import { passing, type Tensor } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

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
