import { normalInterval } from "../../src/evaluation/confidence.ts";
import { type Evaluation, evaluate, metricAt } from "../../src/evaluation/evaluate.ts";
import type { CandidateScorer, Ranker } from "../../src/evaluation/ranker.ts";
import { evaluateSampled } from "../../src/evaluation/sampled.ts";
import { groupByUser, type UserItems } from "../../src/features/interactions.ts";
import type { Benchmark, Pairs } from "./data.ts";

/** One figure of a ranker: `half` is half the width of its 95 % interval over users. */
export interface Score {
  readonly metric: string;
  readonly value: number;
  readonly half: number;
}

/** What is printed of a ranker. */
export interface Row {
  readonly name: string;
  readonly scores: readonly Score[];
  /** Recall of test items outside the most popular tenth of the catalogue; absent where candidates are given. */
  readonly tail?: number | undefined;
  /** Share of the catalogue that is in anybody's list. */
  readonly coverage?: number | undefined;
  /** Recall of items and of users without any training pair, where there are such. */
  readonly newItems?: number | undefined;
  readonly newUsers?: number | undefined;
  /** What training took. */
  readonly seconds?: number;
  readonly examplesPerSecond?: number;
}

/** How a benchmark is measured. */
export interface Protocol {
  readonly k: number;
  /** In the order in which the papers print them. */
  readonly metrics: readonly ("recall" | "ndcg" | "hit")[];
}

const grouped = (pairs: Pairs, userCount: number): UserItems =>
  groupByUser({ users: pairs.userId, items: pairs.itemId }, userCount);

const scoreOf = (metric: string, values: Float64Array): Score => {
  const { mean, high } = normalInterval(values);
  return { metric, value: mean, half: high - mean };
};

/** The figures of a ranker on the pairs to find. */
export function measure(
  name: string,
  ranker: Ranker & CandidateScorer,
  { users, ...data }: Benchmark,
  { k, metrics }: Protocol,
): Row {
  const userCount = users.userId.length;
  if (data.negatives) {
    const { userId, itemId } = data.test;
    const task = { users: userId, positives: itemId, negatives: data.negatives, ks: [k] };
    const [at] = evaluateSampled(ranker, task).metrics;
    const scores = metrics.map((metric) => scoreOf(`${metric}@${k}`, at.perUser[metric === "ndcg" ? "ndcg" : "hit"]));
    return { name, scores };
  }
  const result: Evaluation = evaluate(ranker, {
    test: grouped(data.test, userCount),
    train: grouped(data.train, userCount),
    masks: data.masked && [grouped(data.masked, userCount)],
    ks: [k],
  });
  const recallOf = (name: string): number | undefined => {
    const slice = result.slices.find((slice) => slice.name === name);
    return slice && slice.pairs > 0 ? metricAt(slice, "recall", k) : undefined;
  };
  return {
    name,
    scores: metrics.map((metric) => scoreOf(`${metric}@${k}`, result.metrics[0].perUser[metric])),
    tail: recallOf("outsideTop10Percent"),
    coverage: result.exposure[0].coverage,
    newItems: recallOf("coldItems"),
    newUsers: recallOf("coldUsers"),
  };
}
