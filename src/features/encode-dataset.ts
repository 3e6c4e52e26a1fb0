import type { Schema } from "./declare.ts";
import { type EncodedInteractions, encodePairs } from "./encode-interactions.ts";
import type { FittedSchema } from "./fitted-schema.ts";
import type { IdTable } from "./fitted-side.ts";
import type { Ids } from "./ids.ts";
import type { Dataset, InteractionRow, RowsOf } from "./rows.ts";
import { sourceOf } from "./source.ts";
import { readTables } from "./tables.ts";

/** A dataset as a model learns from it. */
export interface EncodedDataset {
  readonly users: IdTable;
  readonly items: IdTable;
  readonly interactions: EncodedInteractions;
  /** Ids that only interactions mention although there is a table of users or items: all else about them is missing. */
  readonly unlisted: { readonly users: number; readonly items: number };
}

/** Encodes a whole dataset, as training does. Throws BAD_ROW, BAD_SCHEMA. */
export function encodeDataset<S extends Schema>(fitted: FittedSchema<S>, data: Dataset<S>): EncodedDataset {
  const tables = readTables(fitted.schema, data);
  const [users, items] = (["users", "items"] as const).map(
    (side): IdTable => ({ ids: tables[side].ids, table: fitted[side].encodeSource(tables[side].source) }),
  );
  const lookup = { user: lookupOf(fitted, "users", users.ids), item: lookupOf(fitted, "items", items.ids) };
  return {
    users,
    items,
    interactions: encodePairs(tables.interactions, lookup.user, lookup.item, "reject"),
    unlisted: { users: tables.users.unlisted, items: tables.items.unlisted },
  };
}

/**
 * Encodes interactions with users and items of tables encoded before, as evaluation does. Pairs given twice stay
 * twice. Ids outside the tables throw UNKNOWN_ID, or with `unknown: "skip"` leave their pair out.
 */
export function encodeInteractions<S extends Schema>(
  fitted: FittedSchema<S>,
  rows: RowsOf<InteractionRow<S>>,
  users: Ids,
  items: Ids,
  { unknown = "reject" }: { unknown?: "reject" | "skip" } = {},
): EncodedInteractions {
  const pairs = sourceOf("interactions", rows);
  return encodePairs(pairs, lookupOf(fitted, "users", users), lookupOf(fitted, "items", items), unknown);
}

const lookupOf = <S extends Schema>(
  fitted: FittedSchema<S>,
  side: "users" | "items",
  ids: Ids,
): { readonly column: string; readonly ids: Ids } => ({ column: fitted[side].id.column, ids });
