import { expectShapes, type Ints, passing, type Tensor, zeros } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

/**
 * Cross entropy of each row against one column, z = scale · x + bias:
 * y[i] = log Σⱼ e^z[i,j] − z[i, positive[i]].   x: [b, c], scale: [1], bias: [c], positive: [b] → y: [b]
 */
export const crossEntropy: Op<[x: Tensor, scale: Tensor, bias: Tensor, positive: Ints]> = op(
  "crossEntropy",
  (x, scale, bias, positive) => {
    const { engine } = x;
    const { kernels } = engine;
    const [b, c] = x.shape;
    expectShapes("crossEntropy", bias.size === c && positive.length === b, x.shape, bias.shape, [positive.length]);
    const s = scale.data[0];
    const p = passing(engine, x.shape);
    const y = passing(engine, [b]);
    kernels.crossEntropy(x.pointer, s, bias.pointer, positive.pointer, p.pointer, y.pointer, b, c);
    return [
      y,
      (dy) => {
        // All three gradients are made of dx, which takes the memory of p: [b, c] is the largest thing in a step.
        let dx: Tensor | undefined;
        const residual = (): Tensor => {
          if (dx === undefined)
            kernels.crossEntropyBackward(p.pointer, s, positive.pointer, dy.pointer, p.pointer, b, c);
          return (dx ??= p);
        };
        return [
          residual, // dx = scale (p − onehot) dy
          () => {
            const dScale = passing(engine, [1]); // dscale = Σ x ∘ (p − onehot) dy
            kernels.rowDot(residual().pointer, x.pointer, dScale.pointer, 1, x.size);
            kernels.affine(dScale.pointer, 1 / s, 0, dScale.pointer, 1);
            return dScale;
          },
          () => {
            const dBias = zeros(engine, bias.shape); // dbias = Σᵢ (p − onehot) dy
            kernels.sumRows(residual().pointer, dBias.pointer, b, c);
            kernels.affine(dBias.pointer, 1 / s, 0, dBias.pointer, c);
            return dBias;
          },
          null,
        ];
      },
    ];
  },
);
