import type { UserItems } from "../features/interactions.ts";
import { createEngine } from "../kernels/wasm.ts";
import { rankBlocks } from "./rank-blocks.ts";
import { type CandidateScorer, checkRows, type Ranker } from "./ranker.ts";

/** Writes a user's score of every item to `out`, which holds itemCount floats of unknown content. */
export type ScoreItems = (user: number, out: Float32Array) => void;

/** Ranks by any function that scores the whole catalogue for a user: the baselines, or a known truth. */
export function scoreRanker(name: string, itemCount: number, score: ScoreItems): Ranker & CandidateScorer {
  const engine = createEngine();
  const scored = new Float32Array(itemCount);
  return {
    name,
    itemCount,

    rank(users: Int32Array, k: number, excluded: UserItems | undefined): Int32Array {
      return rankBlocks(engine, itemCount, users, k, excluded, (block, scores) => {
        const view = engine.floats(scores, block.length * itemCount);
        block.forEach((user, row) => {
          score(user, scored);
          view.set(scored, row * itemCount);
        });
      }).items;
    },

    scores(users: Int32Array, candidates: Int32Array): Float32Array {
      checkRows(candidates, itemCount, "item");
      const c = candidates.length / users.length;
      const out = new Float32Array(candidates.length);
      users.forEach((user, row) => {
        score(user, scored);
        for (let j = row * c; j < (row + 1) * c; j++) out[j] = scored[candidates[j]];
      });
      return out;
    },
  };
}
