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
  /** The caller's own choice. */
  readonly negatives: Negatives | undefined;
}

/** The largest catalogue whose every item is a candidate: the memory and time of a step grow with it. */
export const FEW_ITEMS = 20_000;

/**
 * The full softmax for small catalogues, where a user's scores serve all its pairs: as good as the default sampling or
 * better, in a tenth of the time. Ten steps an epoch are enough for it. A user's own row is touched in one of them, so
 * that a momentum over ten steps would be stale, and may go far: beta1 = 0 and a high rate. Layers are touched in all, and
 * want it as Adam usually has it (NDCG@20 with histories, held-out pairs: MovieLens 100K .219 so, .215 with the rows' own
 * way; "m1" .262 and .261, and there a third of the first ten epochs undo what the one before gained).
 */
export function defaultsFor({ loss, itemCount, pairs, oneVectorPerUser, negatives }: Circumstances): Defaults {
  const listwise = loss.name === "listwise";
  const full = negatives ? negatives.layout === "all" : listwise && itemCount <= FEW_ITEMS;
  if (full && oneVectorPerUser)
    return {
      negatives: negatives ?? allItems(),
      optimiser: adam({ beta1: 0, layers: { beta1: 0.9, rate: 0.1 } }),
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
