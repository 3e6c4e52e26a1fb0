import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { category, id, list, type Schema, tags } from "../../src/features/declare.ts";
import { number, timestamp } from "../../src/features/declare-number.ts";
import { fitSchema } from "../../src/features/fit-schema.ts";
import { fittedFromJson, fittedToJson } from "../../src/features/fitted-json.ts";
import { Json } from "../../src/features/json.ts";
import type { Dataset } from "../../src/features/rows.ts";
import { schemaFromJson, schemaToJson } from "../../src/features/schema-json.ts";
import { messageOf } from "./messages.ts";

const itemId = id({ dimension: 8, minCount: 2 });
const schema = {
  user: {
    userId: id(),
    history: list(itemId, { max: 5 }),
    city: category({ optional: true }),
    age: number({ bins: 3 }),
  },
  item: {
    itemId,
    tags: tags({ separator: ",", column: "labels" }),
    price: number({ scale: "log" }),
    year: number({ column: "title", pattern: /\((\d{4})\)/i, optional: true }),
    added: timestamp({ unit: "milliseconds", bins: [0, 5] }),
  },
} satisfies Schema;

const text = fc.constantFrom("a", "b", "__proto__", "", "ü", "\ud800");
const data = fc.record({
  users: fc.uniqueArray(fc.record({ userId: fc.nat(20), age: fc.option(fc.nat(99)), city: fc.option(text) }), {
    selector: ({ userId }) => userId,
  }),
  items: fc.uniqueArray(
    fc.record({
      itemId: text,
      labels: fc.option(fc.array(text)),
      price: fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 })),
      added: fc.option(fc.nat()),
    }),
    { selector: ({ itemId }) => itemId },
  ),
  interactions: fc.array(fc.record({ userId: fc.nat(20), itemId: text }), { minLength: 1 }),
}) as fc.Arbitrary<Dataset<typeof schema>>;

const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const parsed = (value: unknown): Schema => schemaFromJson(new Json(value, { name: "model.json", code: "CORRUPT" }));

describe("a schema", () => {
  test("comes back from JSON with what it shares", () => {
    const back = parsed(throughText(schemaToJson(schema)));
    expect(back).toEqual(schema);
    expect(back.user.history.kind === "list" && back.user.history.of).toBe(back.item.itemId);
  });

  test("is short as JSON: only what differs from the default", () => {
    expect(schemaToJson(schema).user).toEqual({
      userId: { kind: "id" },
      history: { kind: "list", of: "item", max: 5 },
      city: { kind: "category", optional: true },
      age: { kind: "number", bins: 3 },
    });
  });

  test.each<[string, unknown, string]>([
    ["nothing", null, "model.json is null: expected an object"],
    ["a side of nothing", { user: [], item: {} }, "model.json: user is a list: expected an object"],
    [
      "no id",
      { user: {}, item: { i: { kind: "id" } } },
      "model.json: the user side has no id() feature; it needs exactly one: { userId: id(), … }",
    ],
    [
      "a kind that is none",
      { user: { u: { kind: "categry" } }, item: {} },
      'model.json: user.u.kind is "categry" (did you mean "category"?): expected "id", "category", "tags", "list", "number", "timestamp"',
    ],
    [
      "an option that is none",
      { user: { u: { kind: "id", dimensoin: 4 } }, item: {} },
      'model.json: user.u: id(): there is no option "dimensoin" (did you mean "dimension"?); the options are "column", "dimension", "minCount", "maxSize"',
    ],
    [
      "a list of nothing",
      { user: { u: { kind: "id" }, h: { kind: "list", of: "movie" } }, item: { i: { kind: "id" } } },
      'model.json: user.h.of is "movie": expected "user", "item"',
    ],
    [
      "a pattern that is none",
      {
        user: { u: { kind: "id" }, y: { kind: "number", pattern: { source: "(", flags: "" } } },
        item: { i: { kind: "id" } },
      },
      "model.json: user.y.pattern is not a regular expression: Invalid regular expression: /(/: Unterminated group",
    ],
    [
      "an inherited name",
      JSON.parse('{"user": {"u": {"kind": "id", "__proto__": {"dimension": 4}}}, "item": {"i": {"kind": "id"}}}'),
      'model.json: user.u: id(): there is no option "__proto__"; the options are "column", "dimension", "minCount", "maxSize"',
    ],
  ])("that is %s is refused", (_, value, message) => {
    expect(messageOf(() => parsed(value))).toBe(`CORRUPT ${message}`);
  });
});

describe("a fitted schema", () => {
  test("comes back from JSON and encodes the same bits", () => {
    fc.assert(
      fc.property(data, (rows) => {
        const fitted = fitSchema(schema, rows, 24);
        const back = fittedFromJson<typeof schema>(throughText(fittedToJson(fitted)));
        expect(back.encode(rows)).toEqual(fitted.encode(rows));
        expect([back.users.features, back.items.features]).toEqual([fitted.users.features, fitted.items.features]);
        expect(fittedToJson(back)).toEqual(fittedToJson(fitted));
      }),
    );
  });

  const good = JSON.stringify(
    fittedToJson(
      fitSchema(
        { user: { u: id(), age: number() }, item: { i: id(), size: number({ bins: [1, 2] }) } },
        { interactions: [{ u: 1, i: 2 }] },
      ),
    ),
  );

  test.each<[string, string, string, string]>([
    [
      "another version",
      '"version":1',
      '"version":2',
      "version is 2: expected 1; it was saved by another version of this library",
    ],
    ["a vocabulary with a value twice", '["1"]', '["1","1"]', "learnt.user.u has a value twice"],
    ["a vocabulary of numbers", '["1"]', "[1]", "learnt.user.u is a list: expected a list of texts"],
    ["a spread of zero", '"spread":1', '"spread":0', "learnt.user.age.spread is 0: expected a number above 0"],
    [
      "another scale than declared",
      '"scale":"standard"',
      '"scale":"log"',
      'learnt.user.age.scale is "log": expected "standard"',
    ],
    [
      "edges in disorder",
      '"edges":[1,2]',
      '"edges":[2,1]',
      "learnt.item.size.edges[1] is 1: expected more than the edge before",
    ],
    ["a feature less", '"age":{"scale"', '"aeg":{"scale"', 'learnt.user lacks the key "age"'],
    [
      "a dimension of a half",
      '"idDimension":64',
      '"idDimension":0.5',
      "idDimension is 0.5: expected a whole number of at least 1",
    ],
  ])("with %s is refused", (_, from, to, message) => {
    expect(good).toContain(from);
    expect(messageOf(() => fittedFromJson(JSON.parse(good.replace(from, to))))).toBe(
      `CORRUPT fitted schema: ${message}`,
    );
  });

  test("survives nothing that is not one", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(messageOf(() => fittedFromJson(value))).toMatch(/^CORRUPT fitted schema/);
      }),
    );
  });
});
