import { describe, expect, test } from "vitest";
import { aliasTable } from "../../src/sampling/distribution.ts";
import { StreamingFrequency, streaming } from "../../src/sampling/frequency.ts";
import { Random } from "../../src/tensor/random.ts";

const ITEMS = 1000;
const BATCH = 128;

/** The simulation of Yi et al. 2019, section 6.1: item i is drawn with a probability in proportion to i², which then turns round. */
function simulate(
  estimate: StreamingFrequency,
  steps: number,
  turnAt: number,
  truth: "probability" | "count",
): number[] {
  const random = new Random(7);
  const squares = Float64Array.from({ length: ITEMS }, (_, i) => (i + 1) ** 2);
  const [before, after] = [aliasTable(squares), aliasTable(squares.slice().reverse())];
  const errors: number[] = [];
  for (let step = 0; step < steps; step++) {
    const from = step < turnAt ? before : after;
    const batch = Int32Array.from({ length: BATCH }, () => from.draw(random));
    estimate.observe(batch);
    if (step % 10 === 9) {
      let error = 0;
      for (const item of batch) {
        const q = from.probability(item);
        const p = truth === "count" ? BATCH * q : 1 - (1 - q) ** BATCH;
        error += Math.abs(estimate.expected(item) - p) / BATCH;
      }
      errors.push(error);
    }
  }
  return errors;
}

const last = (errors: number[]): number => errors.slice(-5).reduce((sum, error) => sum + error / 5, 0);

describe("frequencies estimated on a stream", () => {
  test.each(["gap", "count"] as const)("by %s find the truth, and find it again after it has turned round", (by) => {
    const errors = simulate(
      new StreamingFrequency(streaming({ by, hashes: 1, slots: 1 << 17, rate: 0.02 })),
      6000,
      3000,
      by === "gap" ? "probability" : "count",
    );
    const scale = by === "gap" ? 0.2 : 0.23; // what a batch's items have on average
    expect(last(errors.slice(0, 300))).toBeLessThan(0.25 * scale);
    expect(errors[300]).toBeGreaterThan(2 * last(errors.slice(0, 300)));
    expect(last(errors)).toBeLessThan(0.25 * scale);
  });

  test("by gap, several hashes beat one in the same memory, for collisions shorten gaps", () => {
    const error = (hashes: number): number =>
      last(
        simulate(
          new StreamingFrequency(streaming({ by: "gap", hashes, slots: 5000 / hashes, rate: 0.01 })),
          2000,
          2000,
          "probability",
        ),
      );
    expect(error(4)).toBeLessThan(error(1));
  });

  test("by count do not stop at one for an item that a batch holds several times", () => {
    const [count, gap] = (["count", "gap"] as const).map((by) => new StreamingFrequency(streaming({ by, rate: 0.05 })));
    for (let step = 0; step < 200; step++)
      for (const estimate of [count, gap]) estimate.observe(Int32Array.of(3, 3, 3, step % 50));
    expect(count.expected(3)).toBeGreaterThan(2.9);
    expect(gap.expected(3)).toBeCloseTo(1, 2);
  });

  test("options that make no sense are refused", () => {
    expect(() => streaming({ rate: 1 })).toThrow("streaming: rate is 1; expected a number between 0 and 1");
    expect(() => streaming({ hashes: 0 })).toThrow("streaming: hashes is 0; expected a whole number from 1 to 16");
  });
});
