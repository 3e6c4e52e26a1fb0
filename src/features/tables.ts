import { TwoTowerError } from "../errors.ts";
import { readId, type TableName } from "./cells.ts";
import { codedOf } from "./coded.ts";
import type { Schema } from "./declare.ts";
import { Ids } from "./ids.ts";
import { show } from "./options.ts";
import type { Dataset } from "./rows.ts";
import { type IdOfSide, idOf } from "./sides.ts";
import { columnOf, extended, type Source, sourceOf } from "./source.ts";

/** Users or items as they were given, with a row for every id. */
export interface SideRows {
  readonly source: Source;
  readonly ids: Ids;
  /** How many of the last rows stand for ids that only interactions mention, although there is a table: only their id is known. */
  readonly unlisted: number;
}

/** A dataset, read but not yet encoded. */
export interface Tables {
  readonly users: SideRows;
  readonly items: SideRows;
  readonly interactions: Source;
}

/**
 * Reads a dataset. Users and items that only the interactions mention get a row at the end of their table.
 * Throws BAD_ROW if two rows of a table have the same id, BAD_SCHEMA if an id column is missing.
 */
export function readTables<S extends Schema>(schema: S, { users, items, interactions }: Dataset<S>): Tables {
  const pairs = sourceOf("interactions", interactions);
  return {
    users: readSide("users", users, idOf(schema, "user"), pairs),
    items: readSide("items", items, idOf(schema, "item"), pairs),
    interactions: pairs,
  };
}

function readSide(table: TableName, rows: unknown, { column }: IdOfSide, pairs: Source): SideRows {
  const listed = sourceOf(table, rows ?? []);
  const ids = distinctIds(listed, column);
  const seen = columnOf(pairs, column, `Interactions need the ids of both sides`);
  const coded = codedOf(seen.values);
  if (coded) for (const id of coded.ids) ids.add(id);
  else for (let row = 0; row < pairs.count; row++) ids.add(readId(seen, row));

  const added: string[] = [];
  for (let row = listed.count; row < ids.size; row++) added.push(ids.idOf(row));
  return { source: extended(listed, column, added), ids, unlisted: rows === undefined ? 0 : added.length };
}

/** The ids of a table, row by row. Throws BAD_ROW if two rows have the same. */
export function distinctIds(source: Source, column: string): Ids {
  const cells = columnOf(source, column, "Each row needs an id");
  const ids = new Ids();
  for (let row = 0; row < source.count; row++) {
    const first = ids.add(readId(cells, row));
    if (first !== row)
      throw new TwoTowerError(
        "BAD_ROW",
        `${source.table}[${first}] and ${source.table}[${row}] have the same ${column} ${show(ids.idOf(first))}: ` +
          "keep one row for each id",
      );
  }
  return ids;
}
