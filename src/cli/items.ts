import type { Schema } from "../features/declare.ts";
import type { Dataset, ItemRow } from "../features/rows.ts";
import type { DataSchema } from "../io/data-schema.ts";
import { type Columns, namesIn, sideColumns } from "../io/load-dataset.ts";
import { readTable } from "../io/read-table.ts";

/** The file of items in a model's folder: one JSON object a line, ids in the column that the interactions call them by. */
export const ITEMS_FILE = "items.jsonl";

/** Item rows with the names to show, by id: what the schema reads of them, no more. */
export type Items = ReadonlyMap<string, { readonly row: ItemRow<Schema>; readonly name: string | undefined }>;

/** Items as `loadDataset` returns them. */
export function itemsFrom(
  columns: Dataset<Schema>["items"],
  names: ReadonlyMap<string, string>,
  { interactions }: DataSchema,
): Items {
  if (!columns) return new Map();
  const entries = Object.entries(columns as Columns);
  const ids = (columns as Columns)[interactions.item] as ArrayLike<string>;
  return new Map(
    Array.from(ids, (id, i) => {
      const row = Object.fromEntries(entries.map(([column, cells]) => [column, cells[i]])) as ItemRow<Schema>;
      return [id, { row, name: names.get(id) }];
    }),
  );
}

/** Items in a file of the user's, by the schema the model was trained with. */
export async function readItems(path: string, dataSchema: DataSchema): Promise<Items> {
  const table = await readTable(path, { role: "items", columns: dataSchema.item.columns });
  const columns = sideColumns(table, dataSchema, "item") as Dataset<Schema>["items"];
  return itemsFrom(columns, namesIn(table, dataSchema, "item"), dataSchema);
}

/** Items in a model's folder. */
export function readSavedItems(path: string, dataSchema: DataSchema): Promise<Items> {
  return readItems(path, { ...dataSchema, item: { name: dataSchema.item.name } });
}

/** The lines of `ITEMS_FILE`. */
export function* itemLines(items: Items, { item }: DataSchema): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const { row, name } of items.values()) {
    const named = item.name === undefined || name === undefined ? row : { ...row, [item.name]: name };
    yield encoder.encode(`${JSON.stringify(named)}\n`);
  }
}
