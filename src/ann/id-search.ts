import { TwoTowerError } from "../errors.ts";
import { expectList, expectOptions } from "./arguments.ts";
import type { ItemFilter, ItemId, NeighbourRows, Neighbours, RowSearchOptions, SearchOptions } from "./vector-index.ts";

/** Who is in which row. */
export interface RowIds<Id extends ItemId> {
  readonly rows: number;
  rowOf(id: Id): number | undefined;
  idOf(row: number): Id | undefined;
}

/** A search by ids as one by rows. A test is asked once for every item; keep the bitmap where many searches share it. */
export function inRows<Id extends ItemId>(ids: RowIds<Id>, options: SearchOptions<Id>): RowSearchOptions {
  expectOptions(options, ["ef", "filter", "exclude", "where"]);
  const { ef, filter, exclude, where } = options;
  if (where !== undefined)
    throw new TwoTowerError("BAD_ARGUMENT", "this index knows no attributes to search by; make one by withAttributes");
  return {
    ...(ef !== undefined && { ef }),
    ...(filter !== undefined && { allowed: bitmapOf(ids, filter) }),
    ...(exclude !== undefined && { excluded: rowsOf(ids, exclude) }),
  };
}

/** The rows found, by the names the caller knows. */
export function withIds<Id extends ItemId>(ids: RowIds<Id>, { rows, scores }: NeighbourRows): Neighbours<Id> {
  return { ids: Array.from(rows, (row) => ids.idOf(row)!), scores };
}

/** The rows a filter lets through. */
export function bitmapOf<Id extends ItemId>(ids: RowIds<Id>, filter: ItemFilter<Id>): Uint8Array {
  if (filter instanceof Uint8Array) return filter;
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

function rowsOf<Id extends ItemId>(ids: RowIds<Id>, some: Iterable<Id>): number[] {
  expectList("exclude or filter", some);
  const rows: number[] = [];
  for (const id of some) {
    const row = ids.rowOf(id);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
