import { ExactIndex } from "../src/ann/exact.ts";
import { createEngine } from "../src/kernels/wasm.ts";
import { type Figure, median } from "./figure.ts";
import { DIMENSION as d, K, type SearchData } from "./search-data.ts";
import { numbers } from "./search-measure.ts";

const ROUNDS = 7;

/** A block of queries against all items; the limit is the matrix product of all scores alone. */
export function exactFigures({ items, queries }: SearchData): Figure[] {
  const n = items.length / d;
  const count = 256;
  const exact = new ExactIndex<number>({ dimension: d });
  exact.addMany(numbers(n), items);
  const block = queries.subarray(0, count * d);
  const engine = createEngine();
  const a = engine.lasting(count * d * 4);
  const b = engine.lasting(items.byteLength);
  const c = engine.lasting(64 * 1024 * 4);
  engine.floats(a, count * d).set(block);
  engine.floats(b, items.length).set(items);
  const product = (): void => {
    for (let q = 0; q < count; q += 64)
      for (let i = 0; i < n; i += 1024)
        engine.kernels.matmulNT(a + q * d * 4, b + i * d * 4, c, 64, Math.min(1024, n - i), d, false);
  };
  const time = (run: () => void): number => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  };
  const rounds = numbers(ROUNDS).map(() => ({
    search: count / time(() => exact.searchManyRows(block, K)),
    limit: count / time(product),
  }));
  const value = median(rounds.map(({ search }) => search));
  const limit = median(rounds.map((round) => round.limit));
  return [{ name: "search/exact/100,000 × 64", value, unit: "queries/s", limit, ratio: value / limit, recall: 1 }];
}
