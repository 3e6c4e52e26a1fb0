import { ExactIndex } from "../src/ann/exact.ts";
import { ShardedIndex } from "../src/ann/sharded.ts";
import { type SharedIndex, sharedIndex } from "../src/ann/shared-index.ts";
import { Random } from "../src/tensor/random.ts";
import { type Figure, median } from "./figure.ts";
import { numbers } from "./search-measure.ts";

const d = 2048;
const SHARDS = 4;
const BLOCK = 10_000;
const QUERIES = 100;
const K = 10;
const CENTRES = 2000;

/**
 * More than one memory can hold: 540,000 × 2,048 float32 in four shards, 6.7 GB with codes and links. Recall against every
 * vector, and the time of a query with a thread a shard and with none but this one. Takes ten minutes.
 */
export async function shardFigures(n = 540_000): Promise<Figure[]> {
  const shards: SharedIndex<number>[] = [];
  for (let s = 0; s < SHARDS; s++)
    shards.push(await sharedIndex<number>({ dimension: d, M: 8, efConstruction: 32, threads: 2 }));
  const index = new ShardedIndex(shards.map(({ index }) => index));
  const random = new Random(1);
  const centres = Float32Array.from({ length: CENTRES * d }, () => random.between(-1, 1));
  const near = (vectors: Float32Array): Float32Array => {
    for (let at = 0; at < vectors.length; at += d) {
      const centre = random.below(CENTRES) * d;
      for (let j = 0; j < d; j++) vectors[at + j] = centres[centre + j] + random.between(-1, 1);
    }
    return vectors;
  };
  const queries = near(new Float32Array(QUERIES * d));
  const truth: { id: number; score: number }[][] = numbers(QUERIES).map(() => []);
  const block = new Float32Array(BLOCK * d);
  let seconds = 0;
  for (let from = 0; from < n; from += BLOCK) {
    near(block);
    const ids = numbers(BLOCK).map((i) => from + i);
    const start = performance.now();
    index.addMany(ids, block);
    seconds += (performance.now() - start) / 1000;
    const exact = new ExactIndex<number>({ dimension: d });
    exact.addMany(ids, block);
    for (const [q, { ids, scores }] of exact.searchMany(queries, K).entries())
      truth[q] = [...truth[q], ...ids.map((id, i) => ({ id, score: scores[i] }))]
        .sort((a, b) => b.score - a.score)
        .slice(0, K);
  }
  const bytes = shards.reduce((sum, { index }) => sum + index.byteLength, 0);
  const figures: Figure[] = [
    { name: "search/shards/memory", value: bytes, unit: "bytes", limit: 2 ** 32, ratio: bytes / 2 ** 32 },
    { name: "search/shards/build", value: n / seconds, unit: "items/s" },
  ];
  const measure = (name: string): void => {
    for (const ef of [32, 128]) {
      const times: number[] = [];
      let hits = 0;
      for (let round = 0; round < 5; round++)
        for (let q = 0; q < QUERIES; q++) {
          const start = performance.now();
          const { ids } = index.search(queries.subarray(q * d, (q + 1) * d), K, { ef });
          times.push(performance.now() - start);
          if (round === 0) hits += truth[q].filter(({ id }) => ids.includes(id)).length;
        }
      figures.push({
        name: `search/shards/${name} ef ${ef}`,
        value: median(times),
        unit: "ms",
        recall: hits / QUERIES / K,
      });
    }
  };
  measure("side by side");
  for (const { stop } of shards) stop();
  measure("one by one");
  return figures;
}
