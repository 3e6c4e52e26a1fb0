import type { Loss } from "../losses/loss.ts";
import { adam } from "../optim/adam.ts";
import type { OptimiserFactory } from "../optim/optimiser.ts";
import { allItems, type Negatives } from "../sampling/negatives.ts";

/** How a model learns if nothing else is said. */
export interface Defaults {
  readonly negatives: Negatives;
  readonly optimiser: OptimiserFactory;
  readonly learningRate: number;
  readonly batchSize: number;
}

/** What defaults depend on. */
export interface Circumstances {
  readonly loss: Loss;
  readonly itemCount: number;
  readonly pairs: number;
  /** Whether one vector of a user serves all its pairs: not where it depends on the history before each. */
  readonly oneVectorPerUser: boolean;
  /** Whether users and items are known by id alone, and by the ids of what belongs to them. */
  readonly idsOnly: boolean;
  /** The caller's own choice. */
  readonly negatives: Negatives | undefined;
}

/** The largest catalogue whose every item is a candidate: the memory and time of a step grow with it. */
export const FEW_ITEMS = 20_000;

/**
 * The full softmax for small catalogues known by id alone, where a user's scores serve all its pairs: better than the
 * default sampling on MovieLens 1M, in a tenth of the time. Ten steps an epoch are enough for it, and a user's own row is
 * touched in one of them, so that a momentum over ten steps would be stale: beta1 = 0. Layers over other features want
 * more steps: NDCG@10 .170 with ten of them, .175 sampled, on the demo; .242 and .248 on MovieLens' smallest
 * (bench/quality/defaults.ts).
 */
export function defaultsFor({ loss, itemCount, pairs, oneVectorPerUser, idsOnly, negatives }: Circumstances): Defaults {
  const listwise = loss.name === "listwise";
  const full = negatives
    ? negatives.layout === "all"
    : listwise && oneVectorPerUser && idsOnly && itemCount <= FEW_ITEMS;
  if (full)
    return {
      negatives: negatives ?? allItems(),
      optimiser: adam({ beta1: 0 }),
      learningRate: listwise ? 0.03 : 0.003,
      batchSize: Math.min(65_536, Math.max(256, Math.ceil(pairs / 10))),
    };
  return {
    negatives: negatives ?? loss.negatives,
    optimiser: adam(),
    learningRate: listwise ? 0.01 : 0.003,
    batchSize: 1024,
  };
}
