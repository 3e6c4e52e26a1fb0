/**
 * twotower/hnsw: the approximate index, for large catalogues. A part of its own, as a program that compares with every
 * item needs none of it.
 *
 *   model.index(items, hnsw());                          a graph of a model's items
 *   mined(2, { index: hnsw() });                         the same, to mine hard negatives from
 *   new HnswIndex({ dimension: 64 });                    a graph of any vectors
 *   indexFromBytes(bytes, { kinds: [HnswIndex] });       one that was saved; or HnswIndex.fromBytes(bytes)
 */

export type { VectorKind } from "./ann/graph-layout.ts";
export { HnswIndex, type HnswOptions } from "./ann/hnsw.ts";
export { type GraphOptions, hnsw } from "./ann/hnsw-factory.ts";
