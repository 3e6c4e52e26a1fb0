import type { UserItems } from "../../features/interactions.ts";
import { pow } from "../../kernels/math.ts";
import type { Ranked } from "../rank-blocks.ts";
import { type CandidateScorer, checkRows, type Ranker } from "../ranker.ts";
import { scoreRanker } from "../score-ranker.ts";
import { itemCounts, itemsOf } from "../user-items.ts";
import { nearestItems, votes } from "./neighbours.ts";

/** What an `rp3beta` may be told. */
export interface Rp3BetaOptions {
  /** Exponent of the transition probabilities: below 1 evens out the influence of the very active. */
  readonly alpha?: number;
  /** How strongly popular items are held back; 0 = P³α, not at all. Default 0.6: on ML-1M (m1) NDCG@20 .223, with 0 .201. */
  readonly beta?: number;
  readonly neighbours?: number;
}

/**
 * RP³β (Paudel et al. 2016, ACM TiiS 7(1)): a random walk user → item → user → item over the graph of interactions,
 *
 *   w(i → j) = Σᵤ (1/nᵢ)^α · (1/nᵤ)^α / nⱼ^β      over the users u that chose both
 *
 * cut to the nearest neighbours, whose weights are then scaled to sum to 1. Strong, and hard to beat with ids only.
 */
export function rp3beta(history: UserItems, itemCount: number, options: Rp3BetaOptions = {}): Ranker & CandidateScorer {
  checkRows(history.items, itemCount, "item");
  const { alpha = 0.6, beta = 0.6, neighbours = 200 } = options;
  const counts = itemCounts(history, itemCount);
  const leave = Float64Array.from(counts, (n) => (n === 0 ? 0 : pow(1 / n, alpha)));
  const arrive = Float64Array.from(counts, (n) => (n === 0 ? 0 : pow(n, -beta)));
  const userWeights = Float64Array.from({ length: history.offsets.length - 1 }, (_, user) => {
    const n = itemsOf(history, user).length;
    return n === 0 ? 0 : pow(1 / n, alpha);
  });
  const nearest = nearestItems(history, itemCount, neighbours, userWeights, (shared, i, j) => {
    return leave[i] * shared * arrive[j];
  });
  return scoreRanker(beta === 0 ? "P3alpha" : "RP3beta", itemCount, votes(history, sumToOne(nearest)));
}

/** Each item's weights divided by their sum. */
function sumToOne({ items, scores, k }: Ranked): Ranked {
  const scaled = new Float32Array(scores.length);
  for (let first = 0; first < items.length; first += k) {
    let sum = 0;
    for (let p = first; p < first + k && items[p] >= 0; p++) sum += scores[p];
    for (let p = first; p < first + k && items[p] >= 0; p++) scaled[p] = scores[p] / sum;
  }
  return { items, scores: scaled, k };
}
