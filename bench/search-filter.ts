import { ExactIndex } from "../src/ann/exact.ts";
import type { HnswIndex } from "../src/ann/hnsw.ts";
import { Random } from "../src/tensor/random.ts";
import { type Figure, median } from "./figure.ts";
import { DIMENSION as d, type SearchData } from "./search-data.ts";
import { numbers, searchAll, truthOf } from "./search-measure.ts";

/**
 * Filters that let a share through, at random or (correlated) what is nearest to or farthest from one query; ef 64.
 * The ratio is the time without a filter over the time with it: above 1/3, the filter costs less than threefold.
 */
export function filters(data: SearchData, index: HnswIndex<number>): Figure[] {
  const queries = data.queries.subarray(0, 500 * d);
  const n = index.size;
  const exact = new ExactIndex<number>({ dimension: d });
  exact.addMany(numbers(n), data.items);
  const random = new Random(7).shuffle(Int32Array.from(numbers(n)));
  const nearness = Float32Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += data.items[i * d + j] * queries[j];
    return sum;
  });
  const near = Int32Array.from(numbers(n)).sort((a, b) => nearness[b] - nearness[a]);
  const all = { ...data, queries, truth: truthOf(exact, queries) };
  const plain = (): number => median(numbers(5).map(() => searchAll(index, all, 64).qps));
  const figures: Figure[] = [];
  for (const [kind, order] of Object.entries({ random, near, far: near.slice().reverse() }))
    for (const share of [1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0001]) {
      const allowed = new Uint8Array(Math.ceil(n / 8));
      for (const row of order.subarray(0, Math.round(n * share))) allowed[row >> 3] |= 1 << (row & 7);
      const open = { ...all, truth: truthOf(exact, queries, allowed) };
      const rounds = numbers(5).map(() => searchAll(index, open, 64, allowed));
      const value = median(rounds.map(({ qps }) => qps));
      const limit = plain();
      const name = `search/filter/${kind} ${share * 100} %`;
      figures.push({ name, value, unit: "queries/s", limit, ratio: value / limit, recall: rounds[0].recall });
    }
  return figures;
}
