import { TwoTowerError } from "../errors.ts";
import type { Declaration, Schema } from "../features/declare.ts";
import type { Dataset } from "../features/rows.ts";
import type { Side } from "../features/sides.ts";
import { secondsOf } from "../features/time.ts";
import type { DataSchema } from "./data-schema.ts";
import type { FileColumn, FileTable } from "./file-table.ts";
import { inferDataSchema } from "./infer-schema.ts";
import { readTable } from "./read-table.ts";

/** Where the files are. */
export interface DatasetFiles {
  readonly interactions: string;
  readonly users?: string | undefined;
  readonly items?: string | undefined;
  /** Rows rated lower are no positives and are left out: what the schema says, if it is not said here. */
  readonly minRating?: number | undefined;
}

/** Told how far reading has come: bytes of this file. */
export type OnFile = (path: string, read: number, total: number) => void;

/** Columns by name, as `fitSchema` and encoders take them. */
export type Columns = { readonly [column: string]: ArrayLike<unknown> };

export interface LoadedDataset {
  readonly data: Dataset<Schema>;
  /** What the columns mean: as given, or as inferred. */
  readonly dataSchema: DataSchema;
  /** Names to show, by id; empty where there is no column of names. */
  readonly names: { readonly [S in Side]: ReadonlyMap<string, string> };
  /** Interactions left out because they are rated below `minRating`. */
  readonly belowMinRating: number;
}

/** Reads files into a dataset, with a given schema or an inferred one. Throws BAD_FILE, BAD_SCHEMA. */
export async function loadDataset(files: DatasetFiles, given?: DataSchema, onFile?: OnFile): Promise<LoadedDataset> {
  const read = (
    role: "interactions" | "users" | "items",
    columns: readonly string[] | undefined,
  ): Promise<FileTable> => {
    const path = files[role]!;
    return readTable(path, { role, columns, onBytes: onFile && ((bytes, total) => onFile(path, bytes, total)) });
  };
  const interactions = await read("interactions", given?.interactions.columns);
  const users = files.users === undefined ? undefined : await read("users", given?.user.columns);
  const items = files.items === undefined ? undefined : await read("items", given?.item.columns);

  const dataSchema = withMinRating(given ?? inferDataSchema({ interactions, users, items }), files.minRating);
  const pairs = pairColumns(interactions, dataSchema);
  return {
    data: {
      interactions: pairs.columns as Dataset<Schema>["interactions"],
      users: users && (sideColumns(users, dataSchema, "user") as Dataset<Schema>["users"]),
      items: items && (sideColumns(items, dataSchema, "item") as Dataset<Schema>["items"]),
    },
    dataSchema,
    names: { user: namesIn(users, dataSchema, "user"), item: namesIn(items, dataSchema, "item") },
    belowMinRating: pairs.belowMinRating,
  };
}

/** A schema with another `minRating`. Throws BAD_SCHEMA if it knows no ratings. */
export function withMinRating(dataSchema: DataSchema, minRating: number | undefined): DataSchema {
  const { interactions } = dataSchema;
  if (minRating === undefined) return dataSchema;
  if (interactions.rating === undefined)
    throw new TwoTowerError(
      "BAD_SCHEMA",
      `a least rating of ${minRating} needs ratings to compare with, and no column of the interactions is taken for one: ` +
        `name it in the schema, under "interactions", "rating"`,
    );
  return { ...dataSchema, interactions: { ...interactions, minRating } };
}

/** Interactions of a file. */
export interface PairColumns {
  readonly columns: Columns;
  /** The rows of the table that they are. */
  readonly rows: Int32Array;
  /** Rows left out because they are rated below `minRating`. */
  readonly belowMinRating: number;
}

/** The columns of interactions that a schema names, without the rows rated below its `minRating`. */
export function pairColumns(table: FileTable, { interactions }: DataSchema): PairColumns {
  const all = Int32Array.from({ length: table.count }, (_, row) => row);
  const { user, item, timestamp, rating, minRating, weight } = interactions;
  if (table.format.kind === "adjacency") {
    const [users, items] = table.columns.values(); // no header says what the schema calls them
    return { columns: { [user]: users.ids(), [item]: items.ids() }, rows: all, belowMinRating: 0 };
  }
  const columns = new Map<string, ArrayLike<unknown>>([
    [user, table.column(user).ids()],
    [item, table.column(item).ids()],
  ]);
  const times = timestamp === undefined ? undefined : everyOrNone(table.column(timestamp), readTimes);
  const weights = weight === undefined ? undefined : everyOrNone(table.column(weight), readWeights);
  if (times) columns.set("timestamp", times);
  if (weights) columns.set("weight", weights);
  if (rating === undefined || minRating === undefined)
    return { columns: Object.fromEntries(columns), rows: all, belowMinRating: 0 };

  const ratings = table.column(rating).numbers();
  const kept = all.filter((row) => ratings[row] >= minRating);
  if (kept.length === 0) {
    const there = ratings.filter((value) => !Number.isNaN(value)).sort();
    const found = there.length === 0 ? "there is none" : `they go from ${there[0]} to ${there[there.length - 1]}`;
    throw new TwoTowerError(
      "BAD_FILE",
      `${table.path}, column "${rating}": no row is rated ${minRating} or more, ${found}; ask for a lower rating`,
    );
  }
  for (const [name, values] of columns)
    columns.set(
      name,
      Array.from(kept, (row) => values[row]),
    );
  return { columns: Object.fromEntries(columns), rows: kept, belowMinRating: table.count - kept.length };
}

/** The columns of users or items that a schema reads; the ids under the name that the schema has for them. */
export function sideColumns(table: FileTable, dataSchema: DataSchema, side: Side): Columns {
  const idName = dataSchema.interactions[side];
  const columns = new Map<string, ArrayLike<unknown>>();
  for (const [name, declaration] of Object.entries(dataSchema.schema[side])) {
    const { kind, column = name, optional } = declaration;
    if (kind !== "id" && (!optional || table.columns.has(column)))
      columns.set(column, cellsOf(table.column(column), declaration));
  }
  columns.set(idName, table.column(dataSchema[side].id ?? idName).ids({ distinct: true }));
  return Object.fromEntries(columns);
}

/** The names to show, by id. */
export function namesIn(table: FileTable | undefined, dataSchema: DataSchema, side: Side): Map<string, string> {
  const { id = dataSchema.interactions[side], name } = dataSchema[side];
  if (!table || name === undefined) return new Map();
  const names = table.column(name).cells();
  return new Map(
    table
      .column(id)
      .ids()
      .map((id, row) => [id, String(names[row] ?? id)]),
  );
}

/** The cells of a feature. Numbers and times are read here once, so that what is none is named with its line. */
function cellsOf(column: FileColumn, declaration: Declaration): ReturnType<FileColumn["cells"]> {
  if (declaration.kind === "number" && !declaration.pattern) column.numbers();
  if (declaration.kind === "timestamp") readTimes(column);
  return column.cells();
}

const readWeights = (column: FileColumn): Float64Array =>
  column.numbers(
    (text) => (Number(text) > 0 ? Number(text) : NaN),
    "a weight above 0; leave out rows that do not count",
  );

const readTimes = (column: FileColumn): Float64Array =>
  column.numbers(
    (text) => secondsOf(text, "auto") ?? NaN,
    'a time: seconds since 1970, or text like "2026-11-24T02:10:00Z"',
  );

/** The numbers of a column that may be empty in all rows, but not in some. */
function everyOrNone(column: FileColumn, read: (column: FileColumn) => Float64Array): Float64Array | undefined {
  if (column.distinct.size === 0) return undefined;
  const numbers = read(column);
  const missing = numbers.findIndex(Number.isNaN);
  if (missing < 0) return numbers;
  throw new TwoTowerError(
    "BAD_FILE",
    `${column.placeOf(missing)} is empty, but other rows have a value: fill it in, or leave the column out of the schema`,
  );
}
