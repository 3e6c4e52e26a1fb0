import { log } from "../kernels/math.ts";

/**
 * What is measured of one user's list L₁ … L_k against the set T of their test items; h(r) is 1 if L_r ∈ T, else 0.
 *
 *   recall     Σ h(r) / |T|
 *   hit        1 if any h(r) = 1
 *   ndcg       Σ h(r)/log₂(r+1) over the same sum of the best list, min(k, |T|) hits at the top (Järvelin 2002, binary)
 *   mrr        1 / (rank of the first hit)
 *   map        Σ h(r) · precision@r / |T|
 *   precision  Σ h(r) / k
 *
 * All in [0, 1], higher is better; a metric of a ranker is the mean over the users that have test items.
 * With one test item a user (leave one out), recall = hit and mrr = map.
 */
export const metricNames = ["recall", "hit", "ndcg", "mrr", "map", "precision"] as const;
/** The name of a metric; metrics.ts has their formulas. */
export type MetricName = (typeof metricNames)[number];

/** One value a user, of every metric, in the order of the evaluated users. */
export type PerUser = { readonly [metric in MetricName]: Float64Array };

/** The metrics at one cut-off: their means over users, and the values behind the means. */
export type MetricsAtK = { readonly [metric in MetricName]: number } & {
  readonly k: number;
  /** For confidence intervals and paired comparisons. */
  readonly perUser: PerUser;
};

/** Room for the values of `users` users. */
export function emptyPerUser(users: number): PerUser {
  return {
    recall: new Float64Array(users),
    hit: new Float64Array(users),
    ndcg: new Float64Array(users),
    mrr: new Float64Array(users),
    map: new Float64Array(users),
    precision: new Float64Array(users),
  };
}

/** A test item found in a list, and its place there, counted from 0. */
export interface Hit {
  readonly rank: number;
  readonly item: number;
}

/**
 * The hits of one list, best first.
 *
 * @param list item rows, best first; −1 ends it early
 * @param marks [items] an item is one of the user's test items where it has `mark`
 */
export function findHits(list: Int32Array, marks: Int32Array, mark: number): Hit[] {
  const hits: Hit[] = [];
  for (let rank = 0; rank < list.length && list[rank] >= 0; rank++)
    if (marks[list[rank]] === mark) hits.push({ rank, item: list[rank] });
  return hits;
}

/** What NDCG needs, computed once for all users. */
export interface Gains {
  /** hit[r] = 1 / log₂(r + 2): what a hit at rank r, counted from 0, is worth. */
  readonly hit: Float64Array;
  /** ideal[n] = Σ hit[r] over r < n: a list that begins with n hits. */
  readonly ideal: Float64Array;
}

/** The gains of lists of up to `length` items. */
export function gains(length: number): Gains {
  const hit = Float64Array.from({ length }, (_, r) => log(2) / log(r + 2));
  const ideal = new Float64Array(length + 1);
  for (let r = 0; r < length; r++) ideal[r + 1] = ideal[r] + hit[r];
  return { hit, ideal };
}

/**
 * Every metric of one list, at every cut-off.
 *
 * @param hits of the list, best first
 * @param relevant |T|, at least 1
 * @param ks cut-offs, ascending
 * @param into where to write, one for each cut-off, and in which row
 */
export function measure(
  hits: readonly Hit[],
  relevant: number,
  ks: readonly number[],
  gains: Gains,
  into: readonly PerUser[],
  row: number,
): void {
  let found = 0;
  let gain = 0;
  let precisions = 0;
  for (let c = 0; c < ks.length; c++) {
    const k = ks[c];
    for (; found < hits.length && hits[found].rank < k; found++) {
      gain += gains.hit[hits[found].rank];
      precisions += (found + 1) / (hits[found].rank + 1);
    }
    const values = into[c];
    values.recall[row] = found / relevant;
    values.hit[row] = found > 0 ? 1 : 0;
    values.ndcg[row] = gain / gains.ideal[Math.min(k, relevant)];
    values.mrr[row] = found > 0 ? 1 / (hits[0].rank + 1) : 0;
    values.map[row] = precisions / relevant;
    values.precision[row] = found / k;
  }
}

/** The means over users. NaN when there is no user: no evidence is not a zero. */
export function summarise(k: number, perUser: PerUser): MetricsAtK {
  const { recall, hit, ndcg, mrr, map, precision } = perUser;
  return {
    k,
    recall: mean(recall),
    hit: mean(hit),
    ndcg: mean(ndcg),
    mrr: mean(mrr),
    map: mean(map),
    precision: mean(precision),
    perUser,
  };
}

/** Σ x / n; NaN when empty. */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
