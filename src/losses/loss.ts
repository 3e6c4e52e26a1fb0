import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Negatives } from "../sampling/negatives.ts";
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
  /** The same with nothing twice and nothing multiplied yet, for losses that can do with that; where all is shared. */
  readonly distinct?: Distinct | undefined;
}

/**
 * A batch whose candidates are shared by all users, before users and candidates are multiplied, and each of them once:
 * m users own the b examples, n items stand for the candidates. In a batch of 4,096 pairs of ML-1M's size a third of
 * the users and two fifths of the items come up again.
 */
export interface Distinct {
  readonly users: Var; // [m, d]
  readonly items: Var; // [n, d]
  /** User i owns the examples offsets[i] … offsets[i+1), [m + 1]. */
  readonly offsets: Ints;
  /** The item of each example, [b]. */
  readonly positives: Ints;
  /** Weight of each example, [b]; they sum to 1. */
  readonly weights: Tensor;
  /** The logarithm of how many candidates an item stands for, [n]. */
  readonly copies: Tensor;
  /** −log Q of each item, [n]; see `Judged`. */
  readonly correction: Tensor | undefined;
  /** Items that are no negatives of user i, its positives among them: columns[offsets[i] … offsets[i+1]). */
  readonly masked: { readonly offsets: Ints; readonly columns: Ints } | undefined;
}

/** Turns a score matrix into one number to make small. May own parameters (a learnt temperature). */
export interface LossModule {
  forward(judged: Judged): Var;
}

/** A loss, declared; `build` gives it an engine to keep parameters in. */
export interface Loss {
  readonly name: "pointwise" | "pairwise" | "listwise";
  /** What it was made with: a checkpoint goes on with nothing else. */
  readonly options?: object;
  /** Where its negatives come from unless that is said; see `defaultsFor` for where every item had better be one. */
  readonly negatives: Negatives;
  /** The loss on an engine, with its parameters where it has any. */
  build(engine: Engine): LossModule;
}

/** Stands for −∞ where a score is masked; finite, because 0 · ∞ would poison the gradient of a learnt temperature. */
export const MASKED = -1e9;
