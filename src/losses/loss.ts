import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Ints, Tensor } from "../tensor/tensor.ts";

/**
 * What a loss judges: for each of b users the scores of c candidates, of which one is the positive.
 * Every layout of candidates (shared by the batch, one's own, the whole catalogue) arrives in this form.
 */
export interface Judged {
  /** Cosines of users and candidates, [b, c]. */
  readonly scores: Var;
  /** The column of each user's positive, [b]; every other column is a negative. */
  readonly positive: Ints;
  /**
   * −log Q of each candidate, [c], or of each entry, [b, c], Q being how many times it is expected among a row's
   * negatives: what a softmax over sampled candidates must add.
   */
  readonly correction: Tensor | undefined;
  /** Columns that are no negatives of row i (known positives): columns[offsets[i] … offsets[i+1]). */
  readonly masked: { readonly offsets: Ints; readonly columns: Ints } | undefined;
  /** Weight of each row, [b]; they sum to 1. */
  readonly weights: Tensor;
}

/** Turns a score matrix into one number to make small. May own parameters (a learnt temperature). */
export interface LossModule {
  forward(judged: Judged): Var;
}

/** A loss, declared; `build` gives it an engine to keep parameters in. */
export interface Loss {
  readonly name: "pointwise" | "pairwise" | "listwise";
  build(engine: Engine): LossModule;
}

/** Stands for −∞ where a score is masked; finite, because 0 · ∞ would poison the gradient of a learnt temperature. */
export const MASKED = -1e9;
