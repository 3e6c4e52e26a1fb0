/** What a caller calls an item. The number 1, the text "1" and the bigint 1n are three ids. */
export type ItemId = string | number | bigint;

/** How near two vectors are: the cosine of their angle, or their inner product ("dot"). Larger is nearer in both. */
export type Metric = "cosine" | "dot";

/** One bit for each row: row r is bit r & 7 of byte r >> 3. Rows past its end are not in it. */
export type RowBitmap = Uint8Array;

/** What a search may find, and how hard it tries. */
export interface SearchOptions<Id extends ItemId = ItemId> {
  /** How many candidates to weigh: more find more of the true neighbours and take longer. At least k; 64 by default. */
  readonly ef?: number;
  /** Only these items: their ids, or a test that is asked once for every item. */
  readonly filter?: ReadonlySet<Id> | ((id: Id) => boolean);
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

  /** Whether an item of this id is there. */
  has(id: Id): boolean;
  /** The row of an id, or undefined. */
  rowOf(id: Id): number | undefined;
  /** The id in a row, or undefined. */
  idOf(row: number): Id | undefined;
  /** A copy of an item's vector; under cosine, scaled to length 1. */
  vector(id: Id): Float32Array;

  /** Adds one item. */
  add(id: Id, vector: ArrayLike<number>): void;
  /** Adds ids.length items; their vectors stand one after another. All of them or, if one is wrong, none. */
  addMany(ids: readonly Id[], vectors: ArrayLike<number>): void;
  /** Gives an item another vector; it keeps its row. */
  update(id: Id, vector: ArrayLike<number>): void;
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
}
