import { constant } from "../autograd/op.ts";
import { addColumn, affine, dot, maskInPlace, pick, relu, softplus, sumColumns } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import { between, expectKinds, oneOf, positive } from "../features/kinds.ts";
import { each } from "../sampling/each.ts";
import { uniform } from "../sampling/negatives.ts";
import { intsOf } from "../tensor/tensor.ts";
import { type Judged, type Loss, MASKED } from "./loss.ts";

/** Options of `pairwise`. */
export interface PairwiseOptions {
  /** m: how much nearer the positive has to be, in cosine. Default 0.5. */
  readonly margin?: number;
  /** "hinge", or "logistic": log(1 + e^(gap / T)), which never quite stops pulling (BPR; Rendle 2009). Default "hinge". */
  readonly variant?: "hinge" | "logistic";
  /** T of the logistic variant. Default 0.1. */
  readonly temperature?: number;
}

/**
 * Pairwise: the positive must be nearer than each negative by a margin,
 *   L = mean over negatives of max{0, cos(u, v⁻) + m − cos(u, v⁺)}
 */
export function pairwise(options: PairwiseOptions = {}): Loss {
  // Cosines differ by at most 2.
  expectKinds("pairwise", options, {
    margin: between(0, 2),
    variant: oneOf("hinge", "logistic"),
    temperature: positive,
  });
  const { margin = 0.5, variant = "hinge", temperature = 0.1 } = options;

  const forward = ({ scores, positive, masked, weights }: Judged): Var => {
    const { engine } = scores.value;
    const [b, c] = scores.value.shape;
    const steepness = variant === "hinge" ? 1 : 1 / temperature;
    // gap[i,j] = (cos(u, vⱼ) + m − cos(u, v⁺)) · steepness: above 0 is a violation
    let gap = affine(addColumn(scores, pick(scores, positive), -1), steepness, margin * steepness);
    if (masked) gap = maskInPlace(gap, masked.offsets, masked.columns, MASKED);
    const rows = intsOf(
      engine,
      Int32Array.from({ length: b + 1 }, (_, i) => i),
    );
    gap = maskInPlace(gap, rows, positive, MASKED); // the positive against itself says nothing
    const violation = variant === "hinge" ? relu(gap) : softplus(gap);
    return dot(affine(sumColumns(violation), 1 / Math.max(1, c - 1), 0), constant(weights));
  };
  return {
    name: "pairwise",
    options: { margin, variant, temperature },
    negatives: each(uniform(3)),
    build: () => ({ forward }),
  };
}
