import { ExactIndex } from "../src/ann/exact.ts";
import type { HnswIndex } from "../src/ann/hnsw.ts";
import { Random } from "../src/tensor/random.ts";
import { type Figure, median } from "./figure.ts";
import { DIMENSION as d, K, type SearchData } from "./search-data.ts";
import { numbers, searchAll, truthOf } from "./search-measure.ts";

const SHARES = [1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0001];
const POCKETS = 20;

/**
 * Filters that let a share through; ef 64. At random, or correlated with what is searched: the items nearest to one query
 * or farthest from it, or in twenty pockets about as many items, as a genre would be. The ratio is the time without a
 * filter over the time with it: above 1/3, the filter costs less than threefold. "exact" is how fast an exact index
 * would answer that holds what is allowed and nothing else.
 */
export function filters(data: SearchData, index: HnswIndex<number>): Figure[] {
  const queries = data.queries.subarray(0, 500 * d);
  const n = index.size;
  const exact = new ExactIndex<number>({ dimension: d });
  exact.addMany(numbers(n), data.items);
  const all = { ...data, queries, truth: truthOf(exact, queries) };
  const plain = (): number => searchAll(index, all, 64).qps;
  const figures: Figure[] = [];
  for (const [kind, order] of Object.entries(orders(data, n)))
    for (const share of SHARES) {
      const rows = order.subarray(0, Math.round(n * share));
      const allowed = new Uint8Array(Math.ceil(n / 8));
      for (const row of rows) allowed[row >> 3] |= 1 << (row & 7);
      const open = { ...all, truth: truthOf(exact, queries, allowed) };
      const only = onlyThese(data, rows);
      const turns = numbers(6).map(() => ({
        filtered: searchAll(index, open, 64, allowed),
        plain: plain(),
        exact: exactQps(only, queries.subarray(0, 50 * d)),
      }));
      const value = median(turns.slice(1).map(({ filtered }) => filtered.qps));
      const limit = median(turns.slice(1).map((turn) => turn.plain));
      const name = `search/filter/${kind} ${Number((share * 100).toPrecision(2))} %`;
      figures.push({ name, value, unit: "queries/s", limit, ratio: value / limit, recall: turns[0].filtered.recall });
      const bound = median(turns.slice(1).map((turn) => turn.exact));
      figures.push({ name: `${name} exact`, value: bound, unit: "queries/s", recall: 1 });
    }
  return figures;
}

/** All rows, those first that a filter lets through first. */
function orders({ items, queries }: SearchData, n: number): Readonly<Record<string, Int32Array>> {
  const random = new Random(7).shuffle(Int32Array.from(numbers(n)));
  const near = byNearness(items, queries.subarray(0, d), n);
  const pockets = numbers(POCKETS).map((i) => byNearness(items, items.subarray(random[i] * d, (random[i] + 1) * d), n));
  const inPockets = new Set<number>();
  for (let i = 0; i < n; i++) for (const pocket of pockets) inPockets.add(pocket[i]);
  return { random, near, far: near.slice().reverse(), pockets: Int32Array.from(inPockets) };
}

function byNearness(items: Float32Array, to: Float32Array, n: number): Int32Array {
  const nearness = Float32Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += items[i * d + j] * to[j];
    return sum;
  });
  return Int32Array.from(numbers(n)).sort((a, b) => nearness[b] - nearness[a]);
}

function onlyThese({ items }: SearchData, rows: Int32Array): ExactIndex<number> {
  const only = new ExactIndex<number>({ dimension: d });
  const vectors = new Float32Array(rows.length * d);
  for (const [i, row] of rows.entries()) vectors.set(items.subarray(row * d, (row + 1) * d), i * d);
  only.addMany([...rows], vectors);
  return only;
}

function exactQps(index: ExactIndex<number>, queries: Float32Array): number {
  const start = performance.now();
  for (let at = 0; at < queries.length; at += d) index.searchRows(queries.subarray(at, at + d), K);
  return (queries.length / d / (performance.now() - start)) * 1000;
}
