import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Column, FIRST_KNOWN, MISSING, UNKNOWN } from "../../src/features/columns.ts";
import { category, id, list, type Schema, tags } from "../../src/features/declare.ts";
import { number, timestamp } from "../../src/features/declare-number.ts";
import { encodeDataset, encodeInteractions } from "../../src/features/encode-dataset.ts";
import { fitSchema } from "../../src/features/fit-schema.ts";
import type { FittedSchema } from "../../src/features/fitted-schema.ts";
import type { Dataset } from "../../src/features/rows.ts";
import { messageOf } from "./messages.ts";

const movieId = id();
const schema = {
  user: { userId: id({ dimension: 16 }), gender: category(), history: list(movieId, { max: 2 }) },
  item: {
    movieId,
    genres: tags(),
    year: number({ column: "title", pattern: /\((\d{4})\)$/ }),
    age: number({ bins: [10, 20], optional: true }),
  },
};
const users = [
  { userId: 7, gender: "F", history: [1, 2, 3] },
  { userId: "8", gender: null },
];
const items = [
  { movieId: 3, genres: ["Comedy", "Drama"], title: "Three (2003)" },
  { movieId: 1, genres: "Comedy | Action", title: "One (2001)" },
  { movieId: 2, genres: null, title: "Two" },
];
const interactions = [
  { userId: 7, movieId: 1, timestamp: 10 },
  { userId: 7, movieId: 1, timestamp: 11 },
  { userId: 9, movieId: "2", timestamp: 12 },
];
const fitted = fitSchema(schema, { users, items, interactions }, 32);
const encoded = encodeDataset(fitted, { users, items, interactions });

/** The values behind an index column's embedding rows. */
const rowsOf = (column: Column): number[] => (column.kind === "number" ? [] : [...column.rows]);

describe("a fitted schema", () => {
  test("tells the model what to build", () => {
    expect(fitted.users.features).toEqual([
      { feature: "userId", kind: "id", reads: "index", table: "user.userId", rows: 4, dimension: 16 },
      { feature: "gender", kind: "category", reads: "index", table: "user.gender", rows: 3, dimension: 4 },
      { feature: "history", kind: "list", reads: "bag", table: "item.movieId", rows: 4, dimension: 32 },
    ]);
    expect(fitted.items.features).toEqual([
      { feature: "movieId", kind: "id", reads: "index", table: "item.movieId", rows: 4, dimension: 32 },
      { feature: "genres", kind: "tags", reads: "bag", table: "item.genres", rows: 5, dimension: 8 },
      { feature: "year", kind: "number", reads: "number", width: 2 },
      { feature: "age", kind: "number", reads: "index", table: "item.age", rows: 5, dimension: 8 },
    ]);
  });

  test("gives table rows by position, embedding rows by how often an id was chosen", () => {
    expect([...encoded.items.ids]).toEqual(["3", "1", "2"]);
    expect(rowsOf(encoded.items.table.columns.movieId)).toEqual([UNKNOWN, FIRST_KNOWN, FIRST_KNOWN + 1]);
    expect([...fitted.items.embeddingRows(encoded.items.ids)]).toEqual([UNKNOWN, FIRST_KNOWN, FIRST_KNOWN + 1]);
  });

  test("gives users that only interactions mention a row, and counts them", () => {
    expect([...encoded.users.ids]).toEqual(["7", "8", "9"]);
    expect(encoded.users.table.count).toBe(3);
    expect(rowsOf(encoded.users.table.columns.gender)).toEqual([FIRST_KNOWN, MISSING, MISSING]);
    expect(encoded.unlisted).toEqual({ users: 1, items: 0 });
  });

  test("pools tags, with a row for having none; keeps the last of a history, with none for having none", () => {
    expect(encoded.items.table.columns.genres).toEqual({
      kind: "bag",
      offsets: Int32Array.of(0, 2, 4, 5),
      rows: Int32Array.of(FIRST_KNOWN, FIRST_KNOWN + 2, FIRST_KNOWN, FIRST_KNOWN + 1, MISSING), // Comedy, Action, Drama
    });
    expect(encoded.users.table.columns.history).toEqual({
      kind: "bag",
      offsets: Int32Array.of(0, 2, 2, 2),
      rows: Int32Array.of(FIRST_KNOWN + 1, UNKNOWN), // of 1, 2, 3 the last two; nobody chose 3
    });
  });

  test("reads numbers out of text, and marks the missing", () => {
    expect(encoded.items.table.columns.year).toEqual({
      kind: "number",
      width: 2,
      values: Float32Array.of(1, 0, -1, 0, 0, 1),
    });
    expect(rowsOf(encoded.items.table.columns.age)).toEqual([MISSING, MISSING, MISSING]);
  });

  test("keeps pairs given twice, as table rows", () => {
    expect(encoded.interactions).toEqual({
      users: Int32Array.of(0, 0, 2),
      items: Int32Array.of(1, 1, 2),
      timestamps: Uint32Array.of(10, 11, 12),
      weights: undefined,
      skipped: 0,
    });
  });

  test("an interaction with time and weight takes 16 bytes; times that are no whole seconds take 4 more", () => {
    const pairsOnly = { user: { userId: id() }, item: { movieId: id() } };
    const bytesEach = (timestamp: (n: number) => number): number => {
      const interactions = Array.from({ length: 100 }, (_, n) => ({
        userId: n % 7,
        movieId: n % 11,
        timestamp: timestamp(n),
        weight: 0.5,
      }));
      const { users, items, timestamps, weights } = encodeDataset(fitSchema(pairsOnly, { interactions }), {
        interactions,
      }).interactions;
      expect(Array.from(timestamps!)).toEqual(interactions.map(({ timestamp }) => timestamp));
      return [users, items, timestamps!, weights!].reduce((sum, { byteLength }) => sum + byteLength, 0) / 100;
    };
    expect(bytesEach((n) => 1_700_000_000 + n)).toBe(16);
    expect(bytesEach((n) => 1_700_000_000 + n / 10)).toBe(20);
    expect(bytesEach((n) => -n)).toBe(20); // before 1970
  });

  test("skips pairs with ids outside the tables, or refuses them", () => {
    const rows = [...interactions, { userId: "who", movieId: 1, timestamp: 13 }];
    const { users, items } = encoded;
    expect(encodeInteractions(fitted, rows, users.ids, items.ids, { unknown: "skip" })).toEqual({
      ...encoded.interactions,
      skipped: 1,
    });
    expect(messageOf(() => encodeInteractions(fitted, rows, users.ids, items.ids))).toBe(
      'UNKNOWN_ID interactions[3].userId is "who", which was never seen in training; leave the row out',
    );
  });

  test("serves rows it has never seen", () => {
    const table = fitted.users.encodeRows([{ userId: "new", gender: "X", history: "1|2" }]);
    expect(rowsOf(table.columns.userId)).toEqual([UNKNOWN]);
    expect(rowsOf(table.columns.gender)).toEqual([UNKNOWN]);
    expect(rowsOf(table.columns.history)).toEqual([FIRST_KNOWN, FIRST_KNOWN + 1]);
  });
});

describe("rows and columns", () => {
  const plain = { user: { userId: id() }, item: { movieId: id(), year: number() } };
  const year = fc.option(fc.integer({ min: 1900, max: 2026 }));
  const dataset = fc.record({
    interactions: fc.array(fc.record({ userId: fc.nat(9), movieId: fc.nat(9), weight: fc.constantFrom(1, 2) }), {
      minLength: 1,
    }),
    items: fc.uniqueArray(fc.record({ movieId: fc.nat(9), year }), {
      selector: ({ movieId }) => movieId,
      minLength: 1,
    }),
  });

  test("say the same", () => {
    fc.assert(
      fc.property(dataset, ({ interactions, items }) => {
        const columns = {
          interactions: {
            userId: Int32Array.from(interactions, ({ userId }) => userId),
            movieId: Float64Array.from(interactions, ({ movieId }) => movieId),
            weight: interactions.map(({ weight }) => weight),
          },
          items: { movieId: items.map(({ movieId }) => String(movieId)), year: items.map(({ year }) => year) },
        };
        const fromRows = encodeDataset(fitSchema(plain, { interactions, items }), { interactions, items });
        expect(encodeDataset(fitSchema(plain, columns), columns)).toEqual(fromRows);
      }),
    );
  });

  test("in another order learn the same", () => {
    fc.assert(
      fc.property(dataset, ({ interactions, items }) => {
        const one = fitSchema(plain, { interactions, items });
        const other = fitSchema(plain, { interactions: interactions.toReversed(), items: items.toReversed() });
        expect([...other.items.vocabulary.toJSON()]).toEqual([...one.items.vocabulary.toJSON()]);
        expect(other.items.features).toEqual(one.items.features);
      }),
    );
  });

  test("without tables are those of the interactions' ids", () => {
    const { users, items, unlisted } = encodeDataset(fitSchema(plain, { interactions }), { interactions });
    expect([[...users.ids], [...items.ids], unlisted]).toEqual([["7", "9"], ["1", "2"], { users: 0, items: 0 }]);
    expect(items.table.columns.year).toEqual({ kind: "number", width: 2, values: Float32Array.of(0, 1, 0, 1) });
  });

  test("may be very many", () => {
    const many = Int32Array.from({ length: 200_000 }, (_, i) => i);
    const data = { users: [{ userId: 7 }], interactions: { userId: many, movieId: many } };
    const { users, unlisted } = encodeDataset(fitSchema(plain, data), data);
    expect([users.table.count, users.ids.rowOf(7), unlisted.users]).toEqual([200_000, 0, 199_999]);
  });

  test("may have names that objects inherit", () => {
    const odd = { user: { ["__proto__"]: id() }, item: { constructor: id(), toString: category() } } as Schema;
    const rows = { ["__proto__"]: [1, 1], constructor: ["__proto__", "b"] };
    const data: Dataset<Schema> = { interactions: rows, items: [{ constructor: "__proto__", toString: "__proto__" }] };
    const { items, interactions } = encodeDataset(fitSchema(odd, data), data);
    expect([...items.ids]).toEqual(["__proto__", "b"]);
    expect([...interactions.items]).toEqual([0, 1]);
    expect(rowsOf(items.table.columns.toString as unknown as Column)).toEqual([FIRST_KNOWN, MISSING]);
  });
});

describe("a row that is wrong is named", () => {
  const fittedTo = (data: object): FittedSchema =>
    fitSchema(schema as Schema, { users, items, interactions, ...data } as Dataset<Schema>);
  test.each<[string, object, string]>([
    [
      "the same id twice",
      { users: [...users, { userId: "7", gender: "M" }] },
      'BAD_ROW users[0] and users[2] have the same userId "7": keep one row for each id',
    ],
    [
      "no id",
      { users: [{ gender: "F" }, { userId: null, gender: "F" }] },
      "BAD_ROW users[0].userId is undefined: expected an id, which is text or a finite number",
    ],
    [
      "an infinite id",
      { interactions: [{ userId: Infinity, movieId: 1 }] },
      "BAD_ROW interactions[0].userId is Infinity: expected an id, which is text or a finite number",
    ],
    [
      "a number that is none",
      { items: [{ movieId: 1, genres: [], title: "", age: NaN }] },
      "BAD_ROW items[0].age is NaN: expected a finite number (at most 1e150), or null where it is missing",
    ],
    [
      "a category that is none",
      { users: [{ userId: 1, gender: {} }] },
      "BAD_ROW users[0].gender is an object: expected text, a finite number, true or false, or null where it is missing",
    ],
    [
      "tags that are none",
      { items: [{ movieId: 1, genres: 5, title: "" }] },
      'BAD_ROW items[0].genres is 5: expected a list of texts or numbers, text split by "|", or null where it is missing',
    ],
    [
      "a time that is none",
      { interactions: [{ userId: 7, movieId: 1, timestamp: "noon" }] },
      'BAD_ROW interactions[0].timestamp is "noon": expected a Date, seconds or milliseconds since 1970, or text like "2026-11-24T02:10:00Z"',
    ],
    [
      "times in some rows only",
      {
        interactions: [
          { userId: 7, movieId: 1, timestamp: 5 },
          { userId: 7, movieId: 2 },
        ],
      },
      "BAD_ROW interactions[1].timestamp is undefined: expected a timestamp, because other rows have one; give it in all rows or in none",
    ],
    [
      "a weight of nothing",
      { interactions: [{ userId: 7, movieId: 1, weight: 0 }] },
      "BAD_ROW interactions[0].weight is 0: expected a weight above 0; leave out rows that do not count",
    ],
    [
      "a row that is none",
      { users: [users[0], 5] },
      "BAD_ROW users[1] is 5: expected an object with a property for each column",
    ],
    [
      "a column that is not there",
      { users: [{ userId: 1, gendre: "F" }] },
      'BAD_SCHEMA users: there is no column "gender"; its columns are "userId", "gendre". Declare "gender" optional if rows may lack it',
    ],
    [
      "ids that are not there",
      { interactions: [{ user: 1, movieId: 1 }] },
      'BAD_SCHEMA interactions: there is no column "userId"; its columns are "user", "movieId". Interactions need the ids of both sides',
    ],
    [
      "columns of different lengths",
      { interactions: { userId: [1, 2], movieId: [1] } },
      'BAD_ARGUMENT interactions: column "userId" has 2 cells, column "movieId" has 1; every column needs one for each row',
    ],
    [
      "rows that can be read only once",
      { users: users.values() },
      "BAD_ARGUMENT users is an iterator, which can be read only once: pass an array, such as Array.from(users)",
    ],
  ])("%s", (_, data, message) => {
    expect(
      messageOf(() => encodeDataset(fittedTo(data), { users, items, interactions, ...data } as Dataset<Schema>)),
    ).toBe(message);
  });

  test("also where its column has an odd name", () => {
    const spaced: Schema = {
      user: { userId: id(), "zip code": number() },
      item: { movieId: id(), added: timestamp() },
    };
    const data = { users: [{ userId: 1, "zip code": "x" }], interactions: [{ userId: 1, movieId: 1 }] };
    expect(messageOf(() => fitSchema(spaced, data))).toBe(
      'BAD_ROW users[0]["zip code"] is "x": expected a finite number (at most 1e150), or null where it is missing',
    );
  });
});
