import { TwoTowerError } from "../errors.ts";
import type { Cells, TableName } from "./cells.ts";
import type { Declaration } from "./declare.ts";
import { show } from "./options.ts";
import { quoted } from "./suggest.ts";

/** A table as it was given, by rows or by columns alike, for encoders to read column by column. */
export interface Source {
  readonly table: TableName;
  readonly count: number;
  /** Names of the columns, as a message may list them. */
  readonly names: readonly string[];
  /** The cells of a column, or undefined if no row has it. A table without rows has every column. */
  find(column: string): Cells | undefined;
}

/** A table from rows, in any iterable, or from an object with an array for each column. Throws BAD_ROW, BAD_ARGUMENT. */
export function sourceOf(table: TableName, rows: unknown): Source {
  if (typeof rows !== "object" || rows === null)
    throw new TwoTowerError("BAD_ARGUMENT", `${table} is ${show(rows)}: expected rows, or an object of columns`);
  if (!(Symbol.iterator in rows)) return fromColumns(table, rows);
  const iterable = rows as Iterable<unknown>;
  if ((iterable[Symbol.iterator]() as unknown) === rows)
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `${table} is an iterator, which can be read only once: pass an array, such as Array.from(${table})`,
    );
  return fromRows(table, iterable);
}

/** The cells of a column that must be there. Throws BAD_SCHEMA with the names of those that are. */
export function columnOf(source: Source, column: string, mend: string): Cells {
  const cells = source.find(column);
  if (cells) return cells;
  const there = source.names.length > 0 ? `its columns are ${quoted(source.names)}` : "it has no columns at all";
  throw new TwoTowerError("BAD_SCHEMA", `${source.table}: there is no column "${column}"; ${there}. ${mend}`);
}

/** The cells of a feature. Throws BAD_SCHEMA if no row has its column although the feature is not optional. */
export function cellsFor(source: Source, feature: string, declaration: Declaration): Cells {
  const column = declaration.column ?? feature;
  if (!declaration.optional) return columnOf(source, column, `Declare "${feature}" optional if rows may lack it`);
  return source.find(column) ?? { table: source.table, column, values: { length: source.count } }; // all undefined
}

/** The table with a row more for each id, of which nothing else is known. */
export function extended(source: Source, idColumn: string, ids: readonly string[]): Source {
  if (ids.length === 0) return source;
  const count = source.count + ids.length;
  return {
    ...source,
    count,
    find(column) {
      const cells = source.find(column);
      if (!cells) return undefined;
      const known = Array.from(cells.values);
      if (column === idColumn) return { ...cells, values: known.concat(ids) };
      known.length = count; // what is not there reads as undefined: missing
      return { ...cells, values: known };
    },
  };
}

function fromRows(table: TableName, given: Iterable<unknown>): Source {
  const rows = Array.from(given, (row, i) => {
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return row;
    throw new TwoTowerError(
      "BAD_ROW",
      `${table}[${i}] is ${show(row)}: expected an object with a property for each column`,
    );
  });
  return {
    table,
    count: rows.length,
    names: Object.keys(rows[0] ?? {}),
    find(column) {
      if (rows.length > 0 && !rows.some((row) => Object.hasOwn(row, column))) return undefined;
      return { table, column, values: rows.map((row) => ownValue(row, column)) };
    },
  };
}

function fromColumns(table: TableName, columns: object): Source {
  const lengths = new Map<string, number>();
  for (const [name, column] of Object.entries(columns)) {
    if (column === undefined) continue;
    const length: unknown = typeof column === "object" ? (column as { length?: unknown } | null)?.length : undefined;
    if (typeof length !== "number")
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        `${table}.${name} is ${show(column)}: expected an array with a cell for each row`,
      );
    lengths.set(name, length);
  }
  const [[first, count] = ["", 0]] = lengths;
  for (const [name, length] of lengths)
    if (length !== count)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        `${table}: column "${first}" has ${count} cells, column "${name}" has ${length}; every column needs one for each row`,
      );
  return {
    table,
    count,
    names: [...lengths.keys()],
    find(column) {
      if (lengths.size === 0) return { table, column, values: [] };
      return lengths.has(column)
        ? { table, column, values: ownValue(columns, column) as ArrayLike<unknown> }
        : undefined;
    },
  };
}

/** A property of the object's own, never one it inherits: a column may be called "constructor". */
const ownValue = (object: object, name: string): unknown =>
  Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
