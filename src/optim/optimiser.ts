import type { Parameter } from "../nn/parameter.ts";
import { Ints, type Tensor, zeros } from "../tensor/tensor.ts";

/** Changes parameters by their gradients. Its state lives as long as the parameters' engine. */
export interface Optimiser {
  /** One update of every parameter that has a gradient, at this learning rate; clears the gradients. */
  step(rate: number): void;
  /** Named state beside the parameters' own names, so that a checkpoint can continue bit for bit. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Steps taken so far. */
  steps: number;
}

/** What makes an optimiser for a model's parameters. */
export interface OptimiserFactory {
  (parameters: ReadonlyMap<string, Parameter>): Optimiser;
  /** What it was made with: a checkpoint goes on with nothing else. */
  readonly options?: object;
}

/** The part of a parameter that a step changes: `count` rows of width d, and the gradient of each. */
export interface Update {
  /** Which rows; undefined = row i itself. */
  readonly rows: Ints | undefined;
  readonly count: number;
  readonly d: number;
  readonly grad: Tensor;
}

/**
 * What a step changes in a parameter: everything where the gradient is dense, only the rows read where it is sparse.
 * Gradients of a row that was read several times are added up first, for two half updates of Adam are not one.
 */
export function updateOf(parameter: Parameter): Update | undefined {
  const { rowGradients, grad, value } = parameter;
  const isTable = parameter.slots !== 0;
  if (rowGradients.length === 0 || grad !== undefined || !isTable) {
    const dense = parameter.denseGrad();
    const [count, d] = isTable ? value.shape : [1, value.size];
    return dense && { rows: undefined, count, d, grad: dense };
  }
  const { engine } = value;
  const total = rowGradients.reduce((sum, { rows }) => sum + rows.length, 0);
  const unique = engine.passing(total * 4);
  let count = 0;
  const places = rowGradients.map(({ rows }) => {
    const positions = new Ints(engine, rows.length, engine.passing(rows.length * 4));
    count = engine.kernels.uniqueRows(rows.pointer, rows.length, parameter.slots, unique, count, positions.pointer);
    return positions;
  });
  const merged = zeros(engine, [count, value.shape[1]]);
  for (const [i, gradient] of rowGradients.entries()) gradient.scatter(merged, places[i]);
  return { rows: new Ints(engine, count, unique), count, d: value.shape[1], grad: merged };
}
