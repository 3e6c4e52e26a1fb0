import { linearOfTables } from "../autograd/ops.ts";
import { worthProjecting } from "../autograd/projected.ts";
import type { TrainingMode } from "../model/tower.ts";

/**
 * Multiplies tables of few rows by the first layer before they are read. Only in training, where a batch is large: what
 * serving computes must have the same bits for one row and for many.
 */
export const project: NonNullable<TrainingMode["project"]> = (parts, count) => {
  const readings = parts.map(({ reading }) => reading);
  const sources = parts.map(({ source }) => source);
  const projected = worthProjecting(
    count,
    readings,
    sources.map(({ value }) => value),
  );
  if (projected.size === 0) return undefined;
  return ({ weight, bias }, rectify) => linearOfTables(count, readings, projected, rectify, weight, bias, ...sources);
};
