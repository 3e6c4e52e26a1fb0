import { expectShapes, passing, type Tensor } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

const like = (x: Tensor): Tensor => passing(x.engine, x.shape);

/** z = x ∘ y in new memory. */
function product(x: Tensor, y: Tensor): Tensor {
  const z = like(x);
  x.engine.kernels.multiply(x.pointer, y.pointer, z.pointer, z.size);
  return z;
}

/** y = s x + t in new memory. */
function scaled(x: Tensor, s: number, t: number): Tensor {
  const y = like(x);
  x.engine.kernels.affine(x.pointer, s, t, y.pointer, y.size);
  return y;
}

/** z = x + y.   Both of one shape. */
export const add: Op<[x: Tensor, y: Tensor]> = op("add", (x, y) => {
  expectShapes("add", x.size === y.size, x.shape, y.shape);
  const z = like(x);
  x.engine.kernels.add(x.pointer, y.pointer, z.pointer, z.size);
  return [z, (dz) => [() => dz, () => dz]];
});

/** z = x ∘ y.   Both of one shape. */
export const multiply: Op<[x: Tensor, y: Tensor]> = op("multiply", (x, y) => {
  expectShapes("multiply", x.size === y.size, x.shape, y.shape);
  return [
    product(x, y),
    (dz) => [
      () => product(dz, y), // (xy)′ = x′y + xy′
      () => product(dz, x),
    ],
  ];
});

/** y = s x + t for two plain numbers s and t. */
export const affine: Op<[x: Tensor, s: number, t: number]> = op("affine", (x, s, t) => [
  scaled(x, s, t),
  (dy) => [() => scaled(dy, s, 0), null, null],
]);

/** y = s x for a number s that is itself learnt.   x: any, s: [1] */
export const timesScalar: Op<[x: Tensor, s: Tensor]> = op("timesScalar", (x, s) => {
  expectShapes("timesScalar", s.size === 1, x.shape, s.shape);
  return [
    scaled(x, s.data[0], 0),
    (dy) => [
      () => scaled(dy, s.data[0], 0),
      () => {
        const ds = passing(x.engine, [1]); // ds = Σ dy ∘ x
        x.engine.kernels.rowDot(dy.pointer, x.pointer, ds.pointer, 1, x.size);
        return ds;
      },
    ],
  ];
});

/** y = max(0, x). */
export const relu: Op<[x: Tensor]> = op("relu", (x) => {
  const y = like(x);
  x.engine.kernels.relu(x.pointer, y.pointer, y.size);
  return [
    y,
    (dy) => [
      () => {
        const dx = like(x); // dx = dy where y > 0
        x.engine.kernels.reluBackward(y.pointer, dy.pointer, dx.pointer, dx.size);
        return dx;
      },
    ],
  ];
});

/** y = eˣ. */
export const exp: Op<[x: Tensor]> = op("exp", (x) => {
  const y = like(x);
  x.engine.kernels.exp(x.pointer, y.pointer, y.size);
  return [y, (dy) => [() => product(dy, y)]]; // dx = dy eˣ
});

/** y = log(1 + eˣ): −log σ(−x), the loss of a classifier with logit x. */
export const softplus: Op<[x: Tensor]> = op("softplus", (x) => {
  const y = like(x);
  x.engine.kernels.softplus(x.pointer, y.pointer, y.size);
  return [
    y,
    (dy) => [
      () => {
        const dx = like(x); // dx = dy σ(x)
        x.engine.kernels.sigmoid(x.pointer, dx.pointer, dx.size);
        x.engine.kernels.multiply(dx.pointer, dy.pointer, dx.pointer, dx.size);
        return dx;
      },
    ],
  ];
});
