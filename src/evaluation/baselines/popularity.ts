import type { UserItems } from "../../features/interactions.ts";
import { type CandidateScorer, checkRows, type Ranker } from "../ranker.ts";
import { scoreRanker } from "../score-ranker.ts";
import { itemCounts } from "../user-items.ts";

/** The same list for everyone: items by the number of users that chose them. What a model must beat to be of use. */
export function popularity(history: UserItems, itemCount: number): Ranker & CandidateScorer {
  checkRows(history.items, itemCount, "item");
  const counts = Float32Array.from(itemCounts(history, itemCount));
  return scoreRanker("popularity", itemCount, (_user, out) => out.set(counts));
}
