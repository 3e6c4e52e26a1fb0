import { ExactIndex } from "./exact.ts";
import type { VectorIndex } from "./vector-index.ts";

/** How an index of a model's vectors, which have length 1, is made: by `exact()`, or by `hnsw()` of twotower/hnsw. */
export type IndexFactory = (dimension: number) => VectorIndex<string>;

/** Compares with every item: finds the true neighbours and needs no building. For up to some 20,000 items. */
export function exact(): IndexFactory {
  return (dimension) => new ExactIndex<string>({ dimension, metric: "cosine" });
}

/** The index that a factory makes; undefined if it was none: `hnsw` itself, not called, gives another function. */
export function madeBy(factory: unknown, dimension: number): VectorIndex<string> | undefined {
  const made = typeof factory === "function" ? factory(dimension) : factory;
  return typeof made === "object" && made !== null && "searchRows" in made ? made : undefined;
}
