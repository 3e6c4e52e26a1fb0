import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIRST_KNOWN, UNKNOWN } from "../../src/features/columns.ts";
import { defaultDimension, ValueCounts, Vocabulary } from "../../src/features/vocabulary.ts";

function fitted(values: Iterable<string | number>, limits: { minCount?: number; maxSize?: number } = {}): Vocabulary {
  const counts = new ValueCounts();
  for (const value of values) counts.add(value);
  return counts.vocabulary(limits);
}

const words = fc.array(fc.constantFrom("a", "b", "c", "__proto__", "", "ä", "🎬", 1, 10, 2));

describe("a vocabulary", () => {
  test("gives the most frequent values the first rows, ties in the order of their text", () => {
    expect(fitted(["b", "c", "a", "c", "b", "d"]).toJSON()).toEqual(["b", "c", "a", "d"]);
  });

  test("does not depend on the order of the rows", () => {
    fc.assert(
      fc.property(
        words.chain((values) =>
          fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length })),
        ),
        ([values, shuffled]) => {
          expect(fitted(shuffled).toJSON()).toEqual(fitted(values).toJSON());
        },
      ),
    );
  });

  test("has a row for each value, from the first that is not reserved", () => {
    fc.assert(
      fc.property(words, (values) => {
        const vocabulary = fitted(values);
        const distinct = new Set(values.map(String));
        expect(vocabulary.size).toBe(FIRST_KNOWN + distinct.size);
        for (const value of distinct) expect(vocabulary.valueOf(vocabulary.rowOf(value))).toBe(value);
        expect(vocabulary.rowOf("never seen")).toBe(UNKNOWN);
        expect([vocabulary.valueOf(0), vocabulary.valueOf(1), vocabulary.valueOf(vocabulary.size)]).toEqual([
          undefined,
          undefined,
          undefined,
        ]);
      }),
    );
  });

  test("leaves rare values to the row of the unknown, and keeps to its size", () => {
    const values = ["a", "a", "a", "b", "b", "c"];
    expect(fitted(values, { minCount: 2 }).toJSON()).toEqual(["a", "b"]);
    expect(fitted(values, { maxSize: 1 }).toJSON()).toEqual(["a"]);
    expect(fitted(values, { minCount: 2 }).rowOf("c")).toBe(UNKNOWN);
  });

  test("comes back from JSON", () => {
    fc.assert(
      fc.property(words, (values) => {
        const vocabulary = fitted(values);
        const back = new Vocabulary(JSON.parse(JSON.stringify(vocabulary)) as string[]);
        for (const value of values) expect(back.rowOf(value)).toBe(vocabulary.rowOf(value));
      }),
    );
  });
});

test("an embedding nobody chose a width for grows with the fourth root of its values", () => {
  expect([1, 2, 20, 1000, 65_536, 1e9].map(defaultDimension)).toEqual([4, 8, 12, 24, 64, 64]);
});
