import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdTable } from "../../src/ann/id-table.ts";
import { RowHash } from "../../src/ann/row-hash.ts";
import type { ItemId } from "../../src/ann/vector-index.ts";
import { numbers } from "./clustered.ts";

describe("a table of ids", () => {
  test("knows the row of each, and of others that there is none: through splits, removals and a snapshot", () => {
    const table = new IdTable();
    const n = 30_000;
    const idOf = (i: number): ItemId => (i < 20_000 ? `item-${i}` : [i, i / 7, BigInt(i), `${i}`][i % 4]);
    expect(numbers(n).filter((i) => table.add(idOf(i)) !== i)).toEqual([]);
    expect(numbers(n).filter((i) => i % 3 === 0 && table.remove(idOf(i)) !== i)).toEqual([]);
    const loaded = IdTable.fromJson(table.toJson());
    for (const one of [table, loaded]) {
      expect([one.size, one.rows]).toEqual([20_000, n]);
      const wrong = numbers(n).filter((i) => {
        const id = i % 3 === 0 ? undefined : idOf(i);
        return one.idOf(i) !== id || one.rowOf(idOf(i)) !== (id === undefined ? undefined : i);
      });
      expect(wrong).toEqual([]);
      expect([one.rowOf("item-1 "), one.rowOf(20_001n), one.idOf(n), one.idOf(-1)]).toEqual(Array(4).fill(undefined));
      expect(one.add("new")).toBe(n - 3); // the row given up last
      expect(one.rowOf("new")).toBe(n - 3);
    }
    expect(loaded.toJson()).toBe(table.toJson());
  });

  test("takes −0 for 0", () => {
    const table = new IdTable<number>();
    table.add(-0);
    expect([table.rowOf(0), table.rowOf(-0), table.idOf(0)]).toEqual([0, 0, 0]);
  });

  test("is what a Map would be", () => {
    const ids = fc.oneof(
      fc.nat(30),
      fc.nat(30).map(String),
      fc.bigInt(0n, 30n),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.array(ids, { maxLength: 200 }), (some) => {
        const table = new IdTable();
        const map = new Map<ItemId, number>();
        for (const id of some) {
          if (map.has(id)) {
            expect(table.remove(id)).toBe(map.get(id));
            map.delete(id);
          } else map.set(id, table.add(id));
          for (const [id, row] of map) expect([table.rowOf(id), table.idOf(row)]).toEqual([row, id]);
          expect(table.rowOf(id)).toBe(map.get(id));
        }
      }),
    );
  });
});

test("rows whose hashes agree in every bit are told apart, past what a page holds", () => {
  const hash = new RowHash();
  const n = 3000;
  for (let row = 0; row < n; row++) hash.add(row % 2 === 0 ? 0x5a5a5a5a : row, row);
  for (let row = 0; row < n; row += 4) hash.delete(0x5a5a5a5a, row);
  const find = (row: number): number | undefined =>
    hash.find(row % 2 === 0 ? 0x5a5a5a5a : row, (other) => other === row);
  expect(numbers(n).filter((row) => find(row) !== (row % 4 === 0 ? undefined : row))).toEqual([]);
});
