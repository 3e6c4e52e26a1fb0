/** What a caller calls an item. The number 1, the text "1" and the bigint 1n are three ids. */
export type ItemId = string | number | bigint;

/** How near two vectors are: the cosine of their angle, or their inner product ("dot"). Larger is nearer in both. */
export type Metric = "cosine" | "dot";

/** One bit for each row: row r is bit r & 7 of byte r >> 3. Rows past its end are not in it. */
export type RowBitmap = Uint8Array;

/** Some of the items. A bitmap costs a search nothing to prepare: keep one where many searches share a filter. */
export type ItemFilter<Id extends ItemId = ItemId> = ReadonlySet<Id> | RowBitmap | ((id: Id) => boolean);

/** What items are known by beside their vectors: `{ genre: ["Comedy", "Drama"], inStock: true, price: 9.5 }`. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A number from `min` to `max`, both included; either may be left out. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** What an attribute must be: one value, any of a list, or a range of numbers. */
export type Condition = string | number | boolean | readonly (string | number)[] | Range;

/** Attributes an item must have, all of them: `{ genre: "Comedy", price: { max: 10 } }`. */
export type Where = Readonly<Record<string, Condition | undefined>>;

/** What a search may find, and how hard it tries. */
export interface SearchOptions<Id extends ItemId = ItemId> {
  /** How many candidates to weigh: more find more of the true neighbours and take longer. At least k; 64 by default. */
  readonly ef?: number;
  /** Only these items: their ids, their rows as a bitmap, or a test that is asked once for every item. */
  readonly filter?: ItemFilter<Id>;
  /** Only items with these attributes, of an index that knows any: see `withAttributes`. */
  readonly where?: Where;
  /** Not these, such as what a user has seen. Ids that are not in the index are no mistake. */
  readonly exclude?: Iterable<Id>;
}

/** The same in row numbers, for callers that keep their own tables: nothing is looked up and nothing is built. */
export interface RowSearchOptions {
  readonly ef?: number;
  readonly allowed?: RowBitmap;
  readonly excluded?: ArrayLike<number>;
}

/** The nearest items, nearest first; fewer than k only if fewer exist or are let through. */
export interface Neighbours<Id extends ItemId = ItemId> {
  readonly ids: Id[];
  readonly scores: Float32Array;
}

export interface NeighbourRows {
  readonly rows: Int32Array;
  readonly scores: Float32Array;
}

/**
 * Items with vectors, to be searched by nearness. The exact index and the approximate one are used alike.
 *
 * Every item has a row: 0, 1, 2 … in the order of adding. An item keeps its row until it is removed;
 * the next item added then takes the row over.
 *
 * All methods throw a TwoTowerError: SHAPE_MISMATCH for vectors of another length, BAD_ARGUMENT for numbers that are
 * not finite, ids already there and a k or ef that is no positive whole number, UNKNOWN_ID for ids that are not there.
 */
export interface VectorIndex<Id extends ItemId = ItemId> {
  readonly dimension: number;
  readonly metric: Metric;
  /** How many items there are. */
  readonly size: number;
  /** One more than the largest row: how many bits a RowBitmap needs. */
  readonly rows: number;

  /** The fingerprint of the model that made the vectors, if one did: saved with them, so that no other model searches them. */
  model: string | undefined;

  /** Whether an item of this id is there. */
  has(id: Id): boolean;
  /** The row of an id, or undefined. */
  rowOf(id: Id): number | undefined;
  /** The id in a row, or undefined. */
  idOf(row: number): Id | undefined;
  /** A copy of an item's vector; under cosine, scaled to length 1. */
  vector(id: Id): Float32Array;

  /** Adds one item. Attributes are kept by an index that knows them, and ignored by others. */
  add(id: Id, vector: ArrayLike<number>, attributes?: Attributes): void;
  /** Adds ids.length items; their vectors stand one after another. All of them or, if one is wrong, none. */
  addMany(ids: readonly Id[], vectors: ArrayLike<number>, attributes?: readonly Attributes[]): void;
  /** Gives an item another vector, and other attributes if any are given; it keeps its row. */
  update(id: Id, vector: ArrayLike<number>, attributes?: Attributes): void;
  /** Takes an item out; its row falls vacant. */
  remove(id: Id): void;

  /** The k items nearest to the query that `filter` lets through and `exclude` does not name. */
  search(query: ArrayLike<number>, k: number, options?: SearchOptions<Id>): Neighbours<Id>;
  /** One result for each of the queries that stand one after another. */
  searchMany(queries: ArrayLike<number>, k: number, options?: SearchOptions<Id>): Neighbours<Id>[];
  /** The same in row numbers. */
  searchRows(query: ArrayLike<number>, k: number, options?: RowSearchOptions): NeighbourRows;

  /** Everything, as a safetensors file. */
  toBytes(): Uint8Array;
  /** The same file piece by piece, to be written one after another before the index changes: nothing is copied whole. */
  pieces(): Iterable<Uint8Array>;
}
