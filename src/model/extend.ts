import { TwoTowerError } from "../errors.ts";
import { UNKNOWN } from "../features/columns.ts";
import type { Schema } from "../features/declare.ts";
import { encodeDataset } from "../features/encode-dataset.ts";
import { fitSchema } from "../features/fit-schema.ts";
import type { FittedSchema } from "../features/fitted-schema.ts";
import type { IdTable } from "../features/fitted-side.ts";
import type { Ids } from "../features/ids.ts";
import { compact, type Interactions } from "../features/interactions.ts";
import { mergeTables } from "../features/merge-tables.ts";
import type { Dataset } from "../features/rows.ts";
import type { Network, Weights } from "./network.ts";
import type { TrainedOn } from "./state.ts";

/** What a model knows, and besides it what the rows of `data` tell. */
export function extended(on: TrainedOn, data: Partial<Dataset<Schema>>): TrainedOn {
  const { schema, idDimension } = on.fitted;
  const more = { ...data, interactions: data.interactions ?? [] };
  const fitted: FittedSchema = fitSchema(schema, more, idDimension, on.fitted);
  const given = encodeDataset(fitted, more);
  const users = mergeTables(withIdRows(on.users, fitted, "users"), given.users);
  const items = mergeTables(withIdRows(on.items, fitted, "items"), given.items);
  return { fitted, users, items, interactions: joined(on.interactions, given, users.ids, items.ids) };
}

/** An id may have got an embedding row since its table was encoded. */
function withIdRows({ ids, table }: IdTable, fitted: FittedSchema, side: "users" | "items"): IdTable {
  const rows = fitted[side].embeddingRows(ids);
  return { ids, table: { ...table, columns: { ...table.columns, [fitted[side].id.name]: { kind: "index", rows } } } };
}

function joined(
  known: Interactions,
  { users, items, interactions: more }: { users: IdTable; items: IdTable; interactions: Interactions },
  userIds: Ids,
  itemIds: Ids,
): Interactions {
  const [had, have] = [known.users.length, more.users.length];
  if (have === 0) return known;
  if (had > 0 && (known.timestamps === undefined) !== (more.timestamps === undefined))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `extend: the interactions known so far have ${known.timestamps ? "" : "no "}timestamps, the new ones have ` +
        `${more.timestamps ? "some" : "none"}; give them to all or to none`,
    );
  const rowsIn = (ids: Ids, of: Ids): Int32Array => Int32Array.from(of, (id) => ids.rowOf(id) as number);
  const [userRows, itemRows] = [rowsIn(userIds, users.ids), rowsIn(itemIds, items.ids)];
  const ones = (length: number): Float32Array => new Float32Array(length).fill(1);
  return {
    users: concat(
      known.users,
      more.users.map((row) => userRows[row]),
    ),
    items: concat(
      known.items,
      more.items.map((row) => itemRows[row]),
    ),
    timestamps:
      more.timestamps && compact(concat(Float64Array.from(known.timestamps ?? []), Float64Array.from(more.timestamps))),
    weights: known.weights || more.weights ? concat(known.weights ?? ones(had), more.weights ?? ones(have)) : undefined,
  };
}

function concat<A extends Int32Array | Float32Array | Float64Array>(a: A, b: A): A {
  const both = new (a.constructor as new (length: number) => A)(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/**
 * Gives a network the weights of a smaller one with the same features. Rows that its tables have beyond the old ones
 * begin as the row of the unknown: a new id then means what training made "never seen" mean, and recall is no worse for
 * its having a row of its own; what it learns moves it away from there.
 */
export function grow(network: Network, weights: Weights): void {
  const grown = new Map<string, Float32Array>();
  for (const [name, { value }] of network.parameters()) {
    const old = weights.get(name);
    if (!old || old.length === value.size || !name.startsWith("tables.")) continue;
    const d = value.shape[1];
    const rows = new Float32Array(value.size);
    rows.set(old);
    for (let at = old.length; at < rows.length; at += d) rows.set(old.subarray(UNKNOWN * d, (UNKNOWN + 1) * d), at);
    grown.set(name, rows);
  }
  network.setWeights(new Map([...weights, ...grown]));
}
