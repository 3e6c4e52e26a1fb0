import { exact, type IndexFactory, madeBy } from "../ann/index-factory.ts";
import type { VectorIndex } from "../ann/vector-index.ts";
import { TwoTowerError } from "../errors.ts";
import type { UserItems } from "../features/interactions.ts";
import { expectKinds, whole, wholeBetween } from "../features/kinds.ts";
import { countOf, type OwnItems, type OwnSource, type VectorsNow } from "../sampling/negatives.ts";
import { someOf } from "../sampling/some-of.ts";
import type { Random } from "../tensor/random.ts";

/** Which ranks are looked at, and how often. */
interface Band {
  /** Ranks, from 0. */
  readonly from: number;
  readonly to: number;
  /** Steps between two looks at the model. */
  readonly every: number;
}

/** Where, how often and in what `mined` looks. */
export interface MinedOptions extends Partial<Band> {
  /** The index that finds the ranks: `exact()` by default, `hnsw()` for more than some 20,000 items. */
  readonly index?: IndexFactory;
}

/**
 * `count` hard negatives for every positive, drawn from those the model now ranks from … to for the user, by
 * default 100 … 500: the very hardest are mostly positives nobody knows of (Huang et al. 2020, who used at most 2).
 * The ranks are looked up in an index of the catalogue, made anew `every` so many steps; 1,000 by default.
 */
export function mined(count: number, options: MinedOptions = {}): OwnSource & Band {
  expectKinds("mined", options, {
    from: wholeBetween(0, Number.MAX_SAFE_INTEGER),
    to: whole,
    every: whole,
    index: [(index) => typeof index === "function", "exact() or hnsw()"],
  });
  const { from = 100, to = 500, every = 1000, index = exact() } = options;
  if (to <= from) throw new TwoTowerError("BAD_ARGUMENT", `mined: ranks from ${from} to ${to}; expected from < to`);
  const band = { from, to, every };
  return {
    kind: "mined",
    count: countOf("mined", count),
    ...band,
    build({ model, known, itemCount }) {
      if (from >= itemCount)
        throw new TwoTowerError(
          "BAD_ARGUMENT",
          `mined: from is rank ${from}, but there are ${itemCount} items; lower it`,
        );
      if (!model) throw new TwoTowerError("BAD_ARGUMENT", "mined: there is no model to look at");
      return new HardItems(count, band, () => rankingsOf(model, index), known);
    },
  };
}

const POOL = 64; // items of the band kept for a user: enough to choose from until the next refresh

/** The items that stand at ranks 0 … k for each user, best first: [users][≤ k]. */
type Rankings = (users: Int32Array, k: number) => readonly Int32Array[];

/** Hard negatives of each user: a random part of what the model ranks in the band, looked up when first needed. */
export class HardItems implements OwnItems {
  readonly #count: number;
  readonly #band: Band;
  readonly #look: () => Rankings;
  readonly #known: UserItems;
  #rankings: Rankings | undefined;
  #pools: Map<number, Int32Array> = new Map();

  constructor(count: number, band: Band, look: () => Rankings, known: UserItems) {
    this.#count = count;
    this.#band = band;
    this.#look = look;
    this.#known = known;
  }

  /** Looks at the model again when it is time, and up the users it has not met since. */
  prepare(users: Int32Array, step: number, random: Random): void {
    const { from, to, every } = this.#band;
    if (step % every === 0 || this.#pools.size === 0) {
      this.#rankings = this.#look();
      this.#pools = new Map();
    }
    const missing = Int32Array.from(new Set(users)).filter((user) => !this.#pools.has(user));
    if (missing.length === 0) return;
    const { offsets, items } = this.#known;
    // Known items stand near the top and do not count as ranks: ask for so many more.
    const most = missing.reduce((max, user) => Math.max(max, offsets[user + 1] - offsets[user]), 0);
    for (const [i, list] of this.#rankings!(missing, to + most).entries()) {
      const known = new Set(items.subarray(offsets[missing[i]], offsets[missing[i] + 1]));
      const band = list.filter((item) => !known.has(item)).subarray(from, to);
      this.#pools.set(missing[i], random.shuffle(band).slice(0, POOL));
    }
  }

  forget(): void {
    this.#pools = new Map();
  }

  draw(user: number, random: Random): Int32Array {
    return someOf(this.#pools.get(user) ?? new Int32Array(0), this.#count, random);
  }
}

/** Rankings as the model makes them now, looked up in what also serves: an index of its item vectors. */
function rankingsOf(model: VectorsNow, factory: IndexFactory): Rankings {
  const items = model.items();
  let index: VectorIndex<string> | undefined;
  return (users, k) => {
    const vectors = model.users(users);
    const d = vectors.length / users.length;
    index ??= indexOf(items, d, factory);
    const most = Math.min(k, index.size);
    const of = (i: number): Float32Array => vectors.subarray(i * d, (i + 1) * d);
    return Array.from(users, (_, i) => index!.searchRows(of(i), most, { ef: most }).rows);
  };
}

/** Item vectors in an index, each in its own row. */
function indexOf(vectors: Float32Array, d: number, factory: IndexFactory): VectorIndex<string> {
  const index = madeBy(factory, d);
  if (!index) throw new TwoTowerError("BAD_ARGUMENT", "mined: expected an index made by exact() or hnsw()");
  const ids = Array.from({ length: vectors.length / d }, (_, row) => String(row));
  index.addMany(ids, vectors);
  return index;
}
