import { expectShapes, passing, type Tensor } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

/** Each of b queries and its own k candidates: y[i,j] = u[i,:] · v[i·k + j,:].   u: [b, d], v: [b·k, d] → y: [b, k] */
export const groupDot: Op<[u: Tensor, v: Tensor]> = op("groupDot", (u, v) => {
  expectShapes("groupDot", u.shape[1] === v.shape[1] && v.shape[0] % u.shape[0] === 0, u.shape, v.shape);
  const { engine } = u;
  const { kernels } = engine;
  const [b, d] = u.shape;
  const k = v.shape[0] / b;
  const y = passing(engine, [b, k]);
  kernels.groupDot(u.pointer, v.pointer, y.pointer, b, k, d);
  return [
    y,
    (dy) => [
      () => {
        const du = passing(engine, u.shape); // du[i] = Σⱼ dy[i,j] v[i·k + j]
        kernels.groupSum(dy.pointer, v.pointer, du.pointer, b, k, d);
        return du;
      },
      () => {
        const dv = passing(engine, v.shape); // dv[i·k + j] = dy[i,j] u[i]
        kernels.groupOuter(dy.pointer, u.pointer, dv.pointer, b, k, d);
        return dv;
      },
    ],
  ];
});
