import { TwoTowerError } from "../errors.ts";
import type { Engine } from "../kernels/engine.ts";
import { type Parameter, parameters, table } from "../nn/parameter.ts";
import type { Random } from "../tensor/random.ts";
import { showShape } from "../tensor/tensor.ts";
import { type Input, Tower, type TowerOptions } from "./tower.ts";

/** An embedding table that features read, by name; two features of one name share it. */
export interface TableSize {
  readonly name: string;
  /** Rows: the vocabulary, with the rows for unknown and missing values. */
  readonly rows: number;
  readonly dimension: number;
}

/** Weights by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Everything the shape of the weights depends on. */
export interface NetworkShape {
  readonly tables: readonly TableSize[];
  readonly user: readonly Input[];
  readonly item: readonly Input[];
  /** Of both towers, or of each. */
  readonly options: TowerOptions | { readonly user: TowerOptions; readonly item: TowerOptions };
}

/** The two towers and the tables they read. Tables have a home of their own because towers share them. */
export class Network {
  readonly engine: Engine;
  readonly tables: ReadonlyMap<string, Parameter>;
  readonly user: Tower;
  readonly item: Tower;

  constructor(engine: Engine, shape: NetworkShape, random: Random) {
    this.engine = engine;
    this.tables = new Map(
      shape.tables.map(({ name, rows, dimension }) => [name, table(engine, rows, dimension, random)]),
    );
    const { options } = shape;
    const { user, item } = "user" in options ? options : { user: options, item: options };
    this.user = new Tower(engine, shape.user, this.tables, user, random);
    this.item = new Tower(engine, shape.item, this.tables, item, random);
  }

  /** All weights by name: "tables.movieId", "user.mlp.layers.0.weight" … */
  parameters(): Map<string, Parameter> {
    return new Map(parameters({ tables: this.tables, user: this.user, item: this.item }));
  }

  /** A copy of all weights. */
  weights(): Weights {
    return new Map([...this.parameters()].map(([name, { value }]) => [name, Float32Array.from(value.data)]));
  }

  /** Takes over a copy made by `weights` of a network of the same shape. */
  setWeights(weights: Weights): void {
    for (const [name, { value }] of this.parameters()) {
      const given = weights.get(name);
      if (given?.length !== value.size)
        throw new TwoTowerError(
          "SHAPE_MISMATCH",
          `weights "${name}": ${given ? `${given.length} numbers` : "missing"}, expected ${value.size} of shape ${showShape(value.shape)}`,
        );
      value.data.set(given);
    }
  }
}
