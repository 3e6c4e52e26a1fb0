import { describe, expect, test } from "vitest";
import { checkSchema } from "../../src/features/check-schema.ts";
import { category, id, list, type Schema, tags } from "../../src/features/declare.ts";
import { number, timestamp } from "../../src/features/declare-number.ts";
import { messageOf } from "./messages.ts";

/** Options that do not compile, as a caller without types would pass them. */
const wrong = (options: unknown): never => options as never;

describe("a declaration refuses", () => {
  test.each([
    [() => id(wrong({ dimension: 0 })), "id(): dimension must be a whole number of at least 1, not 0"],
    [
      () => id(wrong({ dimnsion: 8 })),
      'id(): there is no option "dimnsion" (did you mean "dimension"?); the options are "column", "dimension", "minCount", "maxSize"',
    ],
    [() => category(wrong({ minCount: 1.5 })), "category(): minCount must be a whole number of at least 1, not 1.5"],
    [() => category(wrong({ column: "" })), 'category(): column must be text that is not empty, not ""'],
    [() => category(wrong({ optional: "yes" })), 'category(): optional must be true or false, not "yes"'],
    [() => category(wrong("gender")), 'category(): options must be an object, not "gender"'],
    [
      () => category({ pattern: "(" }),
      'category(): pattern "(" is not a regular expression: Invalid regular expression: /(/: Unterminated group',
    ],
    [
      () => category({ pattern: /\d+/ }),
      "category(): pattern /\\d+/ has no group; put round brackets around the value: /\\((\\d{4})\\)$/",
    ],
    [() => category({ pattern: /(\d)/g }), "category(): pattern /(\\d)/g must not have the flags g or y"],
    [() => tags(wrong({ separator: "" })), 'tags(): separator must be text that is not empty, not ""'],
    [
      () => number(wrong({ scale: "minmax" })),
      'number(): scale must be one of "standard", "min-max", "log", not "minmax"',
    ],
    [
      () => number(wrong({ scale: "log", bins: 4 })),
      "number(): give either scale or bins: bins are embedded, not scaled",
    ],
    [
      () => number(wrong({ dimension: 4 })),
      "number(): dimension is the width of the bins' embedding; give bins too, or leave it out",
    ],
    [() => number({ bins: 1 }), "number(): bins must be a whole number of at least 2, not 1"],
    [() => number({ bins: [] }), "number(): bins must be a whole number of at least 2 or a list of edges, not []"],
    [() => number({ bins: [18, 18] }), "number(): bins must be finite edges in ascending order, but edge 1 is 18"],
    [
      () => timestamp(wrong({ unit: "ms" })),
      'timestamp(): unit must be one of "auto", "seconds", "milliseconds", not "ms"',
    ],
    [() => list(wrong(category())), "list(): the first argument must be the id() of the items listed, not an object"],
    [() => list(id(), { max: 0 }), "list(): max must be a whole number of at least 1, not 0"],
  ])("%s", (declare, message) => {
    expect(messageOf(declare)).toBe(`BAD_SCHEMA ${message}`);
  });
});

test("a declaration is frozen: towers rely on it", () => {
  for (const declaration of [id(), category(), tags(), number(), timestamp(), list(id())])
    expect(Object.isFrozen(declaration)).toBe(true);
});

describe("a schema needs", () => {
  const movieId = id();
  test.each<[string, unknown, string]>([
    [
      "an id on each side",
      { user: { age: number() }, item: { movieId } },
      "the user side has no id() feature; it needs exactly one: { userId: id(), … }",
    ],
    [
      "no more than one",
      { user: { a: id(), b: id() }, item: { movieId } },
      "the user side has 2 id() features, a and b; keep one and make the others category()",
    ],
    [
      "two different id objects",
      { user: { userId: movieId }, item: { movieId } },
      "user.userId and item.movieId are the same id() object; declare each with an id() of its own",
    ],
    [
      "two different id columns",
      { user: { id: id() }, item: { id: id() } },
      'both sides keep their id in column "id", so interactions cannot tell them apart; rename one of them',
    ],
    [
      "lists of ids that are declared",
      { user: { userId: id(), history: list(id()) }, item: { movieId } },
      "user.history lists ids that no side declares; give list() the same id() object as the other side has",
    ],
    [
      "declarations",
      { user: { userId: id(), age: "number" }, item: { movieId } },
      'user.age is "number": expected a declaration such as category() or number()',
    ],
    ["both sides", { user: { userId: id() } }, "the schema's item is undefined: expected features by name"],
  ])("%s", (_, schema, message) => {
    expect(messageOf(() => checkSchema(schema as Schema))).toBe(`BAD_SCHEMA ${message}`);
  });
});
