import { add, affine } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import { TwoTowerError } from "../errors.ts";
import { correlatedMasks, randomMasks, viewOf } from "../features/augment.ts";
import type { Table } from "../features/columns.ts";
import { expectKinds, oneOf, positive, rate, wholeBetween } from "../features/kinds.ts";
import { mutualInformation } from "../features/mutual-information.ts";
import { contrastive } from "../losses/contrastive.ts";
import type { Overrides, Tower, TrainingMode } from "../model/tower.ts";
import type { Random } from "../tensor/random.ts";

/** Options of `selfSupervision`. */
export interface SelfSupervisionOptions {
  /** "correlated" hides features that tell of each other together; "random" any half. Default "correlated". */
  readonly mask: "correlated" | "random";
  /** Rate at which each of several values (tags, histories) is dropped from a view. Default 0.1. */
  readonly dropout: number;
  /** T of the contrastive softmax. Default 0.1. */
  readonly temperature: number;
  /** α: what it counts beside the main loss. Default 0.1. */
  readonly weight: number;
  /** Which towers learn so. Default "item". */
  readonly on: "item" | "user" | "both";
  /** Rows drawn for each step, all equally likely. Default 512. */
  readonly count: number;
}

/** How the towers learn from items alone, or users: two augmented views of each are to be alike (arXiv 2007.12865). */
export interface SelfSupervision extends SelfSupervisionOptions {
  /** The task, for the sides of a model. */
  build(sides: readonly Side[]): SelfSupervised;
}

/**
 * A second task for the towers, without labels (Yao et al. 2021): two views of a row, each with part of its features
 * hidden, must be near each other and far from those of other rows. Rows are drawn uniformly from the whole table, so
 * it teaches most about what interactions rarely show: the tail. Needs sides with several features.
 */
export function selfSupervision(given: Partial<SelfSupervisionOptions> = {}): SelfSupervision {
  expectKinds("selfSupervision", given, {
    mask: oneOf("correlated", "random"),
    dropout: rate,
    temperature: positive,
    weight: positive,
    on: oneOf("item", "user", "both"),
    count: wholeBetween(2, 100_000),
  });
  const { mask = "correlated", dropout = 0.1, temperature = 0.1, weight = 0.1, on = "item", count = 512 } = given;
  const options = { mask, dropout, temperature, weight, on, count };
  return { ...options, build: (sides) => new SelfSupervised(options, sides) };
}

/** One side of the data, as its own teacher. */
export interface Side {
  readonly name: "user" | "item";
  readonly tower: Tower;
  readonly table: Table;
  readonly features: readonly string[];
  readonly idFeature: string;
  /** Histories of rows, where the tower reads such. */
  readonly history?: ((rows: Int32Array) => Overrides) | undefined;
}

/** Adds the task to the loss of every step. */
export class SelfSupervised {
  readonly #options: SelfSupervisionOptions;
  readonly #sides: readonly { readonly side: Side; readonly information: Float64Array | undefined }[];

  constructor(options: SelfSupervisionOptions, sides: readonly Side[]) {
    this.#options = options;
    this.#sides = sides
      .filter(({ name }) => options.on === "both" || options.on === name)
      .map((side) => {
        if (side.features.length < 2)
          throw new TwoTowerError(
            "BAD_SCHEMA",
            `selfSupervision on the ${side.name} tower: it has one feature, and two views need two to hide; declare more`,
          );
        const { table, features } = side;
        return { side, information: options.mask === "correlated" ? mutualInformation(table, features) : undefined };
      });
  }

  /** L + α Σ L_self, over the sides. */
  addTo(loss: Var, mode: TrainingMode): Var {
    return this.#sides.reduce((total, { side, information }) => {
      const self = contrastive(...this.#views(side, information, mode), this.#options.temperature);
      return add(total, affine(self, this.#options.weight, 0));
    }, loss);
  }

  #views(side: Side, information: Float64Array | undefined, mode: TrainingMode): [Var, Var] {
    const { tower, table, features, idFeature, history } = side;
    const { random } = mode;
    const rows = distinctRows(table.count, this.#options.count, random);
    const k = features.length;
    const masks = information
      ? correlatedMasks(rows.length, k, information, random)
      : randomMasks(rows.length, k, random);
    const shown = history ? withHistory(table, rows, history(rows)) : { table, rows };
    const [first, second] = masks.map((mask) => {
      const view = viewOf(shown.table, shown.rows, features, idFeature, mask, this.#options.dropout, random);
      return tower.forward(shown.table, shown.rows, { ...mode, unknown: 0 }, view);
    });
    return [first, second];
  }
}

/** The rows as a table of their own, with their histories as columns. */
function withHistory(table: Table, rows: Int32Array, histories: Overrides): { table: Table; rows: Int32Array } {
  const none = new Uint8Array(rows.length * Object.keys(table.columns).length);
  const names = Object.keys(table.columns);
  const never = undefined as unknown as Random; // nothing is dropped, so nothing is drawn
  const columns = viewOf(table, rows, names, "", none, 0, never);
  for (const [feature, column] of Object.entries(histories)) if (column.kind !== "runs") columns[feature] = column;
  return { table: { count: rows.length, columns }, rows: rows.map((_, i) => i) };
}

/** `count` different rows, all equally likely; all of them where there are not so many. */
function distinctRows(total: number, count: number, random: Random): Int32Array {
  if (count >= total) return Int32Array.from({ length: total }, (_, row) => row);
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(random.below(total));
  return Int32Array.from(drawn);
}
