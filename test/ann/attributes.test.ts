import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExactIndex } from "../../src/ann/exact.ts";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import type { VectorIndex } from "../../src/ann/vector-index.ts";
import { AttributedIndex, type AttributesOf, withAttributes } from "../../src/ann/with-attributes.ts";
import { TwoTowerError } from "../../src/errors.ts";
import { category, id } from "../../src/features/declare.ts";
import { number } from "../../src/features/declare-number.ts";
import { twoTower } from "../../src/two-tower.ts";
import { clustered, nth } from "./clustered.ts";

const KINDS = { genre: "category", inStock: "boolean", price: "number" } as const;
type Shop = AttributesOf<typeof KINDS>;
const d = 8;
const { items, queries } = clustered(600, d, 5);

const GENRES = ["Comedy", "Drama", "Horror"];
const shopOf = (i: number): Shop => ({
  genre: i % 5 === 0 ? [GENRES[i % 3], GENRES[(i + 1) % 3]] : GENRES[i % 3],
  inStock: i % 4 === 0 ? null : i % 2 === 0,
  price: i % 10,
});

function shop(inner: VectorIndex<number> = new HnswIndex({ dimension: d }), n = 600) {
  const index = withAttributes(inner, KINDS);
  const ids = Array.from({ length: n }, (_, i) => i);
  index.addMany(ids, items.subarray(0, n * d), ids.map(shopOf));
  return index;
}

describe.each([
  ["exact", () => new ExactIndex<number>({ dimension: d })],
  ["approximate", () => new HnswIndex<number>({ dimension: d })],
])("an %s index with attributes", (_, inner) => {
  const index = shop(inner());
  const all = Array.from({ length: 600 }, (_, i) => i);
  const found = (where: Parameters<typeof index.rowsWhere>[0]) =>
    index.search(nth(queries, d, 0), 600, { where }).ids.sort((a, b) => a - b);

  test("finds by one value, by any of several, by a range, and by all of them at once", () => {
    const is = (i: number, genre: string) => [shopOf(i).genre].flat().includes(genre);
    expect(found({ genre: "Comedy" })).toEqual(all.filter((i) => is(i, "Comedy")));
    expect(found({ genre: ["Comedy", "Horror"] })).toEqual(all.filter((i) => is(i, "Comedy") || is(i, "Horror")));
    expect(found({ inStock: false })).toEqual(all.filter((i) => shopOf(i).inStock === false));
    expect(found({ price: 3 })).toEqual(all.filter((i) => i % 10 === 3));
    expect(found({ price: { min: 3, max: 5 } })).toEqual(all.filter((i) => i % 10 >= 3 && i % 10 <= 5));
    expect(found({ price: { min: 8 } })).toEqual(all.filter((i) => i % 10 >= 8));
    expect(found({ price: { min: Number.NEGATIVE_INFINITY, max: 1 } })).toEqual(all.filter((i) => i % 10 <= 1));
    expect(found({ genre: "Drama", inStock: true, price: { max: 6 } })).toEqual(
      all.filter((i) => is(i, "Drama") && shopOf(i).inStock === true && i % 10 <= 6),
    );
    expect(found({})).toEqual(all);
    expect(found({ genre: "Western" })).toEqual([]);
  });

  test("together with a filter and exclusions", () => {
    const { ids } = index.search(nth(queries, d, 1), 600, {
      where: { genre: "Drama" },
      filter: (i) => i < 100,
      exclude: [1, 4],
    });
    expect(ids.sort((a, b) => a - b)).toEqual(
      all.slice(0, 100).filter((i) => [shopOf(i).genre].flat().includes("Drama") && i !== 1 && i !== 4),
    );
  });
});

test("follows whatever is added, updated, described and removed: as a plain list would", () => {
  const change = fc.record({
    what: fc.constantFrom("put", "remove", "describe", "search"),
    id: fc.nat(30),
    genre: fc.subarray(GENRES),
    inStock: fc.option(fc.boolean()),
    price: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
      const index = withAttributes(new HnswIndex<number>({ dimension: d, M: 4, efConstruction: 10 }), KINDS);
      const plain = new Map<number, { genre: string[]; inStock: boolean | null; price: number }>();
      for (const { what, id, genre, inStock, price } of changes) {
        const attributes = { genre, inStock, price };
        if (what === "put") {
          if (plain.has(id)) index.update(id, nth(items, d, id + price), attributes);
          else index.add(id, nth(items, d, id), attributes);
          plain.set(id, attributes);
        } else if (what === "search") {
          const { ids } = index.search(nth(queries, d, 0), 40, { where: { genre, price: { min: price } } });
          const expected = [...plain].filter(([, x]) => x.price >= price && x.genre.some((one) => genre.includes(one)));
          expect(ids.sort((a, b) => a - b)).toEqual(expected.map(([id]) => id).sort((a, b) => a - b));
        } else if (plain.has(id)) {
          if (what === "remove") {
            index.remove(id);
            plain.delete(id);
          } else {
            index.describe([[id, attributes]]);
            plain.set(id, attributes);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("an update without attributes keeps them", () => {
  const index = shop(undefined, 10);
  index.update(3, nth(items, d, 9));
  expect(index.attributes(3)).toEqual(shopOf(3));
});

test("more conditions than are kept at hand are found all the same", () => {
  const index = shop();
  for (const round of [0, 1])
    for (let max = 0; max < 100; max++)
      expect(
        index.search(nth(queries, d, 0), 600, { where: { price: { max: max / 10 } } }).ids.length,
        `${round}`,
      ).toBe(60 * (Math.floor(max / 10) + 1));
});

test("goes into a snapshot", () => {
  const index = shop();
  index.remove(17);
  const loaded = AttributedIndex.fromBytes<number>(index.toBytes(), { kinds: [HnswIndex] });
  const where = { genre: "Drama", price: { min: 2 } };
  expect(loaded.search(nth(queries, d, 2), 50, { where })).toEqual(index.search(nth(queries, d, 2), 50, { where }));
  expect(loaded.attributes(4)).toEqual(shopOf(4));
  const bytes = shop(undefined, 12).toBytes();
  for (let bit = 0; bit < bytes.length * 8; bit += 1 + (bit % 97)) {
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    expect(() => AttributedIndex.fromBytes(flipped, { kinds: [HnswIndex] }), `bit ${bit}`).toThrow(TwoTowerError);
  }
});

describe("mistakes are named", () => {
  const index = shop(undefined, 10);
  const query = nth(queries, d, 0);
  const search = (where: object) => () => index.search(query, 3, { where });

  test("in conditions", () => {
    expect(search({ gerne: "Comedy" })).toThrow(/no attribute is called "gerne" \(did you mean "genre"\?\)/);
    expect(search({ inStock: "yes" })).toThrow(/"inStock" is a boolean, and what it must be is "yes"; true or false/);
    expect(search({ price: { minimum: 3 } })).toThrow(/"price" is a number.*\{"minimum":3\}.*\{ min, max \}/);
    expect(search({ price: { min: Number.NaN } })).toThrow(/"price" is a number/);
    expect(search({ price: Number.NaN })).toThrow(/"price" is a number/);
    expect(search({ genre: true })).toThrow(/"genre" is a category/);
    expect(search({ genre: { min: 1 } })).toThrow(/"genre" is a category/);
  });

  test("in items, of which none is then added", () => {
    const one = nth(items, d, 0);
    expect(() => index.add(77, one, { inStock: 1 })).toThrow(/"inStock" is a boolean, and a value of it is 1/);
    expect(() => index.add(77, one, { price: "9" })).toThrow(/a finite number was expected/);
    expect(() => index.addMany([77], one, [])).not.toThrow();
    index.remove(77);
    expect(() => index.addMany([77, 78], items.subarray(0, 2 * d), [{}])).toThrow(/1 attributes were given for 2/);
    expect(() => index.describe([[99, {}]])).toThrow(/no item "99"/);
    expect(index.has(77)).toBe(false);
  });

  test("in declarations, and where there are none", () => {
    expect(() => withAttributes(new HnswIndex({ dimension: 2 }), { genre: "text" as "category" })).toThrow(
      /"category"/,
    );
    expect(() => new HnswIndex({ dimension: 2 }).search([1, 0], 1, { where: { genre: "x" } })).toThrow(
      /withAttributes/,
    );
  });
});

test("a recaller takes attributes from the rows it is made of or adds, and recalls by them", async () => {
  const model = twoTower({
    user: { user: id() },
    item: { item: id(), genre: category(), price: number() },
    dimension: 8,
  });
  const rows = Array.from({ length: 40 }, (_, i) => ({ item: `i${i}`, genre: GENRES[i % 3], price: i }));
  const users = Array.from({ length: 10 }, (_, i) => ({ user: `u${i}` }));
  const interactions = users.flatMap(({ user }, u) => [0, 1, 2].map((j) => ({ user, item: `i${(u * 3 + j) % 40}` })));
  await model.fit({ users, items: rows, interactions }, { epochs: 1 });
  const empty = (): VectorIndex<string> =>
    withAttributes(new HnswIndex<string>({ dimension: 8 }), { genre: "category", price: "number" });
  const recaller = model.recaller(empty());
  recaller.add(rows);
  const where = { genre: "Drama", price: { max: 20 } };
  const expected = rows.filter(({ genre, price }) => genre === "Drama" && price <= 20).map(({ item }) => item);
  const found = recaller.recall("u1", 40, { where, includeSeen: true }).map(({ id }) => id);
  expect(found.sort()).toEqual(expected.sort());
  const made = model.index(rows, empty).recall("u1", 40, { where, includeSeen: true });
  expect(made.map(({ id }) => id).sort()).toEqual(expected);
  recaller.add([{ ...rows[1], genre: "Horror" }]);
  expect(recaller.similar("i4", 40, { where }).map(({ id }) => id)).not.toContain("i1");
});
