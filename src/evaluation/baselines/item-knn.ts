import type { UserItems } from "../../features/interactions.ts";
import { type CandidateScorer, checkRows, type Ranker } from "../ranker.ts";
import { scoreRanker } from "../score-ranker.ts";
import { itemCounts } from "../user-items.ts";
import { nearestItems, votes } from "./neighbours.ts";

/**
 * Item-kNN (Sarwar et al. 2001): items are alike when the same users chose them, cos(i, j) = nᵢⱼ / √(nᵢ nⱼ);
 * each item of the user's history votes for its nearest neighbours.
 */
export function itemKnn(
  history: UserItems,
  itemCount: number,
  options: { readonly neighbours?: number } = {},
): Ranker & CandidateScorer {
  checkRows(history.items, itemCount, "item");
  const { neighbours = 100 } = options; // 50–200 are about as good on MovieLens (Deshpande and Karypis 2004)
  const counts = itemCounts(history, itemCount);
  const ones = new Float64Array(history.offsets.length - 1).fill(1);
  const nearest = nearestItems(history, itemCount, neighbours, ones, (shared, i, j) => {
    return shared / Math.sqrt(counts[i] * counts[j]);
  });
  return scoreRanker("item-kNN", itemCount, votes(history, nearest));
}
