import { expectShapes, passing, type Tensor } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

// Three ops closed under differentiation: each of b queries u[i,:] owns the k rows v[i·k … (i+1)·k).
// groupDot scores a query's own candidates, groupSum is a weighted sum of them (attention), groupOuter is their gradient.

function dot(u: Tensor, v: Tensor): Tensor {
  const [b, d] = u.shape;
  const k = v.shape[0] / b;
  const y = passing(u.engine, [b, k]);
  u.engine.kernels.groupDot(u.pointer, v.pointer, y.pointer, b, k, d);
  return y;
}

function weightedSum(w: Tensor, v: Tensor): Tensor {
  const [b, k] = w.shape;
  const d = v.shape[1];
  const y = passing(w.engine, [b, d]);
  w.engine.kernels.groupSum(w.pointer, v.pointer, y.pointer, b, k, d, false);
  return y;
}

function outer(w: Tensor, u: Tensor): Tensor {
  const [b, k] = w.shape;
  const d = u.shape[1];
  const y = passing(w.engine, [b * k, d]);
  w.engine.kernels.groupOuter(w.pointer, u.pointer, y.pointer, b, k, d, false);
  return y;
}

/** y[i,j] = u[i,:] · v[i·k + j,:].   u: [b, d], v: [b·k, d] → y: [b, k] */
export const groupDot: Op<[u: Tensor, v: Tensor]> = op("groupDot", (u, v) => {
  expectShapes("groupDot", u.shape[1] === v.shape[1] && v.shape[0] % u.shape[0] === 0, u.shape, v.shape);
  return [
    dot(u, v),
    (dy) => [
      () => weightedSum(dy, v), // du[i] = Σⱼ dy[i,j] v[i·k+j]
      () => outer(dy, u), // dv[i·k+j] = dy[i,j] u[i]
    ],
  ];
});

/** y[i,:] = Σⱼ w[i,j] v[i·k + j,:].   w: [b, k], v: [b·k, d] → y: [b, d] */
export const groupSum: Op<[w: Tensor, v: Tensor]> = op("groupSum", (w, v) => {
  expectShapes("groupSum", w.size === v.shape[0], w.shape, v.shape);
  return [
    weightedSum(w, v),
    (dy) => [
      () => dot(dy, v), // dw[i,j] = dy[i] · v[i·k+j]
      () => outer(w, dy), // dv[i·k+j] = w[i,j] dy[i]
    ],
  ];
});
