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

/** discounts[r] = 1 / log₂(r + 2): what a hit at rank r, counted from 0, is worth to NDCG. */
export function discounts(length: number): Float64Array {
  return Float64Array.from({ length }, (_, r) => log(2) / log(r + 2));
}

/**
 * Measures one list at every cut-off, in one walk down the list.
 *
 * @param list item rows, best first; −1 ends it early
 * @param relevant the user's test items, ascending, at least one
 * @param ks cut-offs, ascending
 * @param gains `discounts` of at least the last cut-off
 * @param row where to write in each of `into`, one for each cut-off
 */
export function measureList(
  list: Int32Array,
  relevant: Int32Array,
  ks: readonly number[],
  gains: Float64Array,
  row: number,
  into: readonly PerUser[],
): void {
  let rank = 0;
  let hits = 0;
  let dcg = 0;
  let precisions = 0;
  let reciprocal = 0;
  let ideal = 0;
  let idealHits = 0;
  for (let c = 0; c < ks.length; c++) {
    const k = ks[c];
    for (; rank < k && rank < list.length && list[rank] >= 0; rank++) {
      if (!includes(relevant, list[rank])) continue;
      hits++;
      dcg += gains[rank];
      precisions += hits / (rank + 1);
      if (hits === 1) reciprocal = 1 / (rank + 1);
    }
    for (; idealHits < k && idealHits < relevant.length; idealHits++) ideal += gains[idealHits];
    const values = into[c];
    values.recall[row] = hits / relevant.length;
    values.hit[row] = hits > 0 ? 1 : 0;
    values.ndcg[row] = dcg / ideal;
    values.mrr[row] = reciprocal;
    values.map[row] = precisions / relevant.length;
    values.precision[row] = hits / k;
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
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Whether an ascending list has the item, by binary search. */
function includes(ascending: Int32Array, item: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < item) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === item;
}
