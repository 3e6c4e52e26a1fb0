import { TwoTowerError } from "../errors.ts";
import type { UserItems } from "../features/interactions.ts";
import { show } from "../features/options.ts";
import { type Exposure, ExposureCounter } from "./exposure.ts";
import { type SliceEvaluation, SliceMeter } from "./meter.ts";
import { findHits, type MetricName, metricNames } from "./metrics.ts";
import { checkListLength, type Ranker } from "./ranker.ts";
import { popularitySlices, type Slice } from "./slices.ts";
import { checkItems, itemCounts, overlap, union, usersWithItems } from "./user-items.ts";

/** What to measure, against which test items. */
export interface EvaluationTask {
  /** Items to find, by user row. Users without any are not counted. */
  readonly test: UserItems;
  /** Training items, by user row: never recommended, and what popularity means. */
  readonly train: UserItems;
  /** Further items never to recommend: the validation items, when testing. */
  readonly masks?: readonly UserItems[] | undefined;
  /** Cut-offs; 10, 20 and 100 unless given. */
  readonly ks?: readonly number[] | undefined;
  /** Slices beside the usual ones of `popularitySlices`. */
  readonly slices?: readonly Slice[] | undefined;
  /** Sees every list, in chunks of users: lists [users, k] for the largest k. To dump them, or to show progress. */
  readonly onLists?: ((users: Int32Array, lists: Int32Array, k: number) => void) | undefined;
}

/** How well a ranker finds the test items. */
export interface Evaluation extends SliceEvaluation {
  /** The ranker's name. */
  readonly name: string;
  readonly exposure: readonly Exposure[];
  readonly slices: readonly SliceEvaluation[];
  /** Test pairs that are masked too, and so cannot be found: repeated interactions, or a leak. */
  readonly maskedPairs: number;
}

/** Users ranked at a time: lists are consumed as they come, so memory does not grow with the number of users. */
const CHUNK = 1024;

/**
 * Full-catalogue ranking: every item is a candidate except the user's masked ones; no sampled negatives, which
 * would change the order of models (Krichene and Rendle, "On sampled metrics", KDD 2020).
 *
 * Throws BAD_ARGUMENT when there is no test item, a k is no list length, or an item is not in the catalogue.
 */
export function evaluate(ranker: Ranker, task: EvaluationTask): Evaluation {
  const { test, train, onLists } = task;
  const ks = [...new Set(task.ks ?? [10, 20, 100])].sort((a, b) => a - b);
  if (ks.length === 0) throw new TwoTowerError("BAD_ARGUMENT", "ks is empty; give at least one cut-off, such as [10]");
  ks.forEach(checkListLength);
  checkItems(test, ranker.itemCount, "test set");
  const excluded = (task.masks ?? []).reduce(union, train);
  checkItems(excluded, ranker.itemCount, "training set or a mask");
  const users = usersWithItems(test);
  if (users.length === 0)
    throw new TwoTowerError("BAD_ARGUMENT", "no user has a test item: there is nothing to measure");

  const length = ks[ks.length - 1];
  const popularity = itemCounts(train, ranker.itemCount);
  const slices = [{ name: ranker.name }, ...popularitySlices(train, popularity), ...(task.slices ?? [])];
  const meters = slices.map((slice) => new SliceMeter(slice, test, ks));
  const exposure = new ExposureCounter(ks, ranker.itemCount);
  const marks = new Int32Array(ranker.itemCount).fill(-1); // who had an item among the test items last

  for (let from = 0; from < users.length; from += CHUNK) {
    const chunk = users.subarray(from, from + CHUNK);
    const lists = ranker.rank(chunk, length, excluded);
    for (let row = 0; row < chunk.length; row++) {
      const user = chunk[row];
      for (let p = test.offsets[user]; p < test.offsets[user + 1]; p++) marks[test.items[p]] = user;
      const list = lists.subarray(row * length, (row + 1) * length);
      const hits = findHits(list, marks, user);
      for (const meter of meters) meter.add(user, hits);
      exposure.add(list);
    }
    onLists?.(chunk, lists, length);
  }

  const [overall, ...parts] = meters.map((meter) => meter.result());
  return {
    ...overall,
    exposure: exposure.results(popularity),
    slices: parts,
    maskedPairs: overlap(test, excluded),
  };
}

/** One figure of an evaluation or a slice: `metricAt(evaluation, "recall", 20)`. */
export function metricAt(evaluation: SliceEvaluation, metric: MetricName, k: number): number {
  const found = evaluation.metrics.find((metrics) => metrics.k === k)?.[metric];
  if (found === undefined)
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `${show(metric)} at ${show(k)} was not measured; only ${metricNames} at ${evaluation.metrics.map((m) => m.k)}`,
    );
  return found;
}
