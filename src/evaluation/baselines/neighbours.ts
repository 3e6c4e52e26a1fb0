import type { UserItems } from "../../features/interactions.ts";
import { createEngine } from "../../kernels/wasm.ts";
import { type Ranked, rankBlocks } from "../rank-blocks.ts";
import type { ScoreItems } from "../score-ranker.ts";
import { itemsOf, itemUsers } from "../user-items.ts";

/** Similarity of two items, from the weight of the users they share. */
export type Similarity = (shared: number, item: number, other: number) => number;

/**
 * Each item's `limit` most similar others that share a user with it, of equal similarity the smaller row first.
 * Goes through the sparse matrix C = Xᵀ W X (X = users × items, W = diagonal of user weights) row by row, never
 * holding more than a block of rows: Σ over users of |history|² additions.
 *
 * @param userWeights W; 1 for each user counts the users that two items share
 */
export function nearestItems(
  history: UserItems,
  itemCount: number,
  limit: number,
  userWeights: Float64Array,
  similarity: Similarity,
): Ranked {
  const engine = createEngine();
  const { offsets, items } = history;
  const users = itemUsers(history, itemCount);
  const everyItem = Int32Array.from({ length: itemCount }, (_, item) => item);
  const shared = new Float64Array(itemCount); // one row of C, zero between rows
  const touched = new Int32Array(itemCount); // its columns that are not zero

  return rankBlocks(engine, itemCount, everyItem, limit, undefined, (block, scores) => {
    const view = engine.floats(scores, block.length * itemCount).fill(Number.NEGATIVE_INFINITY);
    block.forEach((item, row) => {
      let count = 0;
      for (const user of itemsOf(users, item)) {
        const weight = userWeights[user];
        for (let p = offsets[user]; p < offsets[user + 1]; p++) {
          const other = items[p];
          if (shared[other] === 0) touched[count++] = other;
          shared[other] += weight;
        }
      }
      for (let t = 0; t < count; t++) {
        const other = touched[t];
        if (other !== item) view[row * itemCount + other] = similarity(shared[other], item, other);
        shared[other] = 0;
      }
    });
  });
}

/** Every item of a user's history votes for its neighbours: score(u, i) = Σ over j in the history of w(j → i). */
export function votes(history: UserItems, { items, scores, k }: Ranked): ScoreItems {
  return (user, out) => {
    out.fill(0);
    for (const item of itemsOf(history, user))
      for (let p = item * k; p < (item + 1) * k && items[p] >= 0; p++) out[items[p]] += scores[p];
  };
}
