import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binOf, quantileEdges } from "../../src/features/bins.ts";
import type { Column } from "../../src/features/columns.ts";
import type { Scale } from "../../src/features/declare-number.ts";
import { fitScaling, scaled } from "../../src/features/scaling.ts";
import { secondsOf } from "../../src/features/time.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 });
const maybeMissing = fc.array(fc.oneof({ weight: 4, arbitrary: finite }, fc.constant(NaN)), { maxLength: 40 });
const everyday = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 60 });

const valuesOf = (column: Column): number[] => (column.kind === "number" ? [...column.values] : []);

describe("quantile bins", () => {
  test("hold about equally many numbers each", () => {
    const numbers = Float64Array.from({ length: 1000 }, (_, i) => (i * 617) % 1000); // 0 … 999, shuffled
    const edges = quantileEdges(numbers, 8);
    expect(edges).toEqual([125, 250, 375, 500, 625, 750, 875]);
  });

  test("ascend, are never empty of the numbers they came from, and do not depend on their order", () => {
    fc.assert(
      fc.property(maybeMissing, fc.integer({ min: 2, max: 12 }), (numbers, count) => {
        const edges = quantileEdges(Float64Array.from(numbers), count);
        expect(edges.length).toBeLessThan(count);
        expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1])).toBe(true);
        const known = numbers.filter((number) => !Number.isNaN(number));
        if (known.length > 0) expect(new Set(known.map((x) => binOf(edges, x))).size).toBe(edges.length + 1);
        expect(quantileEdges(Float64Array.from(numbers.toReversed()), count)).toEqual(edges);
      }),
    );
  });

  test("of a number that is mostly one value keep that value to itself", () => {
    expect(quantileEdges(Float64Array.of(0, 0, 0, 0, 0, 0, 7, 9), 4)).toEqual([7]);
    expect(quantileEdges(Float64Array.of(5, 5, 5), 4)).toEqual([]);
  });

  test("an edge belongs to the bin above it", () => {
    expect([17, 18, 64, 65, 99].map((age) => binOf([18, 65], age))).toEqual([0, 1, 1, 2, 2]);
  });
});

describe("scaling", () => {
  test("standard: mean 0, deviation 1", () => {
    fc.assert(
      fc.property(
        everyday.filter((numbers) => new Set(numbers).size > 1),
        (integers) => {
          const numbers = Float64Array.from(integers);
          const z = valuesOf(scaled(fitScaling("standard", numbers), numbers));
          const mean = z.reduce((a, b) => a + b, 0) / z.length;
          const variance = z.reduce((sum, x) => sum + (x - mean) ** 2, 0) / z.length;
          expect(mean).toBeCloseTo(0, 5);
          expect(variance).toBeCloseTo(1, 4);
        },
      ),
    );
  });

  test("min-max: from 0 to 1, and no further for numbers outside the range", () => {
    const scaling = fitScaling("min-max", Float64Array.of(10, 20, 30));
    expect(valuesOf(scaled(scaling, Float64Array.of(10, 15, 30, -5, 99)))).toEqual([0, 0.25, 1, 0, 1]);
  });

  test("log: equal ratios become equal steps, and the sign stays", () => {
    const numbers = Float64Array.of(0, 9, 99, 999, -9);
    const z = valuesOf(scaled(fitScaling("log", numbers), numbers));
    expect(z[1] - z[0]).toBeCloseTo(z[2] - z[1], 5);
    expect(z[0] - z[4]).toBeCloseTo(z[1] - z[0], 5);
  });

  test.each<Scale>(["standard", "min-max", "log"])("%s makes finite numbers of any finite numbers", (scale) => {
    fc.assert(
      fc.property(maybeMissing, fc.array(finite), (numbers, later) => {
        const scaling = fitScaling(scale, Float64Array.from(numbers));
        const column = scaled(scaling, Float64Array.from([...numbers, ...later, NaN]));
        expect(valuesOf(column).every(Number.isFinite)).toBe(true);
        expect(column.kind === "number" && column.width).toBe(numbers.some(Number.isNaN) ? 2 : 1);
      }),
    );
  });

  test("a missing number counts as the mean, and is marked if fitting met one", () => {
    const scaling = fitScaling("min-max", Float64Array.of(0, NaN, 1, 2));
    expect(valuesOf(scaled(scaling, Float64Array.of(NaN, 2)))).toEqual([0.5, 1, 1, 0]);
  });

  test("numbers that are all equal become 0", () => {
    const numbers = new Float64Array(3).fill(0.1);
    expect(valuesOf(scaled(fitScaling("standard", numbers), numbers))).toEqual([0, 0, 0]);
  });
});

describe("a time", () => {
  test.each<[string, unknown, number | undefined]>([
    ["a Date", new Date("1997-12-04T15:55:49Z"), 881250949],
    ["seconds", 881250949, 881250949],
    ["milliseconds", 881250949000, 881250949],
    ["text with seconds", "881250949", 881250949],
    ["ISO text", "1997-12-04T15:55:49Z", 881250949],
    ["ISO text with a zone", "1997-12-04T16:55:49+01:00", 881250949],
    ["ISO text without a zone, as UTC wherever the machine stands", "1997-12-04T15:55:49", 881250949],
    ["what databases write", "1997-12-04 15:55:49", 881250949],
    ["a day", "1970-01-02", 86400],
    ["no day", "1997-13-04", undefined],
    ["a word", "yesterday", undefined],
    ["an invalid Date", new Date(NaN), undefined],
    ["an object", {}, undefined],
  ])("may be %s", (_, time, seconds) => {
    expect(secondsOf(time, "auto")).toBe(seconds);
  });

  test("is what its unit says, where that is given", () => {
    expect([secondsOf(5e11, "seconds"), secondsOf(5000, "milliseconds")]).toEqual([5e11, 5]);
  });
});
