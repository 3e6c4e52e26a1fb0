import { TwoTowerError } from "../errors.ts";
import type { Interactions, Timestamps } from "../features/interactions.ts";
import { Random } from "../tensor/random.ts";

/** Which interactions are for what: row numbers, ascending. Every interaction is in exactly one part. */
export interface Split {
  readonly train: Int32Array;
  /** To choose the epoch and the options on; empty when not asked for. */
  readonly validation: Int32Array;
  /** To report on, once. */
  readonly test: Int32Array;
}

type Part = "train" | "validation" | "test";

/** The interactions of one part of a split. */
export function take(interactions: Interactions, rows: Int32Array): Interactions {
  const { users, items, timestamps, weights } = interactions;
  const taken = (times: Timestamps): Timestamps => {
    const part = times.slice(0, rows.length);
    for (let i = 0; i < rows.length; i++) part[i] = times[rows[i]];
    return part;
  };
  return {
    users: rows.map((row) => users[row]),
    items: rows.map((row) => items[row]),
    timestamps: timestamps && taken(timestamps),
    weights: weights && Float32Array.from(rows, (row) => weights[row]),
  };
}

/**
 * Leave one out: each user's last interaction is for the test, with `validation` the second last for validation, as
 * in NCF and SASRec. Last by timestamp; of equal timestamps, and without timestamps, by order of the input.
 * Every user keeps at least one interaction for training: users with fewer go without test, or without validation.
 */
export function leaveOneOut(
  interactions: Pick<Interactions, "users" | "timestamps">,
  options: { readonly validation?: boolean } = {},
): Split {
  const { users } = interactions;
  const byTime = inOrderOfTime(interactions);
  const left = new Map<number, number>(); // interactions of a user not yet given to a part
  for (const user of users) left.set(user, (left.get(user) ?? 0) + 1);

  const taken = new Map<number, number>();
  const parts = new Array<Part>(users.length).fill("train");
  const wanted: readonly Part[] = options.validation ? ["test", "validation"] : ["test"];
  for (let p = byTime.length - 1; p >= 0; p--) {
    const user = users[byTime[p]];
    const place = taken.get(user) ?? 0; // 0 = the user's last
    taken.set(user, place + 1);
    if (place < wanted.length && place + 1 < left.get(user)!) parts[byTime[p]] = wanted[place];
  }
  return gather(parts);
}

/** Where a temporal split cuts: at given times, or so that the parts have given shares of all interactions. */
export type TemporalCut =
  | { readonly testFrom: number; readonly validationFrom?: number }
  | { readonly testShare: number; readonly validationShare?: number };

/**
 * Past and future: the test is everything from an instant on, for all users at once; validation, if asked for, is
 * what comes just before it. The split that tells what a model would have done on the day it was put to use.
 * Interactions at the same time stay together, so shares are met only as far as timestamps differ.
 *
 * Throws BAD_ARGUMENT without timestamps, or when a share is not in (0, 1).
 */
export function temporalSplit(interactions: Pick<Interactions, "users" | "timestamps">, cut: TemporalCut): Split {
  const { timestamps } = interactions;
  if (timestamps === undefined)
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      "a temporal split needs timestamps; split by leave one out or at random instead",
    );
  const [validationFrom, testFrom] = "testShare" in cut ? quantiles(timestamps, cut) : instants(cut);
  const parts = Array.from(timestamps, (time): Part => {
    return time >= testFrom ? "test" : time >= validationFrom ? "validation" : "train";
  });
  return gather(parts);
}

/** Each interaction goes to test or validation by chance, with the given shares. */
export function randomSplit(
  count: number,
  options: { readonly testShare: number; readonly validationShare?: number; readonly seed: number },
): Split {
  const [validationPlace, testPlace] = places(count, options);
  const rows = new Random(options.seed).shuffle(Int32Array.from({ length: count }, (_, row) => row));
  const parts = new Array<Part>(count);
  rows.forEach((row, place) => {
    parts[row] = place >= testPlace ? "test" : place >= validationPlace ? "validation" : "train";
  });
  return gather(parts);
}

/** A split that the data bring along, as a column with one word a row: train, validation (or valid), test. */
export function givenSplit(labels: readonly string[]): Split {
  const parts = labels.map((label, row): Part => {
    if (label === "train" || label === "test" || label === "validation") return label;
    if (label === "valid") return "validation";
    throw new TwoTowerError("BAD_ROW", `row ${row + 1}: the split is "${label}"; expected train, validation or test`);
  });
  return gather(parts);
}

function gather(parts: readonly Part[]): Split {
  const rows: Record<Part, number[]> = { train: [], validation: [], test: [] };
  parts.forEach((part, row) => {
    rows[part].push(row);
  });
  return {
    train: Int32Array.from(rows.train),
    validation: Int32Array.from(rows.validation),
    test: Int32Array.from(rows.test),
  };
}

/** Row numbers, oldest first; a stable sort keeps the order of the input among equals. */
function inOrderOfTime({ users, timestamps }: Pick<Interactions, "users" | "timestamps">): number[] {
  const rows = Array.from(users.keys());
  return timestamps === undefined ? rows : rows.sort((a, b) => timestamps[a] - timestamps[b]);
}

function instants(cut: { readonly testFrom: number; readonly validationFrom?: number }): [number, number] {
  const { testFrom, validationFrom = testFrom } = cut;
  if (!(validationFrom <= testFrom))
    throw new TwoTowerError("BAD_ARGUMENT", `validation begins at ${validationFrom}, after the test at ${testFrom}`);
  return [validationFrom, testFrom];
}

function quantiles(timestamps: Timestamps, shares: Shares): [number, number] {
  const ascending = timestamps.slice().sort();
  const [validationPlace, testPlace] = places(ascending.length, shares);
  const at = (place: number) => (place < ascending.length ? ascending[place] : Number.POSITIVE_INFINITY);
  return [at(validationPlace), at(testPlace)];
}

interface Shares {
  readonly testShare: number;
  readonly validationShare?: number;
}

/** Of `count` in order: where validation begins, and where the test does. */
function places(count: number, { testShare, validationShare = 0 }: Shares): [number, number] {
  if (!(testShare > 0 && validationShare >= 0 && testShare + validationShare < 1))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `test share ${testShare} and validation share ${validationShare}: the test needs more than 0, both less than 1`,
    );
  const test = Math.round(count * testShare);
  return [count - test - Math.round(count * validationShare), count - test];
}
