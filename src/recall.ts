/**
 * twotower/recall: serves what `twotower` trained, and carries nothing that trains. A model's towers, the exact index, and
 * recall from them: half the size, for browsers and edge functions. The graph comes from twotower/hnsw.
 */

export { ExactIndex, type ExactOptions } from "./ann/exact.ts";
export { type IndexKind, indexFromBytes, type KnownKinds } from "./ann/index-from-bytes.ts";
export { type ReadIndexOptions, readIndex } from "./ann/read-index.ts";
export type {
  Attributes,
  Condition,
  ItemFilter,
  ItemId,
  Metric,
  Neighbours,
  Range,
  RowBitmap,
  SearchOptions,
  VectorIndex,
  Where,
} from "./ann/vector-index.ts";
export {
  AttributedIndex,
  type AttributeKinds,
  type AttributesOf,
  type WhereOf,
  withAttributes,
} from "./ann/with-attributes.ts";
export { type ErrorCode, TwoTowerError } from "./errors.ts";
export { Recaller, type RecallOptions, type Recommendation } from "./recall/recaller.ts";
export { TrainedModel } from "./recall/trained-model.ts";
