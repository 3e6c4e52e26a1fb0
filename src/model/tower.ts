import { constant } from "../autograd/op.ts";
import { add, affine, gather, lookUp, multiply, normalise } from "../autograd/ops.ts";
import type { Reading } from "../autograd/rows.ts";
import type { Var } from "../autograd/var.ts";
import { TwoTowerError } from "../errors.ts";
import { type Column, type Table, UNKNOWN } from "../features/columns.ts";
import type { SequenceShape } from "../features/fitted-feature.ts";
import { type Runs, runsOf } from "../features/history.ts";
import type { Engine } from "../kernels/engine.ts";
import { Cross } from "../nn/cross.ts";
import type { Drop } from "../nn/dropout.ts";
import type { Linear } from "../nn/linear.ts";
import { Mlp } from "../nn/mlp.ts";
import type { Parameter } from "../nn/parameter.ts";
import { Transformer } from "../nn/transformer.ts";
import type { Random } from "../tensor/random.ts";
import { type Ints, intsOf, passing, passingInts, type Tensor } from "../tensor/tensor.ts";

/** What a tower must know of one feature to read its column. */
export type Input =
  /** One row (ids, categories, bins) or several pooled rows (tags, lists) of an embedding table. */
  | {
      readonly feature: string;
      readonly reads: "index" | "bag";
      readonly table: string;
      readonly isKey: boolean;
      /** Of lists read in order: by what, and how many entries at most. */
      readonly sequence?: SequenceShape | undefined;
      /** Of lists: whether the sum is divided by the root of their length instead of their length. */
      readonly byRoot?: true | undefined;
    }
  /** `width` numbers as they are. */
  | { readonly feature: string; readonly reads: "number"; readonly width: number };

export interface TowerOptions {
  /** Length of the tower's vector. */
  readonly dimension: number;
  /** Widths of the hidden layers; [] = a single linear layer. */
  readonly hidden: readonly number[];
  /**
   * What becomes of the embedding of the side's own id.
   *   "add":    vector = id embedding + MLP(other features). The id memorises, the features generalise, and a new item
   *             is what its features say. With no other features this is matrix factorisation.
   *   "concat": vector = MLP(id embedding and other features), as in DSSM's successors.
   *   "none":   the id says nothing: everything comes from the other features, such as the history.
   */
  readonly identity: "add" | "concat" | "none";
  /** Layers of crosses between the features before the hidden layers (DCN-v2). */
  readonly crosses?: number;
  /** Whether hidden layers are normalised. */
  readonly layerNorm?: boolean;
}

/** How a step of training differs from serving. */
export interface TrainingMode {
  readonly random: Random;
  /** Rate at which hidden activations are dropped. */
  readonly dropout: number;
  /** Rate at which ids are replaced by "never seen", so that the row new ids get has learnt something. */
  readonly unknown: number;
  /** A faster way to the first hidden layer where it pays; the result is the same but for rounding. */
  readonly project?: (parts: readonly Part[], count: number) => ((first: Linear, rectify: boolean) => Var) | undefined;
}

/** A column that stands in for the table's own, row i for row i of the batch: the history before each interaction. */
export type Overrides = { readonly [feature: string]: Column | Runs };

/**
 * One side of the model: rows of a table → vectors of length 1.
 *   features → embeddings (→ attention over lists) → concat (→ crosses) → MLP (+ id embedding) → L2 normalise
 */
export class Tower {
  readonly sequences: ReadonlyMap<string, Transformer>; // by feature
  readonly cross: Cross | undefined;
  readonly mlp: Mlp | undefined;
  readonly #engine: Engine;
  readonly #inputs: readonly Input[];
  readonly #tables: ReadonlyMap<string, Parameter>;
  readonly #dimension: number;
  readonly #added: Input | undefined; // the id, where it is added to the MLP's output

  constructor(
    engine: Engine,
    inputs: readonly Input[],
    tables: ReadonlyMap<string, Parameter>,
    options: TowerOptions,
    random: Random,
  ) {
    const { dimension, hidden, identity, crosses = 0, layerNorm = false } = options;
    this.#engine = engine;
    this.#tables = tables;
    this.#dimension = dimension;
    const key = inputs.find((input) => input.reads === "index" && input.isKey);
    this.#added = identity === "add" ? key : undefined;
    this.#inputs = identity === "concat" ? inputs : inputs.filter((input) => input !== key);

    const widthOf = (input: Input): number =>
      input.reads === "number" ? input.width : tables.get(input.table)!.value.shape[1];
    if (this.#added && widthOf(this.#added) !== dimension)
      throw new TwoTowerError(
        "BAD_SCHEMA",
        `"${this.#added.feature}" has dimension ${widthOf(this.#added)}, the towers ${dimension}: to be added they must agree. ` +
          `Leave out the id's dimension, or set identity: "concat"`,
      );
    const width = this.#inputs.reduce((sum, input) => sum + widthOf(input), 0);
    if (width === 0 && !this.#added)
      throw new TwoTowerError("BAD_SCHEMA", 'identity: "none" leaves a tower without any feature; declare another one');
    this.sequences = new Map(
      this.#inputs.flatMap((input): [string, Transformer][] =>
        input.reads === "bag" && input.sequence
          ? [[input.feature, sequenceReader(engine, input.feature, widthOf(input), input.sequence, random)]]
          : [],
      ),
    );
    if (width > 0 && crosses > 0) this.cross = new Cross(engine, width, crosses, random);
    if (width > 0) this.mlp = new Mlp(engine, [width, ...hidden, dimension], random, layerNorm);
    const [only] = this.#inputs;
    if (this.mlp?.layers.length === 1 && this.#inputs.length === 1 && only.reads === "bag" && width === dimension)
      becomeIdentity(this.mlp.layers[0].weight.value.data, dimension);
  }

  /** Vectors of the given rows of the table: [rows, dimension], each of length 1. */
  forward(table: Table, rows: Int32Array, training?: TrainingMode, overrides: Overrides = {}): Var {
    const read = (input: Input): Part => {
      const override = Object.hasOwn(overrides, input.feature) ? overrides[input.feature] : undefined;
      if (override) return this.#read(input, override, undefined, rows.length, training);
      const column = table.columns[input.feature];
      if (!column)
        throw new TwoTowerError("BAD_SCHEMA", `the table has no column "${input.feature}", which the tower reads`);
      return this.#read(input, column, rows, rows.length, training);
    };
    const parts = this.#inputs.map(read);
    const output = this.mlp?.forward(this.#firstLayer(parts, rows.length, training), dropOf(training));
    const identity = this.#added && sideBySide([read(this.#added)], rows.length);
    return normalise(output && identity ? add(output, identity) : (output ?? identity)!);
  }

  /** What the hidden layers read; in training maybe how to compute the first of them. */
  #firstLayer(parts: readonly Part[], count: number, training?: TrainingMode): Parameters<Mlp["forward"]>[0] {
    const first = this.cross ? undefined : training?.project?.(parts, count);
    if (first) return first;
    const together = sideBySide(parts, count)!;
    return this.cross?.forward(together) ?? together;
  }

  /** Vectors of all rows of the table, row-major: the offline bulk computation. */
  embed(table: Table, overrides?: (rows: Int32Array) => Overrides): Float32Array {
    const chunk = this.sequences.size > 0 ? 64 : 4096; // what a chunk needs in the middle of its computation is freed after it
    const vectors = new Float32Array(table.count * this.#dimension);
    const numbers = new Int32Array(Math.min(chunk, table.count));
    for (let start = 0; start < table.count; start += chunk) {
      const rows = numbers.subarray(0, Math.min(chunk, table.count - start));
      for (let i = 0; i < rows.length; i++) rows[i] = start + i;
      const { value } = this.forward(table, rows, undefined, overrides?.(rows));
      vectors.set(value.data, start * this.#dimension);
      this.#engine.endStep();
    }
    return vectors;
  }

  /** Vectors of a few rows: what serving asks for. */
  vectors(table: Table, rows: Int32Array, overrides?: Overrides): Float32Array {
    const vectors = new Float32Array(this.forward(table, rows, undefined, overrides).value.data);
    this.#engine.endStep();
    return vectors;
  }

  /** What the histories say at the moment of each row. */
  #readRuns(sequence: Transformer, table: Parameter, { rows, offsets, last }: Runs, training?: TrainingMode): Var {
    const d = table.value.shape[1];
    const tokens = affine(gather(table, intsOf(this.#engine, rows)), Math.sqrt(d), 0); // as long as what layers add to them
    const read = sequence.forward(tokens, intsOf(this.#engine, offsets), dropOf(training));
    return gather(read, intsOf(this.#engine, last));
  }

  #read(
    input: Input,
    column: Column | Runs,
    rows: Int32Array | undefined,
    count: number,
    training?: TrainingMode,
  ): Part {
    if (input.reads === "number") {
      if (column.kind !== "number") throw wrongColumn(input, column);
      return { source: constant(numbersOf(this.#engine, column.values, column.width, rows, count)) };
    }
    const table = this.#tables.get(input.table)!;
    if (column.kind === "index") {
      const chosen = chosenOf(this.#engine, column.rows, rows, count);
      if (training && training.unknown > 0 && input.isKey) hide(chosen.data, training.unknown, training.random);
      return { source: table, reading: { rows: chosen } };
    }
    const sequence = this.sequences.get(input.feature);
    if (sequence && column.kind === "runs") return { source: this.#readRuns(sequence, table, column, training) };
    if (column.kind !== "bag") throw wrongColumn(input, column);
    const { offsets, rows: entries } = bagsOf(this.#engine, column, rows);
    if (sequence) {
      const runs = runsOf({ offsets: offsets.data, rows: entries.data });
      return { source: this.#readRuns(sequence, table, runs, training) };
    }
    const mean: Part = { source: table, reading: { rows: entries, offsets } };
    if (!input.byRoot) return mean;
    const means = sideBySide([mean], count)!;
    return { source: multiply(means, constant(rootsOfLengths(offsets, means.value))) };
  }
}

/**
 * A history that goes through one square layer starts as it is: before the first step a user then is the mean of the
 * items they chose, and their nearest items are next to recommend.
 */
function becomeIdentity(weight: Tensor["data"], d: number): void {
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) weight[i * d + j] = i === j ? 1 : 0;
}

/** √n in every column of a bag of n. */
function rootsOfLengths(offsets: Ints, { engine, shape }: Tensor): Tensor {
  const roots = passing(engine, shape);
  const [ends, { data }] = [offsets.data, roots];
  const d = shape[1];
  for (let i = 0; i < shape[0]; i++) data.fill(Math.sqrt(ends[i + 1] - ends[i]), i * d, (i + 1) * d);
  return roots;
}

/** A reader of lists in order. Throws BAD_SCHEMA if the embedding cannot be shared among the heads. */
function sequenceReader(
  engine: Engine,
  feature: string,
  size: number,
  { pool, max }: SequenceShape,
  random: Random,
): Transformer {
  const { layers, heads, feedForward } = pool;
  if (size % heads !== 0)
    throw new TwoTowerError(
      "BAD_SCHEMA",
      `"${feature}": ${heads} heads cannot share embeddings of width ${size} evenly`,
    );
  return new Transformer(engine, { size, layers, heads, feedForward: feedForward * size, longest: max + 1 }, random);
}

const dropOf = (training: TrainingMode | undefined): Drop | undefined =>
  training && { rate: training.dropout, random: training.random };

function numbersOf(
  engine: Engine,
  values: Float32Array,
  width: number,
  rows: Int32Array | undefined,
  count: number,
): Tensor {
  const x = passing(engine, [count, width]);
  const { data } = x;
  for (let i = 0; i < count; i++) {
    const from = (rows ? rows[i] : i) * width;
    for (let j = 0; j < width; j++) data[i * width + j] = values[from + j];
  }
  return x;
}

// Row numbers are copied in plain loops over typed arrays: with a callback a row they were a tenth of a small step.

/** The entries of the chosen rows; without `rows` of the first `count`. */
function chosenOf(engine: Engine, column: Int32Array, rows: Int32Array | undefined, count: number): Ints {
  const chosen = passingInts(engine, count);
  const { data } = chosen;
  if (rows) for (let i = 0; i < count; i++) data[i] = column[rows[i]];
  else data.set(column.subarray(0, count));
  return chosen;
}

/** Replaces each id at this rate by that of nobody known. */
function hide(ids: Int32Array, rate: number, random: Random): void {
  for (let i = 0; i < ids.length; i++) if (random.next() < rate) ids[i] = UNKNOWN;
}

/** The bags of the chosen rows, one after another; without `rows` all of them. */
function bagsOf(
  engine: Engine,
  column: Extract<Column, { kind: "bag" }>,
  rows: Int32Array | undefined,
): { offsets: Ints; rows: Ints } {
  if (!rows) return { offsets: intsOf(engine, column.offsets), rows: intsOf(engine, column.rows) };
  const starts = column.offsets;
  const offsets = passingInts(engine, rows.length + 1);
  let length = 0;
  for (let i = 0; i < rows.length; i++) length += starts[rows[i] + 1] - starts[rows[i]];
  const entries = passingInts(engine, length);
  const [ends, chosen] = [offsets.data, entries.data];
  ends[0] = 0;
  for (let i = 0, to = 0; i < rows.length; i++) {
    for (let from = starts[rows[i]], end = starts[rows[i] + 1]; from < end; from++) chosen[to++] = column.rows[from];
    ends[i + 1] = to;
  }
  return { offsets, rows: entries };
}

/** What a feature gives: a matrix, or how to read one from a table. */
export interface Part {
  readonly source: Var;
  readonly reading?: Reading;
}

/** Parts beside each other in one matrix of `count` rows. */
function sideBySide(parts: readonly Part[], count: number): Var | undefined {
  if (parts.length === 0) return undefined;
  if (parts.length === 1 && !parts[0].reading) return parts[0].source;
  return lookUp(
    count,
    parts.map(({ reading }) => reading),
    ...parts.map(({ source }) => source),
  );
}

const wrongColumn = (input: Input, column: Column | Runs): TwoTowerError =>
  new TwoTowerError(
    "BAD_SCHEMA",
    `"${input.feature}": the tower reads an ${input.reads} column, the table has a ${column.kind} column`,
  );
