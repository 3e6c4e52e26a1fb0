import type { Attributes, Where } from "../ann/vector-index.ts";
import type { Recommendation } from "../recall/recaller.ts";

/** The model that makes the vectors: those of another are of no use to it, and a store refuses them. */
export interface VectorSource {
  /** Tells a trained model from any other, also from itself before it learnt on. */
  readonly model: string;
  /** Length of its vectors. */
  readonly dimension: number;
}

/** An item as it goes into a store. */
export interface StoredItem {
  /** Ids are texts, as in a model. */
  readonly id: string;
  /** Of length 1, so that inner products are cosines. */
  readonly vector: Float32Array;
  /** The row of the item: the store takes from it the attributes it was declared with. */
  readonly attributes: Attributes;
}

/** What a search in a store may find, and how hard it tries. */
export interface StoreSearch {
  readonly exclude: readonly string[];
  readonly filter?: readonly string[];
  readonly where?: Where;
  readonly ef?: number;
}

/**
 * Item vectors in a database. Every method that takes a source throws BAD_FILE if the store holds another's vectors, or
 * was never filled. What the database itself has to say, such as that nobody is there, comes as its client says it.
 */
export interface VectorStore {
  /** Fills the store anew. Readers see all that was there until all that comes is. Returns how many items there are. */
  replace(source: VectorSource, items: AsyncIterable<readonly StoredItem[]>): Promise<number>;
  /** Adds items, or replaces those already there: all of them or none. */
  upsert(source: VectorSource, items: readonly StoredItem[]): Promise<void>;
  /** Takes an item out; says whether it was there. */
  remove(id: string): Promise<boolean>;
  /** The vector of an item, or undefined. */
  vector(source: VectorSource, id: string): Promise<Float32Array | undefined>;
  /** The k items nearest to a query of length 1, nearest first; fewer only if fewer exist or are let through. */
  search(source: VectorSource, query: Float32Array, k: number, options: StoreSearch): Promise<Recommendation[]>;
}
