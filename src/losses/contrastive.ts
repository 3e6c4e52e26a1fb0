import { constant } from "../autograd/op.ts";
import { affine, crossEntropy, scores, sum } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import { intsOf, tensorOf, zeros } from "../tensor/tensor.ts";

/**
 * Of two views of n things, each first must find its own second among all seconds (Yao et al. 2021, equation 3):
 *   L = −(1/n) Σᵢ log( e^{s(zᵢ, z′ᵢ)/T} / Σⱼ e^{s(zᵢ, z′ⱼ)/T} )
 * s is the cosine: the views have length 1.   first, second: [n, d] → [1]
 */
export function contrastive(first: Var, second: Var, temperature: number): Var {
  const { engine, shape } = first.value;
  const n = shape[0];
  const own = intsOf(
    engine,
    Int32Array.from({ length: n }, (_, i) => i),
  );
  const scale = constant(tensorOf(engine, [1], [1 / temperature]));
  return affine(sum(crossEntropy(scores(first, second), scale, constant(zeros(engine, [n])), own)), 1 / n, 0);
}
