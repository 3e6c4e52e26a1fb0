import type { UserItems } from "../../features/interactions.ts";
import { Random } from "../../tensor/random.ts";
import { type CandidateScorer, checkListLength, type Ranker } from "../ranker.ts";
import { itemsOf } from "../user-items.ts";

/**
 * Lists drawn at random: the floor of every metric. A user's list depends on the seed and the user only,
 * not on who was ranked before.
 */
export function random(itemCount: number, options: { readonly seed: number }): Ranker & CandidateScorer {
  const deck = Int32Array.from({ length: itemCount }, (_, item) => item);
  const base = new Random(options.seed).bits();
  const streamOf = (user: number) => new Random(base + user);

  /** The first k allowed cards of a shuffled deck, shuffling only as far as needed (Fisher and Yates). */
  function draw(user: number, list: Int32Array, excluded: ReadonlySet<number>): void {
    const stream = streamOf(user);
    const swaps: [number, number][] = [];
    let length = 0;
    for (let top = 0; top < itemCount && length < list.length; top++) {
      const other = top + stream.below(itemCount - top);
      const item = deck[other];
      deck[other] = deck[top];
      deck[top] = item;
      swaps.push([top, other]);
      if (!excluded.has(item)) list[length++] = item;
    }
    for (const [top, other] of swaps.reverse()) {
      const item = deck[top];
      deck[top] = deck[other];
      deck[other] = item;
    }
  }

  return {
    name: "random",
    itemCount,

    rank(users: Int32Array, k: number, excluded: UserItems | undefined): Int32Array {
      checkListLength(k);
      const lists = new Int32Array(users.length * k).fill(-1);
      users.forEach((user, row) => {
        draw(user, lists.subarray(row * k, (row + 1) * k), new Set(excluded && itemsOf(excluded, user)));
      });
      return lists;
    },

    scores(users: Int32Array, candidates: Int32Array): Float32Array {
      const c = candidates.length / users.length;
      const out = new Float32Array(candidates.length);
      users.forEach((user, row) => {
        const stream = streamOf(user);
        for (let j = row * c; j < (row + 1) * c; j++) out[j] = stream.next();
      });
      return out;
    },
  };
}
