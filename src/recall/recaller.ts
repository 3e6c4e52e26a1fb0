import { expectList, expectOptions, LARGEST_K } from "../ann/arguments.ts";
import type { ItemFilter, SearchOptions, VectorIndex, Where } from "../ann/vector-index.ts";
import { TwoTowerError } from "../errors.ts";
import type { Key, Schema } from "../features/declare.ts";
import type { ItemRow, UserRow } from "../features/rows.ts";

/** An item that was recalled. */
export interface Recommendation {
  readonly id: string;
  /** Cosine of the user's and the item's vector, −1 … 1. */
  readonly score: number;
}

/** What a recall may return. */
export interface RecallOptions {
  /** Item ids that must not come, beside what the user has seen in training. */
  readonly exclude?: Iterable<Key>;
  /** Only these items: their ids, or a test of an id. Works inside the search: k results come whenever k exist. */
  readonly filter?: ItemFilter<string>;
  /** Only items with these attributes, such as `{ genre: "Comedy", inStock: true }`; of an index made by `withAttributes`. */
  readonly where?: Where;
  /** Recommend what the user has seen in training too. Default false. */
  readonly includeSeen?: boolean;
  /** How many candidates an approximate search weighs. Default 64, or 2 k if that is more. */
  readonly ef?: number;
}

/** What `similar` may be told, and `recall` beside `includeSeen`. */
export const RECALL_OPTIONS: readonly string[] = ["exclude", "filter", "where", "ef"];

/** What a recaller needs of a trained model. */
export interface UserEncoder<S extends Schema> {
  readonly schema: S;
  /** The vector of a user, and the items it has seen in training. Throws UNKNOWN_ID for an id never seen. */
  encode(user: Key | Partial<UserRow<S>>): { readonly vector: Float32Array; readonly seen: readonly string[] };
  /** Vectors of items by their features. */
  embedItems(rows: Iterable<ItemRow<S>>): Float32Array;
  /** The id in an item's row. */
  itemId(row: ItemRow<S>): string;
}

/** Online recall: only the user tower runs, then the index of item vectors answers. */
export class Recaller<S extends Schema> {
  readonly index: VectorIndex<string>;
  /** The model: what turns users and items into vectors. */
  readonly encoder: UserEncoder<S>;

  constructor(index: VectorIndex<string>, encoder: UserEncoder<S>) {
    this.index = index;
    this.encoder = encoder;
  }

  /**
   * The k best items for a user, best first: a user known from training by id, or any user by a row of features (and
   * history; leave out the id for somebody new).
   */
  recall(user: Key | Partial<UserRow<S>>, k = 10, options: RecallOptions = {}): Recommendation[] {
    expectOptions(options, [...RECALL_OPTIONS, "includeSeen"]);
    const { vector, seen } = this.encoder.encode(user);
    const exclude = idsIn(options.exclude);
    return this.#search(vector, k, options.includeSeen ? exclude : [...seen, ...exclude], options);
  }

  /** The k items nearest to an item, itself apart. Throws UNKNOWN_ID if it is not in the index. */
  similar(item: Key, k = 10, options: Omit<RecallOptions, "includeSeen"> = {}): Recommendation[] {
    expectOptions(options, RECALL_OPTIONS);
    const id = String(item);
    if (!this.index.has(id))
      throw new TwoTowerError("UNKNOWN_ID", `item "${id}" is not in the index; add it with recaller.add([row]) first`);
    return this.#search(this.index.vector(id), k, [id, ...idsIn(options.exclude)], options);
  }

  /**
   * Adds items, or replaces those already there, by their features: searchable at once. An index that knows attributes
   * takes them from the same rows.
   */
  add(items: Iterable<ItemRow<S>>): void {
    expectList("what is to be added", items);
    const rows = [...items];
    const vectors = this.encoder.embedItems(rows);
    const { dimension } = this.index;
    for (const [i, row] of rows.entries()) {
      const id = this.encoder.itemId(row);
      const vector = vectors.subarray(i * dimension, (i + 1) * dimension);
      if (this.index.has(id)) this.index.update(id, vector, row);
      else this.index.add(id, vector, row);
    }
  }

  /** Takes an item out: it is not recalled any more. Throws UNKNOWN_ID if it is not in the index. */
  remove(item: Key): void {
    this.index.remove(String(item));
  }

  #search(
    vector: Float32Array,
    k: number,
    exclude: readonly string[],
    { filter, where, ef = Math.min(LARGEST_K, Math.max(64, 2 * k)) }: RecallOptions,
  ): Recommendation[] {
    const options: SearchOptions<string> = { exclude, ef, ...(filter && { filter }), ...(where && { where }) };
    const { ids, scores } = this.index.search(vector, k, options);
    return ids.map((id, i) => ({ id, score: scores[i] }));
  }
}

/** Ids to leave out. */
function idsIn(exclude: Iterable<Key> = []): string[] {
  expectList("exclude", exclude);
  return Array.from(exclude, String);
}
