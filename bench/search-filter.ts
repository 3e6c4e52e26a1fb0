import { ExactIndex } from "../src/ann/exact.ts";
import type { HnswIndex } from "../src/ann/hnsw.ts";
import type { RowBitmap } from "../src/ann/vector-index.ts";
import { Random } from "../src/tensor/random.ts";
import { type Figure, median } from "./figure.ts";
import { DIMENSION as d, K, type SearchData } from "./search-data.ts";
import { numbers } from "./search-measure.ts";

const SHARES = [1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0001];
const EF = 64;
const POCKETS = 20;
/** Queries of a filter that serves all, and queries that have a filter of their own. */
const QUERIES = 400;
const OWN_FILTERS = 16;
const ROUNDS = 5;

/** Some queries under one filter, and what an index would hold that has what is allowed and nothing else. */
interface Case {
  readonly queries: readonly Float32Array[];
  readonly allowed: RowBitmap;
  readonly only: ExactIndex<number>;
  readonly truth: readonly (readonly number[])[];
}

/**
 * Filters that let a share through; ef 64. At random, or correlated with what is searched: the items nearest to one query
 * or farthest from it; in twenty pockets about as many items, as a genre would be; or in a shell about each query, where
 * the nearer half of all items is closed. Beside each search without a filter, and the exact scan of an index that holds
 * what is allowed and nothing else: above 100 % the filter takes less time than those.
 */
export function filters(data: SearchData, index: HnswIndex<number>): Figure[] {
  const figures: Figure[] = [];
  for (const kind of ["random", "near", "far", "pockets", "shells"] as const)
    for (const share of SHARES) {
      const cases = casesOf(kind, share, data, index.size);
      const turns = numbers(ROUNDS + 1).map(() => ({
        filtered: rate(cases, ({ allowed }, query) => index.searchRows(query, K, { ef: EF, allowed })),
        plain: rate(cases, (_, query) => index.searchRows(query, K, { ef: EF })),
        exact: rate(cases, ({ only }, query) => only.searchRows(query, K)),
      }));
      const [value, plain, exact] = (["filtered", "plain", "exact"] as const).map((which) =>
        median(turns.slice(1).map((turn) => turn[which])),
      );
      const name = `search/filter/${kind} ${Number((share * 100).toPrecision(2))} %`;
      const recall = recallOf(index, cases);
      figures.push({
        name: `${name}, of unfiltered`,
        value,
        unit: "queries/s",
        limit: plain,
        ratio: value / plain,
        recall,
      });
      figures.push({ name: `${name}, of exact`, value, unit: "queries/s", limit: exact, ratio: value / exact, recall });
    }
  return figures;
}

/** Queries/s, of a tenth of a second and more. */
function rate(cases: readonly Case[], search: (one: Case, query: Float32Array) => unknown): number {
  let count = 0;
  const start = performance.now();
  do {
    for (const one of cases)
      for (const query of one.queries) {
        search(one, query);
        count++;
      }
  } while (performance.now() - start < 100);
  return (count / (performance.now() - start)) * 1000;
}

function recallOf(index: HnswIndex<number>, cases: readonly Case[]): number {
  let hits = 0;
  let possible = 0;
  for (const { queries, allowed, truth } of cases)
    for (const [q, query] of queries.entries()) {
      const rows = new Set(index.searchRows(query, K, { ef: EF, allowed }).rows);
      possible += truth[q].length;
      hits += truth[q].filter((row) => rows.has(row)).length;
    }
  return hits / possible;
}

type Kind = "random" | "near" | "far" | "pockets" | "shells";

function casesOf(kind: Kind, share: number, { items, queries }: SearchData, n: number): Case[] {
  const count = Math.round(n * share);
  const query = (q: number): Float32Array => queries.subarray(q * d, (q + 1) * d);
  if (kind === "shells")
    return numbers(OWN_FILTERS).map((q) => {
      const order = byNearness(items, query(q), n);
      const from = Math.min(n / 2, n - count);
      return caseOf(items, order.subarray(from, from + count), [query(q)], n);
    });
  const random = new Random(7).shuffle(Int32Array.from(numbers(n)));
  const rows = {
    random: () => random,
    near: () => byNearness(items, query(0), n),
    far: () => byNearness(items, query(0), n).reverse(),
    pockets: () => inPockets(items, random.subarray(0, POCKETS), n),
  }[kind]();
  return [caseOf(items, rows.subarray(0, count), numbers(QUERIES).map(query), n)];
}

function caseOf(items: Float32Array, rows: Int32Array, queries: readonly Float32Array[], n: number): Case {
  const allowed = new Uint8Array(Math.ceil(n / 8));
  for (const row of rows) allowed[row >> 3] |= 1 << (row & 7);
  const only = new ExactIndex<number>({ dimension: d });
  const vectors = new Float32Array(rows.length * d);
  for (const [i, row] of rows.entries()) vectors.set(items.subarray(row * d, (row + 1) * d), i * d);
  only.addMany([...rows], vectors);
  const truth = queries.map((query) => only.search(query, K).ids);
  return { queries, allowed, only, truth };
}

function inPockets(items: Float32Array, centres: Int32Array, n: number): Int32Array {
  const pockets = [...centres].map((i) => byNearness(items, items.subarray(i * d, (i + 1) * d), n));
  const rows = new Set<number>();
  for (let i = 0; i < n; i++) for (const pocket of pockets) rows.add(pocket[i]);
  return Int32Array.from(rows);
}

function byNearness(items: Float32Array, to: Float32Array, n: number): Int32Array {
  const nearness = Float32Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += items[i * d + j] * to[j];
    return sum;
  });
  return Int32Array.from(numbers(n)).sort((a, b) => nearness[b] - nearness[a]);
}
