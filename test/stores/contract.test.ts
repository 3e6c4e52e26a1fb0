import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecallOptions, Recommendation } from "../../src/index.ts";
import { postgresStore, type StoreRecaller, storeRecaller } from "../../src/stores.ts";
import { backends, type Database } from "./backends.ts";
import { inProcess, items, KINDS, type Shop, STRANGE, shopModel } from "./shop.ts";

// What recall does in this process it does in every store. The in-process recaller compares with every item, so where a
// store does too the lists must be the same; where it walks a graph, they are good and all that they say is true.

let model: Shop;
let here: ReturnType<typeof inProcess>;
beforeAll(async () => {
  model = await shopModel();
  here = inProcess(model);
});

const idsOf = (list: readonly Recommendation[]): string[] => list.map(({ id }) => id);

/** The same items with the same scores; items of the same score may have changed places. */
function expectSame(found: readonly Recommendation[], expected: readonly Recommendation[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, { score }] of expected.entries()) expect(found[i].score).toBeCloseTo(score, 5);
  const last = expected.at(-1)?.score ?? 0;
  const sure = expected.filter(({ score }) => score > last + 1e-5);
  expect(idsOf(found)).toEqual(expect.arrayContaining(idsOf(sure)));
}

const narrowings: readonly [what: string, options: RecallOptions][] = [
  ["nothing more", {}],
  ["the seen too", { includeSeen: true }],
  [
    "exclusions, known and unknown ids, numbers too",
    { exclude: [...STRANGE, "i20", 21, 22n, "nobody", "\0", "\ud800"] },
  ],
  ["a filter of ids", { filter: new Set([...STRANGE, "i40", "i41", "i42", "nobody"]) }],
  ["a filter of nobody", { filter: new Set(["nobody", "\0"]) }],
  ["a category", { where: { genres: "it's even" } }],
  ["any of some categories, and a switch", { where: { genres: ["genre 3", "genre 5"], inStock: false } }],
  ["a range, which the unknown is not in", { where: { year: { min: 1990, max: 1995 } } }],
  ["a range open at one side, and one at both", { where: { year: { max: 1982 }, inStock: true } }],
  ["any year that is known", { where: { year: {} } }],
  ["some years", { where: { year: [1981, 1999] } }],
  ["no category at all", { where: { genres: [] } }],
  ["few out of many", { where: { genres: "genre 3", year: 2001, inStock: true } }],
  [
    "everything at once",
    {
      where: { genres: "odd" },
      filter: new Set(items.slice(0, 400).map(({ itemId }) => itemId)),
      exclude: ["i13"],
      ef: 200,
    },
  ],
  ["conditions left undefined", { where: { genres: undefined } } as RecallOptions],
];

describe.each(backends)("$name", ({ open }) => {
  let database: Database;
  let exact: StoreRecaller<Shop["schema"]>;
  let graph: StoreRecaller<Shop["schema"]>;

  beforeAll(async () => {
    if (!open) return;
    database = await open();
    exact = storeRecaller(
      model,
      postgresStore(database.client, { table: "exact_items", attributes: KINDS, index: "exact" }),
    );
    graph = storeRecaller(model.trained, postgresStore(database.client, { table: "items", attributes: KINDS }));
    expect(await exact.replaceAll(items)).toBe(items.length);
    expect(await graph.replaceAll(items)).toBe(items.length);
  });
  afterAll(() => database?.stop());

  describe.skipIf(!open)("a store", () => {
    test.each(narrowings)("recalls what this process does: %s", async (_, options) => {
      for (const user of ["20", { country: "KR" }])
        for (const k of [10, 300]) {
          const expected = here.recall(user, k, options);
          expectSame(await exact.recall(user, k, options), expected);
          const walked = await graph.recall(user, k, options);
          expect(walked.length).toBe(expected.length); // k results whenever k exist
          const scores = new Map(here.recall(user, 1200, options).map(({ id, score }) => [id, score]));
          for (const { id, score } of walked) expect(score).toBeCloseTo(scores.get(id) ?? Number.NaN, 5);
        }
    });

    test("finds with a graph nearly all that exact search finds", async () => {
      let found = 0;
      for (let user = 0; user < 60; user++) {
        const expected = new Set(idsOf(here.recall(user, 10)));
        found += idsOf(await graph.recall(user, 10, { ef: 400 })).filter((id) => expected.has(id)).length;
      }
      console.log(`recall@10 against exact search, ef 400: ${(found / 600).toFixed(3)}`);
      expect(found / 600).toBeGreaterThan(0.9); // a third of the catalogue is weighed: less is a fault, not chance
    });

    test("similar items, the item itself apart", async () => {
      for (const item of ["i50", ...STRANGE]) expectSame(await exact.similar(item, 10), here.similar(item, 10));
      expectSame(
        await exact.similar("i50", 5, { where: { inStock: false } }),
        here.similar("i50", 5, { where: { inStock: false } }),
      );
    });

    test("items come, change and go; ids may be texts, numbers and bigints", async () => {
      const table = "coming_items";
      const own = storeRecaller(model, postgresStore(database.client, { table, attributes: KINDS }));
      await own.replaceAll([]);
      expect(await own.recall(7)).toEqual([]);
      const row = { genres: ["odd"], year: 1990, inStock: true };
      await own.add([
        { ...row, itemId: 7 },
        { ...row, itemId: 9007199254740993n },
        { ...row, itemId: "007" },
        { ...row, itemId: 7, genres: ["it's even"] }, // the last of one id counts
      ]);
      expect(new Set(idsOf(await own.recall(7)))).toEqual(new Set(["7", "9007199254740993", "007"]));
      expect(idsOf(await own.recall(7, 10, { where: { genres: "it's even" } }))).toEqual(["7"]);
      await own.add([{ ...row, itemId: "007", inStock: false } as typeof row & { itemId: string }]);
      expect(idsOf(await own.recall(7, 10, { where: { inStock: false } }))).toEqual(["007"]);
      expect(idsOf(await own.recall(7, 10, { exclude: [7n, "007"] }))).toEqual(["9007199254740993"]);
      await own.remove(9007199254740993n);
      expect(new Set(idsOf(await own.recall(7)))).toEqual(new Set(["7", "007"]));
      await expect(own.remove("\0")).rejects.toThrow(expect.objectContaining({ code: "UNKNOWN_ID" }));
    });

    test("the items of training, where none are given", async () => {
      const own = storeRecaller(model, postgresStore(database.client, { table: "trained_items" }));
      const { length } = model.trained.on.items.ids.toJSON();
      expect(await own.replaceAll()).toBe(length);
      expectSame(await own.recall(7, 10, { ef: 1000 }), model.index().recall(7, 10));
    });

    test("names are names, whatever stands in them", async () => {
      const table = `o"dd'; DROP TABLE items; --\\`;
      const schema = `sch"ema'`;
      await database.client.query(`CREATE SCHEMA IF NOT EXISTS "sch""ema'"`, []);
      const attributes = { 'na"me': "category", "drop table": "number" } as const;
      const own = storeRecaller(model, postgresStore(database.client, { table, schema, attributes }));
      const rows = items.slice(0, 30).map((item, i) => ({ ...item, 'na"me': `'${i % 2}`, "drop table": i }));
      for (let i = 0; i < 2; i++) expect(await own.replaceAll(rows)).toBe(30); // the second takes the first's place
      const found = await own.recall(7, 30, { includeSeen: true, where: { 'na"me': "'1", "drop table": { max: 9 } } });
      expect(new Set(idsOf(found))).toEqual(new Set([1, 3, 5, 7, 9].map((i) => items[i].itemId)));
      await database.client.query(`DROP SCHEMA "sch""ema'" CASCADE`, []);
      expect((await graph.recall(7)).length).toBe(10);
    });
  });

  describe.skipIf(!open)("it refuses", () => {
    test("vectors of another model, in every method", async () => {
      const other = storeRecaller(await shopModel(2), graph.store);
      const refusal = expect.objectContaining({
        code: "BAD_FILE",
        message: expect.stringMatching(/"items" holds vectors of another model/),
      });
      await expect(other.recall(7)).rejects.toThrow(refusal);
      await expect(other.similar("i50")).rejects.toThrow(refusal);
      await expect(other.add([items[50]])).rejects.toThrow(refusal);
      expectSame(await graph.similar("i50", 3, { ef: 1000 }), here.similar("i50", 3)); // which has changed nothing
    });

    test("a store that was never filled, or with other attributes", async () => {
      const none = storeRecaller(model, postgresStore(database.client, { table: "none" }));
      const methods = [
        () => none.recall(7),
        () => none.similar("i50"),
        () => none.add([items[50]]),
        () => none.remove("i50"),
      ];
      for (const ask of methods)
        await expect(ask()).rejects.toThrow(
          expect.objectContaining({ code: "BAD_FILE", message: expect.stringMatching(/no table "none" yet/) }),
        );
      for (const attributes of [{ genres: "category" }, { ...KINDS, colour: "category" }] as const) {
        const other = storeRecaller(model, postgresStore(database.client, { table: "items", attributes }));
        await expect(other.recall(7, 3, { where: { genres: "odd" } })).rejects.toThrow(/"items" was made with/);
        await expect(other.add([items[50]])).rejects.toThrow(/"items" was made with/);
      }
    });

    test("an item that comes twice; the former version stays, and nothing is left behind", async () => {
      const tables = async (): Promise<number> =>
        (
          await database.client.query(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relname LIKE 'items%'",
            [],
          )
        ).rows.length;
      const before = await tables();
      await expect(graph.replaceAll([...items, items[3]])).rejects.toThrow(
        expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringMatching(/comes twice/) }),
      );
      const broken = (async function* () {
        yield items[0];
        throw new Error("the source broke off");
      })();
      await expect(graph.replaceAll(broken)).rejects.toThrow("the source broke off");
      await expect(graph.replaceAll([{ ...items[0], itemId: "a\0" }])).rejects.toThrow(
        /holds no id with a character 0/,
      );
      expect(await tables()).toBe(before);
      expect((await graph.recall(7, 300)).length).toBe(300);
    });

    test("what cannot be sent to a store, and what no condition can be", async () => {
      const badly = (message: RegExp) =>
        expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringMatching(message) });
      await expect(graph.recall(7, 10, { filter: () => true })).rejects.toThrow(
        badly(/filter is the function.*Say by "where"/),
      );
      await expect(graph.recall(7, 10, { filter: new Uint8Array(9) })).rejects.toThrow(badly(/filter is/));
      await expect(graph.recall(7, 10, { exclude: "i5" })).rejects.toThrow(badly(/exclude is "i5"; expected a list/));
      await expect(graph.recall(7, 10, { where: { genre: "odd" } })).rejects.toThrow(
        badly(/no attribute is called "genre" \(did you mean "genres"\?\)/),
      );
      await expect(graph.recall(7, 10, { where: { year: "soon" } })).rejects.toThrow(badly(/"year" is a number/));
      await expect(graph.recall(7, Number.NaN)).rejects.toThrow(badly(/k is NaN/));
      await expect(graph.recall("nobody")).rejects.toThrow(expect.objectContaining({ code: "UNKNOWN_ID" }));
      await expect(graph.similar("nobody")).rejects.toThrow(expect.objectContaining({ code: "UNKNOWN_ID" }));
      await expect(graph.recall(7, 10, { where: { year: { maximum: 3 } } } as never)).rejects.toThrow(
        badly(/"year" is a number/),
      );
    });

    test("a name that is taken by something else, and stays that", async () => {
      await database.client.query("CREATE TABLE taken (kept int)", []);
      const own = storeRecaller(model, postgresStore(database.client, { table: "taken" }));
      await expect(own.replaceAll(items.slice(0, 5))).rejects.toThrow(
        expect.objectContaining({
          code: "BAD_ARGUMENT",
          message: expect.stringMatching(/"taken" is there and is no view/),
        }),
      );
      expect((await database.client.query("SELECT count(kept)::int AS n FROM taken", [])).rows).toEqual([{ n: 0 }]);
      await database.client.query("DROP TABLE taken", []);
    });
  });
});

test.each([
  [{ table: "" }, /table is ""/],
  [{ table: "x".repeat(55) }, /expected a name of 1 to 54 bytes/],
  [{ table: "items", attributes: { id: "category" } }, /attribute "id"/],
  [{ table: "items", attributes: { genres: "text" } }, /declared "text"/],
  [{ table: "items", tabel: 1 }, /no option "tabel"/],
  [{ table: "items", index: "ivf" }, /index is "ivf"/],
  [{ table: "items", M: 1.5 }, /M is 1.5/],
])("a declaration is looked at before anything is asked: %j", (options, message) => {
  expect(() => postgresStore({ query: () => Promise.reject(new Error("asked")) }, options as never)).toThrow(message);
});
