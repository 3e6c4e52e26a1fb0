import { type Features, id } from "../features/declare.ts";
import type { DataSchema, SideColumns } from "./data-schema.ts";
import type { FileColumn, FileTable } from "./file-table.ts";
import { inferIdColumn, inferInteractions } from "./infer-columns.ts";
import { inferFeatures } from "./infer-features.ts";

/** The files that a model learns from, read. */
export interface FileTables {
  readonly interactions: FileTable;
  readonly users?: FileTable | undefined;
  readonly items?: FileTable | undefined;
}

/**
 * A guess at what the columns of files mean, for its owner to look through: `printDataSchema` shows it. Few distinct
 * values make a category, values with "|" in them tags, numbers of many kinds a number in ten bins; free text, zip
 * codes and the like are left out, but a year at the end of titles is used. Throws BAD_FILE if there are no ids.
 */
export function inferDataSchema({ interactions, users, items }: FileTables): DataSchema {
  const pairs = inferInteractions(interactions);
  const side = (table: FileTable | undefined, ids: FileColumn): { columns: SideColumns; features: Features } => {
    const own = { [ids.name]: id() };
    if (!table) return { columns: {}, features: own };
    const idColumn = inferIdColumn(table, ids.distinct, interactions.path).name;
    const { features, name } = inferFeatures(table, idColumn);
    const { [ids.name]: _, ...others } = features; // the name of the id is taken
    return { columns: { id: idColumn, name }, features: { ...own, ...others } };
  };
  const user = side(users, interactions.column(pairs.user));
  const item = side(items, interactions.column(pairs.item));
  return {
    interactions: pairs,
    user: user.columns,
    item: item.columns,
    schema: { user: user.features, item: item.features },
  };
}
