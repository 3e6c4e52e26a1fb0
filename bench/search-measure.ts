import type { ExactIndex } from "../src/ann/exact.ts";
import { HnswIndex, type HnswOptions } from "../src/ann/hnsw.ts";
import type { RowBitmap } from "../src/ann/vector-index.ts";
import { median } from "./figure.ts";
import { DIMENSION as d, K, type SearchData } from "./search-data.ts";

export const M = 16;
export const EF_CONSTRUCTION = 200;

/** A point of a curve: what one ef gives. */
export interface Point {
  readonly recall: number;
  readonly qps: number;
}

export interface Built {
  readonly index: HnswIndex<number>;
  readonly seconds: number;
}

export function build({ items }: Pick<SearchData, "items">, options: Partial<HnswOptions> = {}): Built {
  const index = new HnswIndex<number>({ dimension: d, M, efConstruction: EF_CONSTRUCTION, ...options });
  const start = performance.now();
  index.addMany(numbers(items.length / d), items);
  return { index, seconds: (performance.now() - start) / 1000 };
}

/** The first round warms up; of the others the median. */
export const middle = (rounds: Point[]): Point => ({
  recall: rounds[0].recall,
  qps: median(rounds.slice(1).map(({ qps }) => qps)),
});

/** Queries/s at a recall: log-linear in the share missed, between the two points of the curve around it. */
export function at(curve: readonly Point[], recall: number): number {
  const above = curve.findIndex((point) => point.recall >= recall);
  if (above < 1) return Number.NaN;
  const [low, high] = [curve[above - 1], curve[above]];
  const missed = (x: number): number => Math.log(1 - x + 1e-6);
  const share = (missed(recall) - missed(low.recall)) / (missed(high.recall) - missed(low.recall));
  return low.qps ** (1 - share) * high.qps ** share;
}

export function searchAll(
  index: HnswIndex<number>,
  { queries, truth }: SearchData,
  ef: number,
  allowed?: RowBitmap,
): Point {
  const count = queries.length / d;
  const each = Array.from({ length: count }, (_, q) => queries.subarray(q * d, (q + 1) * d));
  const options = allowed === undefined ? { ef } : { ef, allowed };
  const start = performance.now();
  const found = each.map((query) => index.searchRows(query, K, options).rows);
  const seconds = (performance.now() - start) / 1000;
  return { recall: recallOf(found, truth), qps: count / seconds };
}

/** `truth` holds K rows a query, −1 where fewer exist. */
function recallOf(found: readonly Int32Array[], truth: Int32Array): number {
  let hits = 0;
  let possible = 0;
  for (const [q, rows] of found.entries())
    for (const right of truth.subarray(q * K, (q + 1) * K))
      if (right !== -1) {
        possible++;
        if (rows.includes(right)) hits++;
      }
  return hits / possible;
}

export function truthOf(exact: ExactIndex<number>, queries: Float32Array, allowed?: RowBitmap): Int32Array {
  const truth = new Int32Array((queries.length / d) * K).fill(-1);
  const found = exact.searchManyRows(queries, K, allowed === undefined ? {} : { allowed });
  for (const [q, { rows }] of found.entries()) truth.set(rows, q * K);
  return truth;
}

export const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
