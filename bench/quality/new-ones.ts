import type { Benchmark, Pairs } from "./data.ts";

/** Every tenth user and every tenth item is new: their pairs are not learnt from, only their rows are known. */
export function withNewOnes(benchmark: Benchmark): Benchmark {
  const { userId, itemId, timestamp }: Pairs = benchmark.train;
  const kept = Int32Array.from(userId.keys()).filter((pair) => userId[pair] % 10 !== 0 && itemId[pair] % 10 !== 0);
  const of = (column: Int32Array): Int32Array => kept.map((pair) => column[pair]);
  const train = { userId: of(userId), itemId: of(itemId), timestamp: timestamp && of(timestamp) };
  return { ...benchmark, train };
}
