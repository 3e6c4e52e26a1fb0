/**
 * twotower: two-tower recall, trained and served in one package.
 * Exports stand in the order of the pipeline: features, model, losses, negatives, optimisers, evaluation, index, recall.
 */

export { ExactIndex } from "./ann/exact.ts";
export { exact, type IndexFactory } from "./ann/index-factory.ts";
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
export { type ErrorCode, TwoTowerError } from "./errors.ts";
export { type Evaluation, type EvaluationTask, metricAt } from "./evaluation/evaluate.ts";
export type { MetricName } from "./evaluation/metrics.ts";
export type { Ranker } from "./evaluation/ranker.ts";
export { category, type Features, id, type Key, list, type Schema, tags } from "./features/declare.ts";
export { exampleAge, number, timestamp } from "./features/declare-number.ts";
export { attention, type Pool, type SequencePool, transformer } from "./features/declare-pool.ts";
export type { Dataset, InteractionRow, ItemRow, RowsOf, UserRow } from "./features/rows.ts";
export { type ListwiseOptions, listwise } from "./losses/listwise.ts";
export type { Loss } from "./losses/loss.ts";
export { type PairwiseOptions, pairwise } from "./losses/pairwise.ts";
export { type PointwiseOptions, pointwise } from "./losses/pointwise.ts";
export type { ModelOptions, PerSide } from "./model/options.ts";
export { type AdagradOptions, adagrad } from "./optim/adagrad.ts";
export { type AdamOptions, adam } from "./optim/adam.ts";
export type { Optimiser, OptimiserFactory } from "./optim/optimiser.ts";
export { constantRate, linearDecay, type Schedule, smoothDecay, warmUp } from "./optim/schedules.ts";
export { type MinedOptions, mined } from "./recall/mined.ts";
export { Recaller, type RecallOptions, type Recommendation } from "./recall/recaller.ts";
export { crossBatch } from "./sampling/cross-batch.ts";
export { each } from "./sampling/each.ts";
export { type Frequency, type Streaming, type StreamingOptions, streaming } from "./sampling/frequency.ts";
export { impressed } from "./sampling/impressed.ts";
export {
  allItems,
  type Drawn,
  inBatch,
  mixed,
  type Negatives,
  popularity,
  type Source,
  sampled,
  uniform,
} from "./sampling/negatives.ts";
export type { EpochSummary, FitReport, Progress } from "./training/fit.ts";
export type { FitOptions } from "./training/fit-options.ts";
export type { HoldOut } from "./training/hold-out.ts";
export { type SelfSupervision, type SelfSupervisionOptions, selfSupervision } from "./training/self-supervision.ts";
export { TwoTower, twoTower } from "./two-tower.ts";
