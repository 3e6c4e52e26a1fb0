import { ExactIndex } from "../../src/ann/exact.ts";
import type { HnswIndex } from "../../src/ann/hnsw.ts";
import type { RowSearchOptions } from "../../src/ann/vector-index.ts";
import { nth, numbers } from "./clustered.ts";

/** An exact index of the same vectors, numbered 0, 1, 2 … */
export function exactOf(vectors: Float32Array, d: number, metric: "cosine" | "dot" = "cosine"): ExactIndex<number> {
  const exact = new ExactIndex<number>({ dimension: d, metric });
  exact.addMany(numbers(vectors.length / d), vectors);
  return exact;
}

/** The share of the k nearest rows that the index finds, over all queries. Both hold the same vectors in the same rows. */
export function recall(
  index: HnswIndex<number>,
  exact: ExactIndex<number>,
  queries: Float32Array,
  k: number,
  options: RowSearchOptions = {},
): number {
  const d = index.dimension;
  const truth = exact.searchManyRows(queries, k, options);
  let hits = 0;
  let wanted = 0;
  for (const [q, { rows }] of truth.entries()) {
    const found = new Set(index.searchRows(nth(queries, d, q), k, options).rows);
    for (const row of rows) if (found.has(row)) hits++;
    wanted += rows.length;
  }
  return hits / wanted;
}
