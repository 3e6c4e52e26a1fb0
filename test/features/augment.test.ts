import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { correlatedMasks, randomMasks, viewOf } from "../../src/features/augment.ts";
import { MISSING, type Table, UNKNOWN } from "../../src/features/columns.ts";
import { mutualInformation } from "../../src/features/mutual-information.ts";
import { Random } from "../../src/tensor/random.ts";

const sizes = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 9 }), fc.nat());

describe("masks", () => {
  test("hide each feature in exactly one of the two views, random ones half of them in the first", () =>
    fc.assert(
      fc.property(sizes, ([rows, k, seed]) => {
        const [first, second] = randomMasks(rows, k, new Random(seed));
        for (const [e, hidden] of first.entries()) expect(hidden + second[e]).toBe(1);
        for (let i = 0; i < rows; i++)
          expect(first.subarray(i * k, (i + 1) * k).reduce((a, b) => a + b)).toBe(Math.floor(k / 2));
      }),
    ));

  test("that are correlated hide the seed and the ⌊k/2⌋ features that tell most about it, in all rows alike", () =>
    fc.assert(
      fc.property(sizes, ([rows, k, seed]) => {
        const random = new Random(seed);
        const information = Float64Array.from({ length: k * k }, () => random.next());
        for (let a = 0; a < k; a++) for (let b = 0; b < a; b++) information[a * k + b] = information[b * k + a];
        const expectedSeed = Random.fromState(random.state).below(k);
        const [first, second] = correlatedMasks(rows, k, information, random);
        const hidden = [...first.subarray(0, k).keys()].filter((f) => first[f] === 1);
        expect(hidden).toContain(expectedSeed); // which a known implementation leaves visible
        expect(hidden.length).toBe(k === 2 ? 1 : Math.min(1 + Math.floor(k / 2), k - 1));
        const told = (f: number): number => information[expectedSeed * k + f];
        const left = [...first.subarray(0, k).keys()].filter((f) => first[f] === 0);
        for (const f of hidden)
          if (f !== expectedSeed) for (const g of left) expect(told(f)).toBeGreaterThanOrEqual(told(g));
        for (const [e, mask] of first.entries()) {
          expect(mask).toBe(first[e % k]);
          expect(mask + second[e]).toBe(1);
        }
      }),
    ));

  test("draw the seed anew each time", () => {
    const random = new Random(3);
    const seen = new Set(
      Array.from({ length: 50 }, () => correlatedMasks(1, 5, new Float64Array(25), random)[0].join("")),
    );
    expect(seen.size).toBe(3); // {0,1,2}, {3,0,1}, {4,0,1}: equals in the order of the schema
  });
});

const table: Table = {
  count: 4,
  columns: {
    itemId: { kind: "index", rows: Int32Array.of(2, 3, 4, 5) },
    colour: { kind: "index", rows: Int32Array.of(2, 2, 3, 3) },
    shade: { kind: "index", rows: Int32Array.of(7, 7, 8, 8) }, // tells the colour
    coin: { kind: "index", rows: Int32Array.of(2, 3, 2, 3) }, // tells nothing of it
    tags: { kind: "bag", offsets: Int32Array.of(0, 2, 3, 3, 5), rows: Int32Array.of(2, 3, 2, 4, 5) },
    price: { kind: "number", width: 2, values: Float32Array.of(1, 0, -1, 0, 0, 1, 3, 0) },
  },
};

describe("mutual information over a catalogue", () => {
  test("is the entropy for features that tell each other, and 0 for independent ones", () => {
    const information = mutualInformation(table, ["colour", "shade", "coin"]);
    expect(information[1]).toBeCloseTo(Math.log(2), 12);
    expect(information[2]).toBeCloseTo(0, 12);
    expect(information[0]).toBeCloseTo(Math.log(2), 12);
  });

  test("of several values counts one drawn from each row", () => {
    const information = mutualInformation(table, ["tags", "itemId"]);
    const h = (p: number[]): number => p.reduce((sum, x) => sum - x * Math.log(x), 0);
    // tags: 2 with ⅛ + ¼, 3 with ⅛, none with ¼, 4 and 5 with ⅛; given the item, two of four rows have log 2 left.
    expect(information[1]).toBeCloseTo(h([3 / 8, 1 / 8, 1 / 4, 1 / 8, 1 / 8]) - Math.log(2) / 2, 12);
  });
});

describe("a view", () => {
  const features = Object.keys(table.columns);
  const rows = Int32Array.of(3, 0);

  test("shows the rows as they are where nothing is hidden or dropped", () => {
    const view = viewOf(table, rows, features, "itemId", new Uint8Array(12), 0, new Random(1));
    expect(view.itemId).toEqual({ kind: "index", rows: Int32Array.of(5, 2) });
    expect(view.tags).toEqual({ kind: "bag", offsets: Int32Array.of(0, 2, 4), rows: Int32Array.of(4, 5, 2, 3) });
    expect(view.price).toEqual({ kind: "number", width: 2, values: Float32Array.of(3, 0, 1, 0) });
  });

  test("shows defaults where all is hidden", () => {
    const view = viewOf(table, rows, features, "itemId", new Uint8Array(12).fill(1), 0, new Random(1));
    expect(view.itemId).toEqual({ kind: "index", rows: Int32Array.of(UNKNOWN, UNKNOWN) });
    expect(view.coin).toEqual({ kind: "index", rows: Int32Array.of(MISSING, MISSING) });
    expect(view.tags).toEqual({ kind: "bag", offsets: Int32Array.of(0, 1, 2), rows: Int32Array.of(MISSING, MISSING) });
    expect(view.price).toEqual({ kind: "number", width: 2, values: Float32Array.of(0, 1, 0, 1) });
  });

  test("drops values at the rate asked for", () => {
    const many = Int32Array.from({ length: 4000 }, () => 3);
    const view = viewOf(table, many, ["tags"], "itemId", new Uint8Array(4000), 0.3, new Random(1)).tags;
    const kept = view.kind === "bag" ? view.rows.filter((row) => row !== MISSING).length : 0;
    expect(Math.abs(kept / 8000 - 0.7)).toBeLessThan(0.03);
  });
});
