import { randomSplit } from "../../src/evaluation/split.ts";
import { includes, itemsOf } from "../../src/evaluation/user-items.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { Random } from "../../src/tensor/random.ts";
import type { Benchmark, Pairs } from "./data.ts";

const NEGATIVES = 99;

/**
 * The same task inside the training data: what every choice is made on. The split's own validation part where it has
 * one, one pair a user beside 99 items they did not choose where candidates are given, else a tenth of the pairs.
 */
export function holdOut(benchmark: Benchmark): Benchmark {
  const { train, validation } = benchmark;
  if (validation) return { ...benchmark, test: validation, masked: undefined };
  if (benchmark.negatives) return onePairEach(benchmark);
  const parts = randomSplit(train.userId.length, { testShare: 0.1, seed: 0 });
  return { ...benchmark, train: take(train, parts.train), test: take(train, parts.test) };
}

function onePairEach({ train, ...rest }: Benchmark): Benchmark {
  const random = new Random(0);
  const [userCount, itemCount] = [rest.users.userId.length, rest.items.itemId.length];
  const known = groupByUser({ users: train.userId, items: train.itemId }, userCount);
  const order = random.shuffle(Int32Array.from(train.userId, (_, pair) => pair));
  const held = new Set<number>();
  const pairOf = new Map<number, number>();
  for (const pair of order)
    if (!pairOf.has(train.userId[pair])) {
      pairOf.set(train.userId[pair], pair);
      held.add(pair);
    }
  const pairs = Int32Array.from(held).sort();
  const negatives = new Int32Array(pairs.length * NEGATIVES);
  for (const [row, pair] of pairs.entries())
    for (let n = 0; n < NEGATIVES; ) {
      const item = random.below(itemCount);
      if (!includes(itemsOf(known, train.userId[pair]), item)) negatives[row * NEGATIVES + n++] = item;
    }
  const kept = Int32Array.from(train.userId, (_, pair) => pair).filter((pair) => !held.has(pair));
  return { ...rest, train: take(train, kept), test: take(train, pairs), negatives };
}

function take({ userId, itemId, timestamp }: Pairs, rows: Int32Array): Pairs {
  const pairs = { userId: rows.map((row) => userId[row]), itemId: rows.map((row) => itemId[row]) };
  return timestamp ? { ...pairs, timestamp: rows.map((row) => timestamp[row]) } : pairs;
}
