import { expectOptions, expectWhole, LARGEST_K } from "../ann/arguments.ts";
import type { Attributes, ItemFilter } from "../ann/vector-index.ts";
import { TwoTowerError } from "../errors.ts";
import type { Key, Schema } from "../features/declare.ts";
import { show } from "../features/options.ts";
import type { ItemRow, UserRow } from "../features/rows.ts";
import { fingerprint } from "../recall/fingerprint.ts";
import { RECALL_OPTIONS, type RecallOptions, type Recommendation } from "../recall/recaller.ts";
import type { TrainedModel } from "../recall/trained-model.ts";
import type { StoredItem, StoreSearch, VectorSource, VectorStore } from "./vector-store.ts";

/** Items are embedded and written so many at a time. */
const CHUNK = 1000;

/** Rows of items, from memory or as they come. */
export type StoredItems<S extends Schema> = Iterable<ItemRow<S>> | AsyncIterable<ItemRow<S>>;

/** A recaller of a model whose item vectors are in a store. The model may be one to be trained on, or one that only serves. */
export function storeRecaller<S extends Schema>(
  model: TrainedModel<S> | { readonly trained: TrainedModel<S> },
  store: VectorStore,
): StoreRecaller<S> {
  if (typeof model !== "object" || model === null || typeof store?.search !== "function")
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `storeRecaller of ${show(model)} and ${show(store)}; expected a trained model and a store, such as postgresStore(pool, { table })`,
    );
  return new StoreRecaller<S>("trained" in model ? model.trained : model, store);
}

/** As `Recaller`, but its answers come later. */
export class StoreRecaller<S extends Schema> {
  /** The model: what turns users and items into vectors. */
  readonly encoder: TrainedModel<S>;
  readonly store: VectorStore;
  readonly #source: VectorSource;

  constructor(model: TrainedModel<S>, store: VectorStore) {
    this.encoder = model;
    this.store = store;
    this.#source = { model: fingerprint(model.network), dimension: model.options.dimension };
  }

  /**
   * Fills the store with these items, or with those of the training data: readers see the former ones until all of them are
   * there. An item that is added meanwhile to what was there is not among them. Returns how many there are.
   */
  replaceAll(items?: StoredItems<S>): Promise<number> {
    return this.store.replace(this.#source, items === undefined ? this.#ofTraining() : this.#embedded(items));
  }

  /** Adds items, or replaces those already there, by their features and with the attributes in their rows. */
  async add(items: Iterable<ItemRow<S>>): Promise<void> {
    const latest = new Map(this.#embed([...items]).map((item) => [item.id, item])); // an id that comes twice: the last counts
    if (latest.size > 0) await this.store.upsert(this.#source, [...latest.values()]);
  }

  /** Takes an item out. Throws UNKNOWN_ID if it is not in the store. */
  async remove(item: Key): Promise<void> {
    if (!(await this.store.remove(String(item)))) throw unknownItem(String(item));
  }

  /**
   * The k best items for a user, best first: a user known from training by id, or any user by a row of features (and
   * history; leave out the id for somebody new). A filter is a list or a set of ids.
   */
  async recall(user: Key | Partial<UserRow<S>>, k = 10, options: RecallOptions = {}): Promise<Recommendation[]> {
    expectOptions(options, [...RECALL_OPTIONS, "includeSeen"]);
    const { vector, seen } = this.encoder.encode(user);
    return this.#search(vector, k, options.includeSeen ? [] : seen, options);
  }

  /** The k items nearest to an item, itself apart. Throws UNKNOWN_ID if it is not in the store. */
  async similar(item: Key, k = 10, options: Omit<RecallOptions, "includeSeen"> = {}): Promise<Recommendation[]> {
    expectOptions(options, RECALL_OPTIONS);
    const id = String(item);
    const vector = await this.store.vector(this.#source, id);
    if (!vector) throw unknownItem(id);
    return this.#search(vector, k, [id], options);
  }

  async #search(
    vector: Float32Array,
    k: number,
    without: readonly string[],
    { exclude = [], filter, where, ef }: RecallOptions,
  ): Promise<Recommendation[]> {
    expectWhole("k", k, 1, LARGEST_K);
    if (ef !== undefined) expectWhole("ef", ef, 1, LARGEST_K);
    const options: StoreSearch = {
      exclude: [...without, ...idsIn("exclude", exclude)],
      ef: ef ?? Math.min(LARGEST_K, Math.max(64, 2 * k)),
      ...(filter !== undefined && { filter: idsIn("filter", filter) }),
      ...(where !== undefined && { where }),
    };
    return this.store.search(this.#source, vector, k, options);
  }

  #embed(rows: readonly ItemRow<S>[]): StoredItem[] {
    if (rows.length === 0) return [];
    const { dimension } = this.#source;
    const vectors = this.encoder.embedItems(rows);
    return rows.map((row, i) => ({
      id: this.encoder.itemId(row),
      vector: vectors.subarray(i * dimension, (i + 1) * dimension),
      attributes: row as Attributes,
    }));
  }

  async *#embedded(items: StoredItems<S>): AsyncGenerator<StoredItem[]> {
    let rows: ItemRow<S>[] = [];
    for await (const row of items) {
      if (rows.push(row) < CHUNK) continue;
      yield this.#embed(rows);
      rows = [];
    }
    if (rows.length > 0) yield this.#embed(rows);
  }

  async *#ofTraining(): AsyncGenerator<StoredItem[]> {
    const { dimension } = this.#source;
    const { ids, table } = this.encoder.on.items;
    const vectors = this.encoder.network.item.embed(table);
    for (let start = 0; start < ids.size; start += CHUNK)
      yield Array.from({ length: Math.min(CHUNK, ids.size - start) }, (_, i) => ({
        id: ids.idOf(start + i),
        vector: vectors.subarray((start + i) * dimension, (start + i + 1) * dimension),
        attributes: {},
      }));
  }
}

/** Ids as texts. A test or a bitmap of rows cannot be sent to where the items are. */
function idsIn(name: string, ids: Iterable<Key> | ItemFilter<string>): string[] {
  if (typeof ids === "object" && !ArrayBuffer.isView(ids) && Symbol.iterator in ids)
    return Array.from(ids as Iterable<Key>, String);
  throw new TwoTowerError(
    "BAD_ARGUMENT",
    `${name} is ${show(ids)}; expected a list or a set of ids, for that is what can be sent to a store. Say by "where" what items must be`,
  );
}

const unknownItem = (id: string): TwoTowerError =>
  new TwoTowerError("UNKNOWN_ID", `item "${id}" is not in the store; await recaller.add([row]) first`);
