import type { Column, Table } from "./columns.ts";
import type { IdTable } from "./fitted-side.ts";
import { Ids } from "./ids.ts";

/**
 * Two tables of one schema as one: the rows of the first, then those of the second whose ids are new. Where an id is in
 * both the row of the second holds. Row numbers of the first stay what they were.
 */
export function mergeTables(first: IdTable, second: IdTable): IdTable {
  const ids = new Ids(first.ids);
  const from = Array.from({ length: first.ids.size }, (_, row): Row => ({ table: first.table, row }));
  for (let row = 0; row < second.ids.size; row++) from[ids.add(second.ids.idOf(row))] = { table: second.table, row };
  const columns = Object.keys(first.table.columns).map((feature): [string, Column] => [feature, merged(feature, from)]);
  return { ids, table: { count: ids.size, columns: Object.fromEntries(columns) } };
}

interface Row {
  readonly table: Table;
  readonly row: number;
}

function merged(feature: string, from: readonly Row[]): Column {
  const columnOf = <K extends Column["kind"]>({ table }: Row): Extract<Column, { kind: K }> =>
    table.columns[feature] as Extract<Column, { kind: K }>;
  const { kind } = columnOf(from[0]);
  if (kind === "index")
    return { kind, rows: Int32Array.from(from, (place) => columnOf<"index">(place).rows[place.row]) };
  if (kind === "number") {
    const { width } = columnOf<"number">(from[0]);
    const values = new Float32Array(from.length * width);
    for (const [i, place] of from.entries())
      values.set(columnOf<"number">(place).values.subarray(place.row * width, (place.row + 1) * width), i * width);
    return { kind, width, values };
  }
  const bags = from.map((place) => {
    const { offsets, rows } = columnOf<"bag">(place);
    return rows.subarray(offsets[place.row], offsets[place.row + 1]);
  });
  const offsets = new Int32Array(from.length + 1);
  for (const [i, bag] of bags.entries()) offsets[i + 1] = offsets[i] + bag.length;
  const rows = new Int32Array(offsets[from.length]);
  for (const [i, bag] of bags.entries()) rows.set(bag, offsets[i]);
  return { kind, offsets, rows };
}
