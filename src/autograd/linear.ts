import { expectShapes, passing, type Tensor, zeros } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

/** y = x w + bias; of that, max(0, ·) where `rectify`.   x: [m, k], w: [k, n], bias: [n] → y: [m, n] */
export const linear: Op<[x: Tensor, w: Tensor, bias: Tensor, rectify: boolean]> = op(
  "linear",
  (x, w, bias, rectify) => {
    const { engine } = x;
    const { kernels } = engine;
    const [m, k] = x.shape;
    const n = w.shape[1];
    expectShapes("linear", w.shape[0] === k && bias.size === n, x.shape, w.shape, bias.shape);
    const y = passing(engine, [m, n]);
    kernels.linear(x.pointer, w.pointer, bias.pointer, y.pointer, m, n, k, rectify, false);
    return [
      y,
      (dy) => {
        const dz = rectify ? passing(engine, y.shape) : dy; // dz = dy where y > 0
        if (rectify) kernels.reluBackward(y.pointer, dy.pointer, dz.pointer, dz.size);
        return [
          () => {
            const dx = passing(engine, x.shape); // dx = dz wᵀ
            kernels.matmulNT(dz.pointer, w.pointer, dx.pointer, m, k, n, false);
            return dx;
          },
          () => {
            const dw = passing(engine, w.shape); // dw = xᵀ dz
            kernels.matmulTN(x.pointer, dz.pointer, dw.pointer, k, n, m, false);
            return dw;
          },
          () => {
            const dBias = zeros(engine, bias.shape); // dbias = Σᵢ dz[i,:]
            kernels.sumRows(dz.pointer, dBias.pointer, m, n);
            return dBias;
          },
          null,
        ];
      },
    ];
  },
);

/** Every row of u against every row of v.   u: [b, d], v: [c, d] → y = u vᵀ: [b, c] */
export const scores: Op<[u: Tensor, v: Tensor]> = op("scores", (u, v) => {
  const { engine } = u;
  const { kernels } = engine;
  const [b, d] = u.shape;
  const c = v.shape[0];
  expectShapes("scores", v.shape[1] === d, u.shape, v.shape);
  const y = passing(engine, [b, c]);
  kernels.matmulNT(u.pointer, v.pointer, y.pointer, b, c, d, false);
  return [
    y,
    (dy) => [
      () => {
        const du = passing(engine, u.shape); // du = dy v
        kernels.matmulNN(dy.pointer, v.pointer, du.pointer, b, d, c, false);
        return du;
      },
      () => {
        const dv = passing(engine, v.shape); // dv = dyᵀ u
        kernels.matmulTN(dy.pointer, u.pointer, dv.pointer, c, d, b, false);
        return dv;
      },
    ],
  ];
});

/** y = x ∘ factors, the same for every row.   x: [m, n], factors: [n] → y: [m, n] */
export const scaleColumns: Op<[x: Tensor, factors: Tensor]> = op("scaleColumns", (x, factors) => {
  const { engine } = x;
  const { kernels } = engine;
  const [m, n] = x.shape;
  expectShapes("scaleColumns", factors.size === n, x.shape, factors.shape);
  const times = (z: Tensor): Tensor => {
    const y = passing(engine, z.shape);
    kernels.multiplyRow(z.pointer, factors.pointer, y.pointer, m, n);
    return y;
  };
  return [
    times(x),
    (dy) => [
      () => times(dy), // dx = dy ∘ factors
      () => {
        const product = passing(engine, x.shape);
        const dFactors = zeros(engine, factors.shape); // dfactors = Σᵢ dy[i,:] ∘ x[i,:]
        kernels.multiply(dy.pointer, x.pointer, product.pointer, x.size);
        kernels.sumRows(product.pointer, dFactors.pointer, m, n);
        return dFactors;
      },
    ],
  ];
});

/** y = x + bias, the same for every row.   x: [m, n], bias: [n] → y: [m, n] */
export const addBias: Op<[x: Tensor, bias: Tensor]> = op("addBias", (x, bias) => {
  const { engine } = x;
  const [m, n] = x.shape;
  expectShapes("addBias", bias.size === n, x.shape, bias.shape);
  const y = passing(engine, x.shape);
  engine.kernels.addRow(x.pointer, bias.pointer, y.pointer, m, n);
  return [
    y,
    (dy) => [
      () => dy,
      () => {
        const dBias = zeros(engine, bias.shape); // dbias = Σᵢ dy[i,:]
        engine.kernels.sumRows(dy.pointer, dBias.pointer, m, n);
        return dBias;
      },
    ],
  ];
});
