import { expectShapes, passing, type Tensor, tensorOf, zeros } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

/** The sum of everything.   x: any → y: [1] */
export const sum: Op<[x: Tensor]> = op("sum", (x) => {
  const { engine } = x;
  const y = tensorOf(engine, [1], [engine.kernels.sum(x.pointer, x.size)]);
  return [
    y,
    (dy) => [
      () => {
        const dx = passing(engine, x.shape); // dx = dy everywhere
        engine.kernels.fill(dx.pointer, dy.data[0], dx.size);
        return dx;
      },
    ],
  ];
});

/** The sum of each row.   x: [m, n] → y: [m] */
export const sumColumns: Op<[x: Tensor]> = op("sumColumns", (x) => {
  const { engine } = x;
  const [m, n] = x.shape;
  const y = passing(engine, [m]);
  engine.kernels.sumColumns(x.pointer, y.pointer, m, n);
  return [
    y,
    (dy) => [
      () => {
        const dx = zeros(engine, x.shape); // dx[i,j] = dy[i]
        engine.kernels.addColumn(dx.pointer, dy.pointer, 1, dx.pointer, m, n);
        return dx;
      },
    ],
  ];
});

/** The dot product of two tensors of one size.   x, y: [m] → z: [1] */
export const dot: Op<[x: Tensor, y: Tensor]> = op("dot", (x, y) => {
  const { engine } = x;
  expectShapes("dot", x.size === y.size, x.shape, y.shape);
  const z = passing(engine, [1]);
  engine.kernels.rowDot(x.pointer, y.pointer, z.pointer, 1, x.size);
  const times = (dz: Tensor, other: Tensor): Tensor => {
    const dx = passing(engine, other.shape);
    engine.kernels.affine(other.pointer, dz.data[0], 0, dx.pointer, dx.size);
    return dx;
  };
  return [
    z,
    (dz) => [
      () => times(dz, y), // (x·y)′ = x′·y + x·y′
      () => times(dz, x),
    ],
  ];
});
