import { describe, expect, test } from "vitest";
import { category, id, list, tags } from "../../src/features/declare.ts";
import { number, timestamp } from "../../src/features/declare-number.ts";
import { type DataSchema, parseDataSchema } from "../../src/io/data-schema.ts";
import { printDataSchema } from "../../src/io/print-schema.ts";
import { messageOf } from "../features/messages.ts";

const movieId = id({ minCount: 2 });
const dataSchema: DataSchema = {
  interactions: { user: "userId", item: "movieId", timestamp: "timestamp", rating: "rating", minRating: 4 },
  user: { columns: ["userId", "sex"], id: "userId" },
  item: { id: "movie", name: "title" },
  schema: {
    user: {
      userId: id(),
      gender: category({ column: "sex" }),
      history: list(movieId, { max: 20 }),
      joined: timestamp({ bins: 4 }),
    },
    item: { movieId, genres: tags(), year: number({ column: "title", pattern: /\((\d{4})\)$/ }) },
  },
};

const printed = `{
  "version": 1,
  "interactions": {
    "user": "userId",
    "item": "movieId",
    "timestamp": "timestamp",
    "rating": "rating",
    "minRating": 4
  },
  "users": {
    "columns": [ "userId", "sex" ],
    "id": "userId",
    "features": {
      "gender": { "kind": "category", "column": "sex" },
      "history": { "kind": "list", "of": "item", "max": 20 },
      "joined": { "kind": "timestamp", "scale": null, "bins": 4 }
    }
  },
  "items": {
    "id": "movie",
    "name": "title",
    "embedding": { "minCount": 2 },
    "features": {
      "genres": { "kind": "tags" },
      "year": { "kind": "number", "column": "title", "pattern": "\\\\((\\\\d{4})\\\\)$" }
    }
  }
}
`.replace('"scale": null, ', "");

describe("a schema of files", () => {
  test("prints a line for each feature", () => {
    expect(printDataSchema(dataSchema)).toBe(printed);
  });

  test("comes back from what it prints", () => {
    expect(parseDataSchema(printed, "schema.json")).toEqual(dataSchema);
  });

  test("needs no more than the columns of the interactions", () => {
    const least = parseDataSchema(
      '{"version": 1, "interactions": {"user": "u", "item": "i", "rating": null}}',
      "schema.json",
    );
    expect(least.schema).toEqual({ user: { u: id() }, item: { i: id() } });
    expect(parseDataSchema(printDataSchema(least), "schema.json")).toEqual(least);
  });
});

describe("what is wrong with it is named", () => {
  test("no JSON", () => {
    expect(messageOf(() => parseDataSchema("{", "s.json"))).toMatch(/^BAD_SCHEMA s\.json is not JSON: /);
  });

  const pairs = '"interactions": {"user": "u", "item": "i"}';
  test.each<[string, string, string]>([
    ["no version", `{${pairs}}`, 's.json lacks the key "version"'],
    ["another version", `{"version": 2, ${pairs}}`, "s.json: version is 2: expected 1"],
    [
      "a misspelt section",
      `{"version": 1, ${pairs}, "user": {}}`,
      's.json has no key "user" (did you mean "users"?); the keys are "version", "interactions", "users", "items"',
    ],
    [
      "a misspelt key",
      '{"version": 1, "interactions": {"user": "u", "item": "i", "timestmp": "t"}}',
      's.json: interactions has no key "timestmp" (did you mean "timestamp"?); the keys are "columns", "user", "item", "timestamp", "rating", "minRating", "weight"',
    ],
    [
      "a column of a number",
      '{"version": 1, "interactions": {"user": 1, "item": "i"}}',
      "s.json: interactions.user is 1: expected text",
    ],
    [
      "one column for both",
      '{"version": 1, "interactions": {"user": "u", "item": "u"}}',
      's.json: interactions has the same column "u" for user and item',
    ],
    [
      "a limit to no rating",
      '{"version": 1, "interactions": {"user": "u", "item": "i", "minRating": 4}}',
      's.json: interactions.minRating needs a column "rating" to compare with',
    ],
    [
      "a misspelt kind",
      `{"version": 1, ${pairs}, "users": {"features": {"age": {"kind": "nubmer"}}}}`,
      's.json: users.features.age.kind is "nubmer" (did you mean "number"?): expected "id", "category", "tags", "list", "number", "timestamp", "example-age"',
    ],
    [
      "a misspelt option",
      `{"version": 1, ${pairs}, "users": {"features": {"age": {"kind": "number", "bin": 4}}}}`,
      's.json: users.features.age: number(): there is no option "bin" (did you mean "bins"?); the options are "column", "optional", "pattern", "scale", "powers", "bins", "dimension"',
    ],
    [
      "bins of text",
      `{"version": 1, ${pairs}, "users": {"features": {"age": {"kind": "number", "bins": "8"}}}}`,
      's.json: users.features.age: number(): bins must be a whole number of at least 2, not "8"',
    ],
    [
      "a second id",
      `{"version": 1, ${pairs}, "users": {"features": {"age": {"kind": "id"}}}}`,
      's.json: users.features.age is an id; each side has one already: its column stands under "id", its options under "embedding"',
    ],
    [
      "a feature called like the id",
      `{"version": 1, ${pairs}, "users": {"features": {"u": {"kind": "category"}}}}`,
      "s.json: users.features.u is called like the id column; give it another name",
    ],
    [
      "a bad embedding",
      `{"version": 1, ${pairs}, "items": {"embedding": {"minCount": 0}}}`,
      "s.json: items.embedding: id(): minCount must be a whole number of at least 1, not 0",
    ],
    [
      "an inherited key",
      `{"version": 1, ${pairs}, "__proto__": {"users": {}}}`,
      's.json has no key "__proto__"; the keys are "version", "interactions", "users", "items"',
    ],
  ])("%s", (_, text, message) => {
    expect(messageOf(() => parseDataSchema(text, "s.json"))).toBe(`BAD_SCHEMA ${message}`);
  });
});
