import fc from "fast-check";
import { expect, test } from "vitest";
import { solveInPlace } from "../../src/evaluation/baselines/cholesky.ts";
import { ials, leastSquares } from "../../src/evaluation/baselines/ials.ts";
import { Random } from "../../src/tensor/random.ts";
import { task, toLists } from "./arbitraries.ts";

const times = (a: readonly number[][], x: readonly number[]): number[] =>
  a.map((row) => row.reduce((sum, value, j) => sum + value * x[j], 0));

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  Array.from(x, (value, i) => value * y[i]).reduce((a, b) => a + b, 0);

test("a positive definite system is solved", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 13 }), fc.integer(), (d, seed) => {
      const random = new Random(seed);
      const root = Array.from({ length: d }, () => Array.from({ length: d }, () => random.between(-1, 1)));
      const matrix = root.map((a, i) => root.map((b, j) => dot(a, b) + (i === j ? 0.5 : 0)));
      const expected = Array.from({ length: d }, () => random.between(-1, 1));
      const solution = Float64Array.from(times(matrix, expected));
      solveInPlace(Float64Array.from(matrix.flat()), solution, d);
      for (let i = 0; i < d; i++) expect(solution[i]).toBeCloseTo(expected[i], 8);
    }),
  );
});

const shape = { dimension: 3, unobserved: 0.2, regularisation: 0.05 };

/** The objective's part that a user's vector has a say in, over every item, from the formula. */
function objective(vector: ArrayLike<number>, chosen: readonly number[], items: Float32Array): number {
  const { dimension: d, unobserved, regularisation } = shape;
  const itemCount = items.length / d;
  let sum = regularisation * (chosen.length + unobserved * itemCount) * dot(vector, vector);
  for (let item = 0; item < itemCount; item++) {
    const score = dot(vector, items.subarray(item * d, (item + 1) * d));
    sum += unobserved * score ** 2 + (chosen.includes(item) ? (score - 1) ** 2 : 0);
  }
  return sum;
}

test("each half-epoch finds the minimum of the objective: no gradient is left, by the dense formula", () => {
  fc.assert(
    fc.property(task, ({ train, userCount, itemCount, seed }) => {
      const d = shape.dimension;
      const random = new Random(seed);
      const items = Float32Array.from({ length: itemCount * d }, () => random.between(-1, 1));
      const users = new Float32Array(userCount * d);
      leastSquares(users, train, items, shape);
      toLists(train).forEach((chosen, user) => {
        const vector = Array.from(users.subarray(user * d, (user + 1) * d));
        for (let e = 0; e < d; e++) {
          const moved = (by: number) => vector.map((value, at) => (at === e ? value + by : value));
          const slope = objective(moved(1e-3), chosen, items) - objective(moved(-1e-3), chosen, items);
          expect(Math.abs(slope / 2e-3)).toBeLessThan(1e-4); // exact for a quadratic but for float32
        }
      });
    }),
    { numRuns: 30 },
  );
});

test("with as many dimensions as items and almost no regularisation the training pairs come first", () => {
  fc.assert(
    fc.property(task, ({ train, userCount, itemCount }) => {
      const options = { dimension: itemCount, unobserved: 0.01, regularisation: 1e-3, epochs: 20 };
      const ranker = ials(train, itemCount, options);
      const everyItem = Int32Array.from({ length: itemCount }, (_, item) => item);
      const lists = toLists(train);
      for (let user = 0; user < userCount; user++) {
        const scores = ranker.scores(Int32Array.of(user), everyItem);
        const of = (chosen: boolean) => [...everyItem].filter((i) => lists[user].includes(i) === chosen);
        const lowest = Math.min(...of(true).map((item) => scores[item]));
        const highest = Math.max(...of(false).map((item) => scores[item]));
        if (of(true).length > 0 && of(false).length > 0) expect(lowest).toBeGreaterThan(highest);
      }
    }),
    { numRuns: 15 },
  );
});
