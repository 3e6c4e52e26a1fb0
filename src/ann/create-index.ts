import { TwoTowerError } from "../errors.ts";
import { expectOptions } from "./arguments.ts";
import { ExactIndex } from "./exact.ts";
import type { VectorKind } from "./graph-layout.ts";
import { HnswIndex } from "./hnsw.ts";
import type { VectorIndex } from "./vector-index.ts";

export interface IndexOptions {
  /** "exact" compares with every item, "hnsw" walks a graph; "auto" (default) takes the graph from 20,000 items on. */
  readonly kind?: "auto" | "exact" | "hnsw";
  /** Links of a node of the graph. Default 16. */
  readonly M?: number;
  /** Candidates weighed when an item is linked. Default 200. */
  readonly efConstruction?: number;
  /** What the graph keeps of vectors beside codes, to rank with: "float32" (default), "float16" or "none". */
  readonly vectors?: VectorKind;
  readonly seed?: number;
}

// Up to here exact search answers in well under a millisecond, and needs no building.
const SMALL = 20_000;

/** An index for vectors of length 1, of the kind that suits so many items. */
export function createIndex(
  items: number,
  { kind = "auto", dimension, ...graph }: IndexOptions & { readonly dimension: number },
): VectorIndex<string> {
  expectOptions(graph, ["M", "efConstruction", "vectors", "seed"]);
  if (!["auto", "exact", "hnsw"].includes(kind))
    throw new TwoTowerError("BAD_ARGUMENT", `kind is ${String(kind)}; "auto", "exact" or "hnsw" is expected`);
  const exact = kind === "exact" || (kind === "auto" && items < SMALL);
  return exact
    ? new ExactIndex<string>({ dimension, metric: "cosine" })
    : new HnswIndex<string>({ dimension, metric: "cosine", ...graph });
}
