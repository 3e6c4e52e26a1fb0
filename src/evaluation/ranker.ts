import { TwoTowerError } from "../errors.ts";
import type { UserItems } from "../features/interactions.ts";

/** Anything that can order the catalogue for a user: a trained model, an index, a baseline, the truth. */
export interface Ranker {
  readonly name: string;
  /** Items are rows 0 … itemCount − 1. */
  readonly itemCount: number;
  /**
   * The best k items of each user, best first: lists [users, k] of item rows. Of equal scores the smaller row
   * comes first; lists that run out of items end in −1. `excluded` holds, by user row, items that must not appear.
   */
  rank(users: Int32Array, k: number, excluded: UserItems | undefined): Int32Array;
}

/** Anything that can score given items for a user: what the sampled protocol asks for. */
export interface CandidateScorer {
  readonly name: string;
  readonly itemCount: number;
  /** Scores [users, c] of candidates [users, c]: item rows, the same number c for each user. Higher is better. */
  scores(users: Int32Array, candidates: Int32Array): Float32Array;
}

/** The most items a list may have: what the top-k kernel can hold. */
const MAX_LIST_LENGTH = 4096;

/** Throws BAD_ARGUMENT unless k is a list length that a ranker can give. */
export function checkListLength(k: number): void {
  if (!Number.isInteger(k) || k < 1 || k > MAX_LIST_LENGTH)
    throw new TwoTowerError("BAD_ARGUMENT", `k is ${k}; a list has 1 to ${MAX_LIST_LENGTH} items`);
}

/** Throws BAD_ARGUMENT unless every row is one of 0 … count − 1; kernels would read beyond their memory. */
export function checkRows(rows: Int32Array, count: number, what: "user" | "item"): void {
  for (const row of rows)
    if (row < 0 || row >= count)
      throw new TwoTowerError("BAD_ARGUMENT", `${what} row ${row} is not one of the ${count} ${what} rows`);
}
