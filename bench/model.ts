import type { Column, Table } from "../src/features/columns.ts";
import type { NetworkShape } from "../src/model/network.ts";
import { Random } from "../src/tensor/random.ts";

export const USERS = 6040;
export const ITEMS = 3706;

/** The towers every peer is measured on: ids and categories → 112 (80) → 128 → 64, as large as ML-1M. */
export const shape: NetworkShape = {
  tables: [
    { name: "userId", rows: USERS, dimension: 64 },
    { name: "gender", rows: 3, dimension: 16 },
    { name: "age", rows: 8, dimension: 16 },
    { name: "occupation", rows: 22, dimension: 16 },
    { name: "itemId", rows: ITEMS, dimension: 64 },
    { name: "genres", rows: 19, dimension: 16 },
  ],
  user: [
    { feature: "userId", reads: "index", table: "userId", isKey: true },
    { feature: "gender", reads: "index", table: "gender", isKey: false },
    { feature: "age", reads: "index", table: "age", isKey: false },
    { feature: "occupation", reads: "index", table: "occupation", isKey: false },
  ],
  item: [
    { feature: "itemId", reads: "index", table: "itemId", isKey: true },
    { feature: "genres", reads: "bag", table: "genres", isKey: false },
  ],
  options: { dimension: 64, hidden: [128], identity: "concat" },
};

/** Flops of the item tower for one row. */
export const ITEM_FLOPS = 2 * (80 * 128 + 128 * 64);
const USER_FLOPS = 2 * (112 * 128 + 128 * 64);

/**
 * Flops of the matrix products of one example, as the step is defined: towers and scores, forward and (twice that)
 * backward, nothing left out for rows that a batch has twice. For each example so many users and items are encoded, and
 * so many items scored.
 */
export const flopsPerExample = (users: number, items: number, scored: number): number =>
  3 * (users * USER_FLOPS + items * ITEM_FLOPS + 2 * scored * 64);

/** Tables with random categories and two tags an item, and `pairs` random interactions. */
export function syntheticData(
  pairs: number,
  random: Random = new Random(1),
): { users: Table; items: Table; interactions: { users: Int32Array; items: Int32Array } } {
  const draw = (count: number, below: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.below(below));
  const index = (count: number, below: number): Column => ({ kind: "index", rows: draw(count, below) });
  return {
    users: {
      count: USERS,
      columns: { userId: own(USERS), gender: index(USERS, 3), age: index(USERS, 8), occupation: index(USERS, 22) },
    },
    items: itemTable(ITEMS, random),
    interactions: { users: draw(pairs, USERS), items: draw(pairs, ITEMS) },
  };
}

/** `count` items, two tags each. */
export function itemTable(count: number, random: Random): Table {
  const rows = Int32Array.from({ length: 2 * count }, () => random.below(19));
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => 2 * i);
  const ids = Int32Array.from({ length: count }, (_, i) => i % ITEMS);
  return { count, columns: { itemId: { kind: "index", rows: ids }, genres: { kind: "bag", offsets, rows } } };
}

const own = (count: number): Column => ({ kind: "index", rows: Int32Array.from({ length: count }, (_, i) => i) });
