import fc from "fast-check";
import { expect, test } from "vitest";
import { random } from "../../src/evaluation/baselines/random.ts";
import { scoreRanker } from "../../src/evaluation/score-ranker.ts";
import { vectorRanker } from "../../src/evaluation/vector-ranker.ts";
import { task, toLists, userItems } from "./arbitraries.ts";

const DIMENSION = 6;

/** Small whole numbers: dot products are exact, and ties abound. */
function vectors(rows: number, seed: number): Float32Array {
  return Float32Array.from({ length: rows * DIMENSION }, (_, i) => Math.round(3 * Math.sin(seed + 7 * i * i)));
}

function dot(a: Float32Array, row: number, b: Float32Array, other: number): number {
  let sum = 0;
  for (let d = 0; d < DIMENSION; d++) sum += a[row * DIMENSION + d] * b[other * DIMENSION + d];
  return sum;
}

test("vectors are ranked by dot product, of equals the smaller row, without the excluded", () => {
  fc.assert(
    fc.property(task, fc.integer({ min: 1, max: 40 }), (given, k) => {
      const users = vectors(given.userCount, given.seed);
      const items = vectors(given.itemCount, given.seed + 1);
      const rows = Int32Array.from({ length: given.userCount }, (_, u) => given.userCount - 1 - u);
      const lists = vectorRanker(users, items, DIMENSION).rank(rows, k, given.train);
      rows.forEach((user, row) => {
        const hidden = toLists(given.train)[user];
        const expected = Array.from({ length: given.itemCount }, (_, item) => item)
          .filter((item) => !hidden.includes(item))
          .sort((a, b) => dot(users, user, items, b) - dot(users, user, items, a) || a - b);
        const padded = Array.from({ length: k }, (_, r) => expected[r] ?? -1);
        expect([...lists.subarray(row * k, (row + 1) * k)]).toEqual(padded);
      });
    }),
  );
});

test("scores of candidates are the dot products, across blocks", () => {
  const users = vectors(400, 1);
  const items = vectors(50, 2);
  const rows = Int32Array.from({ length: 400 }, (_, u) => u);
  const candidates = Int32Array.from({ length: 400 * 100 }, (_, i) => (i * 13) % 50);
  const scores = vectorRanker(users, items, DIMENSION).scores(rows, candidates);
  expect([...scores]).toEqual(Array.from(candidates, (item, i) => dot(users, Math.floor(i / 100), items, item)));
});

test("lists are the same however users are grouped into calls", () => {
  fc.assert(
    fc.property(task, (given) => {
      const rankers = [
        random(given.itemCount, { seed: given.seed }),
        vectorRanker(vectors(given.userCount, 1), vectors(given.itemCount, 2), DIMENSION),
        scoreRanker("scores", given.itemCount, (user, out) => out.set(out.map((_, i) => (user * i) % 5))),
      ];
      const rows = Int32Array.from({ length: given.userCount }, (_, u) => u);
      for (const ranker of rankers) {
        const together = ranker.rank(rows, 5, given.train);
        const apart = Array.from(rows, (user) => [...ranker.rank(Int32Array.of(user), 5, given.train)]);
        expect([...together]).toEqual(apart.flat());
      }
    }),
  );
});

test("random lists hold each allowed item equally often", () => {
  const users = Int32Array.from({ length: 4000 }, (_, u) => u);
  const excluded = userItems(Array.from(users, () => [3]));
  const times = new Array(8).fill(0);
  for (const item of random(8, { seed: 5 }).rank(users, 2, excluded)) times[item]++;
  expect(times[3]).toBe(0);
  for (const item of [0, 1, 2, 4, 5, 6, 7]) expect(times[item] / 8000).toBeCloseTo(1 / 7, 1.5);
});

test.each([
  [
    "a user row beyond the vectors",
    () => vectorRanker(vectors(2, 1), vectors(3, 1), DIMENSION).rank(Int32Array.of(2), 1, undefined),
    /user row 2/,
  ],
  [
    "a candidate beyond the vectors",
    () => vectorRanker(vectors(2, 1), vectors(3, 1), DIMENSION).scores(Int32Array.of(1), Int32Array.of(3)),
    /item row 3/,
  ],
  ["vectors that are no rows", () => vectorRanker(vectors(2, 1), new Float32Array(7), DIMENSION), /7 floats/],
])("%s is refused", (_what, act, message) => {
  expect(act).toThrow(message);
});
