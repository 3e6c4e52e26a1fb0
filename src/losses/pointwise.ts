import { constant } from "../autograd/op.ts";
import { add, affine, dot, maskInPlace, pick, softplus, sumColumns } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import { expectKinds, positive } from "../features/kinds.ts";
import { each } from "../sampling/each.ts";
import { uniform } from "../sampling/negatives.ts";
import { intsOf } from "../tensor/tensor.ts";
import { type Judged, type Loss, MASKED } from "./loss.ts";

/** Options of `pointwise`. */
export interface PointwiseOptions {
  /**
   * s: turns a cosine into a logit. With s = 1 a perfect positive would still cost log(1 + e⁻¹) = 0.3133, so there is
   * always pressure and never certainty; large enough, and ±1 are as good as sure. Default 5.
   */
  readonly scale?: number;
}

/**
 * Pointwise: is this pair an interaction? Positives are pushed to cos = +1, sampled negatives to −1, as binary
 * classification of the logit z = s · cos:
 *   L = ( log(1 + e^−z⁺) + Σⱼ log(1 + e^zⱼ) ) / (1 + number of negatives)
 */
export function pointwise(options: PointwiseOptions = {}): Loss {
  expectKinds("pointwise", options, { scale: positive });
  const { scale = 5 } = options;

  const forward = ({ scores, positive, masked, weights }: Judged): Var => {
    const { engine } = scores.value;
    const [b, c] = scores.value.shape;
    const ofPositive = softplus(affine(pick(scores, positive), -scale, 0)); // −log σ(z⁺)
    let logits = affine(scores, scale, 0);
    if (masked) logits = maskInPlace(logits, masked.offsets, masked.columns, MASKED);
    const rows = intsOf(
      engine,
      Int32Array.from({ length: b + 1 }, (_, i) => i),
    );
    logits = maskInPlace(logits, rows, positive, MASKED);
    const ofNegatives = sumColumns(softplus(logits)); // −Σⱼ log(1 − σ(zⱼ))
    return dot(affine(add(ofPositive, ofNegatives), 1 / c, 0), constant(weights));
  };
  return { name: "pointwise", options: { scale }, negatives: each(uniform(3)), build: () => ({ forward }) };
}
