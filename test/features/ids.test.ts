import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Ids } from "../../src/features/ids.ts";
import { messageOf } from "./messages.ts";

/** Any string at all: astral characters, lone surrogates, names that objects inherit. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "__proto__", "constructor", "toString", "\ud800", "é", "e\u0301", "0", "00", " "),
);

describe("ids", () => {
  test("keep every text, in the order of adding, as a map beside a list would", () => {
    fc.assert(
      fc.property(fc.array(anyText), fc.array(anyText), (added, others) => {
        const ids = new Ids();
        const distinct = [...new Set(added)];
        for (const text of added) expect(ids.add(text)).toBe(distinct.indexOf(text));
        expect([...ids]).toEqual(distinct);
        for (const text of [...added, ...others]) {
          const row = distinct.indexOf(text);
          expect(ids.rowOf(text)).toBe(row < 0 ? undefined : row);
        }
      }),
    );
  });

  test("come back from JSON", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyText), (texts) => {
        const back = new Ids(JSON.parse(JSON.stringify(new Ids(texts))) as string[]);
        expect([...back]).toEqual(texts);
      }),
    );
  });

  test("are the same as numbers and as text", () => {
    const ids = new Ids([1, "2", 3n, 1.5]);
    expect(["1", 2, "3", "1.5"].map((id) => ids.rowOf(id))).toEqual([0, 1, 2, 3]);
    expect(ids.add("1")).toBe(0);
  });

  test("stay apart in great number, and long ones come back whole", () => {
    const ids = new Ids(Array.from({ length: 20_000 }, (_, i) => i * 7919));
    expect(ids.size).toBe(20_000);
    expect(Array.from({ length: 20_000 }, (_, i) => ids.rowOf(i * 7919))).toEqual(
      Array.from({ length: 20_000 }, (_, i) => i),
    );
    const long = "ab".repeat(50_000);
    expect(ids.idOf(ids.add(long))).toBe(long);
  });

  test("know their rows", () => {
    expect(messageOf(() => new Ids(["a"]).idOf(1))).toBe("BAD_ARGUMENT there is no row 1: the 1 ids have rows from 0");
  });
});
