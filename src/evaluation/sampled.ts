import { TwoTowerError } from "../errors.ts";
import { log } from "../kernels/math.ts";
import { mean } from "./metrics.ts";
import type { CandidateScorer } from "./ranker.ts";

/** Given candidates: for each case one positive to find among n negatives. */
export interface SampledTask {
  /** User row of each case. */
  readonly users: Int32Array;
  /** Item row of each case's positive. */
  readonly positives: Int32Array;
  /** Item rows [cases, n]. Lists of unequal length are filled up with the positive, which then counts once. */
  readonly negatives: Int32Array;
  /** Cut-offs; 10 unless given. */
  readonly ks?: readonly number[] | undefined;
}

/** Means at one cut-off, and one value a case. */
export interface SampledMetricsAtK {
  readonly k: number;
  readonly hit: number;
  readonly ndcg: number;
  readonly perUser: { readonly hit: Float64Array; readonly ndcg: Float64Array };
}

export interface SampledEvaluation {
  readonly name: string;
  readonly cases: number;
  /** Mean of 1 / rank of the positive among its candidates. */
  readonly mrr: number;
  readonly metrics: readonly SampledMetricsAtK[];
}

/**
 * The leave-one-out protocol of the NCF papers (He et al. 2017, arXiv:1708.05031): rank one positive among 99 given
 * negatives; hit@k = [rank ≤ k], NDCG@k = log 2 / log(rank + 1). A negative that is listed twice counts once, and one
 * that is the positive itself not at all. Equal scores, and scores that are not numbers, count against the positive:
 * a model that gives all items the same score must not look perfect.
 *
 * Kept to compare with published figures; for choosing models use `evaluate` (sampled metrics can reverse the order
 * of models: Krichene and Rendle, KDD 2020).
 */
export function evaluateSampled(scorer: CandidateScorer, task: SampledTask): SampledEvaluation {
  const { users, positives, negatives } = task;
  const cases = users.length;
  const n = negatives.length / cases;
  if (cases === 0 || positives.length !== cases || !Number.isInteger(n))
    throw new TwoTowerError(
      "SHAPE_MISMATCH",
      `${cases} users, ${positives.length} positives and ${negatives.length} negatives do not fit: ` +
        "give one positive and the same number of negatives for each user",
    );

  const candidates = new Int32Array(cases * (n + 1)); // the positive, then its negatives
  for (let row = 0; row < cases; row++) {
    candidates[row * (n + 1)] = positives[row];
    candidates.set(negatives.subarray(row * n, (row + 1) * n), row * (n + 1) + 1);
  }
  const scores = scorer.scores(users, candidates);

  const ranks = new Int32Array(cases);
  const counted = new Int32Array(scorer.itemCount).fill(-1); // the last case in which an item was counted
  for (let row = 0; row < cases; row++) {
    const first = row * (n + 1);
    counted[candidates[first]] = row;
    let rank = 1;
    for (let j = first + 1; j <= first + n; j++) {
      if (counted[candidates[j]] === row) continue;
      counted[candidates[j]] = row;
      if (!(scores[j] < scores[first])) rank++;
    }
    ranks[row] = rank;
  }
  return {
    name: scorer.name,
    cases,
    mrr: mean(Float64Array.from(ranks, (rank) => 1 / rank)),
    metrics: (task.ks ?? [10]).map((k) => metricsAt(ranks, k)),
  };
}

function metricsAt(ranks: Int32Array, k: number): SampledMetricsAtK {
  const hit = Float64Array.from(ranks, (rank) => (rank <= k ? 1 : 0));
  const ndcg = Float64Array.from(ranks, (rank) => (rank <= k ? log(2) / log(rank + 1) : 0));
  return { k, hit: mean(hit), ndcg: mean(ndcg), perUser: { hit, ndcg } };
}
