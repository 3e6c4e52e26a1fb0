import fc from "fast-check";
import { expect, test } from "vitest";
import { itemKnn } from "../../src/evaluation/baselines/item-knn.ts";
import { popularity } from "../../src/evaluation/baselines/popularity.ts";
import { rp3beta } from "../../src/evaluation/baselines/rp3beta.ts";
import { type Task, task, toLists } from "./arbitraries.ts";

/** Scores of every item for every user, from dense matrices. */
function dense(given: Task, similarity: (shared: readonly number[], i: number, j: number) => number): number[][] {
  const lists = toLists(given.train);
  const items = Array.from({ length: given.itemCount }, (_, item) => item);
  const users = (i: number, j: number) => [...lists.keys()].filter((u) => lists[u].includes(i) && lists[u].includes(j));
  const weights = items.map((i) => items.map((j) => (i === j ? 0 : similarity(users(i, j), i, j))));
  return lists.map((list) => items.map((i) => list.reduce((sum, j) => sum + weights[j][i], 0)));
}

function everyScore(
  given: Task,
  scorer: { scores(users: Int32Array, candidates: Int32Array): Float32Array },
): number[][] {
  return Array.from({ length: given.userCount }, (_, user) => [
    ...scorer.scores(
      Int32Array.of(user),
      Int32Array.from({ length: given.itemCount }, (_, item) => item),
    ),
  ]);
}

function expectClose(actual: number[][], expected: number[][]): void {
  for (let u = 0; u < expected.length; u++)
    for (let i = 0; i < expected[u].length; i++) expect(actual[u][i]).toBeCloseTo(expected[u][i], 4);
}

test("item-kNN is the cosine formula where no neighbour is cut", () => {
  fc.assert(
    fc.property(task, (given) => {
      const count = (i: number) => toLists(given.train).filter((list) => list.includes(i)).length;
      const expected = dense(given, (shared, i, j) => shared.length && shared.length / Math.sqrt(count(i) * count(j)));
      expectClose(everyScore(given, itemKnn(given.train, given.itemCount)), expected);
    }),
    { numRuns: 30 },
  );
});

test("RP3beta is the random walk's formula where no neighbour is cut", () => {
  fc.assert(
    fc.property(task, (given) => {
      const lists = toLists(given.train);
      const count = (i: number) => lists.filter((list) => list.includes(i)).length;
      const walk = (shared: readonly number[], i: number, j: number) =>
        shared.reduce((sum, u) => sum + (1 / count(i)) ** 0.6 * (1 / lists[u].length) ** 0.6 * count(j) ** -0.4, 0);
      const users = (i: number, j: number) =>
        [...lists.keys()].filter((u) => lists[u].includes(i) && lists[u].includes(j));
      const total = (i: number) =>
        Array.from({ length: given.itemCount }, (_, j) => (i === j ? 0 : walk(users(i, j), i, j))).reduce(
          (a, b) => a + b,
          0,
        );
      const expected = dense(given, (shared, i, j) => shared.length && walk(shared, i, j) / total(i));
      expectClose(everyScore(given, rp3beta(given.train, given.itemCount, { beta: 0.4 })), expected);
    }),
    { numRuns: 30 },
  );
});

test("with one neighbour an item votes for its most similar only", () => {
  fc.assert(
    fc.property(task, (given) => {
      const scorer = itemKnn(given.train, given.itemCount, { neighbours: 1 });
      toLists(given.train).forEach((list, user) => {
        const voted = everyScore(given, scorer)[user].filter((score) => score > 0).length;
        expect(voted).toBeLessThanOrEqual(list.length);
      });
    }),
    { numRuns: 20 },
  );
});

test("popularity gives everyone the same scores: how many users have the item", () => {
  fc.assert(
    fc.property(task, (given) => {
      const counts = Array.from(
        { length: given.itemCount },
        (_, i) => toLists(given.train).filter((l) => l.includes(i)).length,
      );
      for (const scores of everyScore(given, popularity(given.train, given.itemCount))) expect(scores).toEqual(counts);
    }),
  );
});
