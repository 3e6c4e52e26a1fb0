import type { Column, Table } from "../features/columns.ts";
import type { ListFeature } from "../features/declare.ts";
import { readsOrder } from "../features/declare-pool.ts";
import type { FeatureShape } from "../features/fitted-feature.ts";
import type { FittedSchema } from "../features/fitted-schema.ts";
import type { IdTable } from "../features/fitted-side.ts";
import { type Bags, History, type Runs } from "../features/history.ts";
import { groupByUser, type Interactions, type UserItems } from "../features/interactions.ts";
import type { Random } from "../tensor/random.ts";
import type { NetworkShape, TableSize } from "./network.ts";
import type { Input, Overrides } from "./tower.ts";

/** What a model knows apart from its weights: the fitted schema, and who and what it was trained on. */
export interface TrainedOn {
  readonly fitted: FittedSchema;
  readonly users: IdTable;
  readonly items: IdTable;
  /** The positives it learnt from: what users have seen, and their histories. */
  readonly interactions: Interactions;
}

/** The shape of a network that reads the columns of a fitted schema. */
export function networkShape(fitted: FittedSchema, options: NetworkShape["options"]): NetworkShape {
  const tables = new Map<string, TableSize>();
  const inputsOf = (features: readonly FeatureShape[]): Input[] =>
    features.map((shape) => {
      if (shape.reads === "number") return { feature: shape.feature, reads: shape.reads, width: shape.width };
      tables.set(shape.table, { name: shape.table, rows: shape.rows, dimension: shape.dimension });
      const { feature, reads, table, sequence, byRoot } = shape;
      return { feature, reads, table, sequence, byRoot, isKey: shape.kind === "id" };
    });
  const user = inputsOf(fitted.users.features);
  const item = inputsOf(fitted.items.features);
  return { tables: [...tables.values()], user, item, options };
}

/** The items each user is known to like. */
export function knownItems({ interactions, users }: TrainedOn): UserItems {
  return groupByUser(interactions, users.table.count);
}

/** The history that a list of item ids in the user tower reads, where the schema has one. */
export class Histories {
  readonly #history: History | undefined;
  readonly #lists: readonly { readonly feature: string; readonly declaration: ListFeature }[];

  constructor({ fitted, users, items, interactions }: TrainedOn) {
    const itemId = fitted.items.fitted.get(fitted.items.id.name)?.declaration;
    this.#lists = [...fitted.users.fitted].flatMap(([feature, { declaration }]) =>
      declaration.kind === "list" && declaration.of === itemId ? [{ feature, declaration }] : [],
    );
    if (this.#lists.length > 0)
      this.#history = new History(interactions, users.table.count, fitted.items.embeddingRows(items.ids));
  }

  /** While training: what the user had chosen before each pair. */
  before(pairs: Int32Array): Overrides {
    return this.#each((history, { max, pool, causal }) =>
      readsOrder(pool) ? history.runs(pairs, max) : history.before(pairs, max, causal),
    );
  }

  /** Whether histories are of no order: then a user has one, and is the same whichever of its pairs is asked for. */
  get unordered(): boolean {
    const isTimed = this.#history?.timed === true;
    return this.#lists.every(({ declaration: { pool, causal } }) => !readsOrder(pool) && !(causal && isTimed));
  }

  /** While training, where unordered: all that each of the users chose. */
  whole(users: Int32Array): Overrides {
    return this.#each((history, { max }) => history.of(users, max));
  }

  /** The order to train in, where lists are read in order: runs of one user's pairs, which share their reading. */
  inRuns(random: Random): Int32Array | undefined {
    const inOrder = this.#lists.filter(({ declaration }) => readsOrder(declaration.pool));
    if (!this.#history || inOrder.length === 0) return undefined;
    return this.#history.inRuns(
      inOrder.reduce((longest, { declaration }) => Math.max(longest, declaration.max), 0),
      random,
    );
  }

  /**
   * While serving users known from training: what their row lists, else their last choices. `rows` says where in
   * `table` each user's row is.
   */
  of(users: Int32Array, table: Table, rows: Int32Array = users): Overrides {
    return this.#each((history, { max }, feature) => {
      const given = table.columns[feature];
      return given?.kind === "bag" ? eitherOf(given, rows, history.of(users, max)) : history.of(users, max);
    });
  }

  #each(column: (history: History, list: ListFeature, feature: string) => Column | Runs): Overrides {
    const history = this.#history;
    if (!history) return {};
    const columns: { [feature: string]: Column | Runs } = {};
    for (const { feature, declaration } of this.#lists) columns[feature] = column(history, declaration, feature);
    return columns;
  }
}

/** For each user the bag of its table row unless that is empty, else its bag of `otherwise`. */
function eitherOf(given: Bags, tableRows: Int32Array, otherwise: Bags): Bags {
  const bags = Array.from(tableRows, (row, i) => {
    const own = given.rows.subarray(given.offsets[row], given.offsets[row + 1]);
    return own.length > 0 ? own : otherwise.rows.subarray(otherwise.offsets[i], otherwise.offsets[i + 1]);
  });
  const offsets = new Int32Array(bags.length + 1);
  for (const [i, bag] of bags.entries()) offsets[i + 1] = offsets[i] + bag.length;
  const rows = new Int32Array(offsets[bags.length]);
  for (const [i, bag] of bags.entries()) rows.set(bag, offsets[i]);
  return { kind: "bag", offsets, rows };
}
