import type { UserItems } from "../features/interactions.ts";
import type { Random } from "../tensor/random.ts";
import type { Mined } from "./negatives.ts";

/** The model as it is now, asked for its rankings. */
export interface Miner {
  /** Makes the index of item vectors anew. */
  refresh(): void;
  /** The items that stand at ranks 0 … k for each user, best first, [users][≤ k]. */
  ranked(users: Int32Array, k: number): readonly Int32Array[];
}

const POOL = 64; // items of the band kept for a user: enough to choose from until the next refresh

/** Hard negatives of each user: a random part of what the model ranks in the band, looked up when first needed. */
export class HardItems {
  readonly #options: Mined;
  readonly #miner: Miner;
  readonly #known: UserItems;
  #pools: Map<number, Int32Array> = new Map();

  constructor(options: Mined, miner: Miner, known: UserItems) {
    this.#options = options;
    this.#miner = miner;
    this.#known = known;
  }

  /** Before each step: looks at the model again when it is time, and up the users it has not met since. */
  prepare(users: Int32Array, step: number, random: Random): void {
    const { from, to, every } = this.#options;
    if (step % every === 0 || this.#pools.size === 0) {
      this.#miner.refresh();
      this.#pools = new Map();
    }
    const missing = Int32Array.from(new Set(users)).filter((user) => !this.#pools.has(user));
    if (missing.length === 0) return;
    const { offsets, items } = this.#known;
    // Known items stand near the top and do not count as ranks: ask for so many more.
    const most = missing.reduce((max, user) => Math.max(max, offsets[user + 1] - offsets[user]), 0);
    for (const [i, list] of this.#miner.ranked(missing, to + most).entries()) {
      const known = new Set(items.subarray(offsets[missing[i]], offsets[missing[i] + 1]));
      const band = list.filter((item) => !known.has(item)).subarray(from, to);
      this.#pools.set(missing[i], random.shuffle(band).slice(0, POOL));
    }
  }

  /** Looks at the model again before the next draw. */
  forget(): void {
    this.#pools = new Map();
  }

  /** Up to `count` different hard negatives of a user. */
  draw(user: number, random: Random): Int32Array {
    const pool = this.#pools.get(user) ?? new Int32Array(0);
    return someOf(pool, this.#options.count, random);
  }
}

/** Up to `count` different places of a list, at random; shuffles the list's head. */
export function someOf(list: Int32Array, count: number, random: Random): Int32Array {
  if (list.length <= count) return list;
  const n = count;
  for (let i = 0; i < n; i++) {
    const j = i + random.below(list.length - i);
    const kept = list[i];
    list[i] = list[j];
    list[j] = kept;
  }
  return list.slice(0, n);
}
