import type { IdTable } from "./id-table.ts";
import type { ItemId, NeighbourRows, Neighbours, RowSearchOptions, SearchOptions } from "./vector-index.ts";

/** A search by ids as one by rows. A test is asked once for every item; keep the bitmap where many searches share it. */
export function inRows<Id extends ItemId>(
  ids: IdTable<Id>,
  { ef, filter, exclude }: SearchOptions<Id>,
): RowSearchOptions {
  return {
    ...(ef !== undefined && { ef }),
    ...(filter !== undefined && { allowed: bitmapOf(ids, filter) }),
    ...(exclude !== undefined && { excluded: rowsOf(ids, exclude) }),
  };
}

/** The rows found, by the names the caller knows. */
export function withIds<Id extends ItemId>(ids: IdTable<Id>, { rows, scores }: NeighbourRows): Neighbours<Id> {
  return { ids: Array.from(rows, (row) => ids.idOf(row)!), scores };
}

function bitmapOf<Id extends ItemId>(ids: IdTable<Id>, filter: ReadonlySet<Id> | ((id: Id) => boolean)): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(ids.rows / 8));
  const allow = (row: number): void => {
    bitmap[row >> 3] |= 1 << (row & 7);
  };
  if (typeof filter !== "function") {
    for (const row of rowsOf(ids, filter)) allow(row);
    return bitmap;
  }
  for (let row = 0; row < ids.rows; row++) {
    const id = ids.idOf(row);
    if (id !== undefined && filter(id)) allow(row);
  }
  return bitmap;
}

function rowsOf<Id extends ItemId>(ids: IdTable<Id>, some: Iterable<Id>): number[] {
  const rows: number[] = [];
  for (const id of some) {
    const row = ids.rowOf(id);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
