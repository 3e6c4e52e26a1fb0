import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { category, id, list, type Schema, tags } from "../../src/features/declare.ts";
import { number, timestamp } from "../../src/features/declare-number.ts";
import { encodeDataset } from "../../src/features/encode-dataset.ts";
import { fitSchema } from "../../src/features/fit-schema.ts";
import { fittedFromJson, fittedToJson } from "../../src/features/fitted-json.ts";
import type { Dataset } from "../../src/features/rows.ts";
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
const plain = {
  interactions: [{ userId: 1, itemId: "a" }],
  users: [{ userId: 1, age: 3 }],
  items: [{ itemId: "a", labels: "x", price: 1, added: 1 }],
};

describe("a fitted schema", () => {
  test("comes back from JSON and encodes the same bits", () => {
    fc.assert(
      fc.property(data, (rows) => {
        const fitted = fitSchema(schema, rows, 24);
        const back = fittedFromJson<typeof schema>(throughText(fittedToJson(fitted)));
        expect(encodeDataset(back, rows)).toEqual(encodeDataset(fitted, rows));
        expect([back.users.features, back.items.features]).toEqual([fitted.users.features, fitted.items.features]);
        expect(JSON.stringify(fittedToJson(back))).toBe(JSON.stringify(fittedToJson(fitted)));
      }),
    );
  });

  test("keeps which ids a list lists", () => {
    const { history, userId } = fittedFromJson(throughText(fittedToJson(fitSchema(schema, plain)))).schema.user;
    expect(history).toEqual(schema.user.history);
    expect(userId).toEqual(schema.user.userId);
    expect(fittedFromJson(throughText(fittedToJson(fitSchema(schema, plain)))).schema.item).toEqual(schema.item);
  });

  test("survives nothing that is not one", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(messageOf(() => fittedFromJson(value))).toMatch(/^CORRUPT the fitted schema is not as it was saved/);
      }),
    );
  });
});
