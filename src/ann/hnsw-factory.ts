import { expectOptions } from "./arguments.ts";
import type { VectorKind } from "./graph-layout.ts";
import { HnswIndex } from "./hnsw.ts";
import type { IndexFactory } from "./index-factory.ts";

/** Options of `hnsw`. */
export interface GraphOptions {
  /** Links of a node of the graph. Default 16. */
  readonly M?: number;
  /** Candidates weighed when an item is linked. Default 200. */
  readonly efConstruction?: number;
  /** What the graph keeps of vectors beside codes, to rank with: "float32" (default), "float16" or "none". */
  readonly vectors?: VectorKind;
  readonly seed?: number;
}

/** So many items exact search compares in well under a millisecond; beyond, a graph is worth the time to build it. */
export const MANY_ITEMS = 20_000;

/** Walks a graph (Malkov and Yashunin 2018): the time of a search hardly grows with the catalogue. For large ones. */
export function hnsw(options: GraphOptions = {}): IndexFactory {
  expectOptions(options, ["M", "efConstruction", "vectors", "seed"]);
  return (dimension) => new HnswIndex<string>({ dimension, metric: "cosine", ...options });
}
