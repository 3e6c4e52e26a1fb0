import { describe, expect, test } from "vitest";
import { generateCatalogue } from "../../../src/cli/demo/catalogue.ts";
import { itemKnn } from "../../../src/evaluation/baselines/item-knn.ts";
import { popularity } from "../../../src/evaluation/baselines/popularity.ts";
import { random } from "../../../src/evaluation/baselines/random.ts";
import { rp3beta } from "../../../src/evaluation/baselines/rp3beta.ts";
import { evaluate, metricAt } from "../../../src/evaluation/evaluate.ts";
import { scoreRanker } from "../../../src/evaluation/score-ranker.ts";
import { take, temporalSplit } from "../../../src/evaluation/split.ts";
import { groupByUser } from "../../../src/features/interactions.ts";

const catalogue = generateCatalogue({ seed: 1 });
const { users, items, interactions } = catalogue;

test("the same seed gives the same rows, another seed others", () => {
  const small = { users: 50, items: 100 };
  const one = generateCatalogue({ ...small, seed: 7 });
  const again = generateCatalogue({ ...small, seed: 7 });
  expect(again.interactions).toEqual(one.interactions);
  expect(again.items).toEqual(one.items);
  expect(again.users).toEqual(one.users);
  expect(generateCatalogue({ ...small, seed: 8 }).interactions).not.toEqual(one.interactions);
});

test("rows are well formed: unique ids and titles, known ids, in order of time, no pair twice", () => {
  expect(new Set(users.map((user) => user.userId)).size).toBe(3000);
  expect(new Set(items.map((item) => item.itemId)).size).toBe(2000);
  expect(new Set(items.map((item) => item.title)).size).toBe(2000);
  const known = new Set([...users.map((user) => user.userId), ...items.map((item) => item.itemId)]);
  expect(interactions.every((row) => known.has(row.userId) && known.has(row.itemId))).toBe(true);
  expect(interactions.every((row, r) => r === 0 || interactions[r - 1].timestamp <= row.timestamp)).toBe(true);
  expect(new Set(interactions.map((row) => `${row.userId} ${row.itemId}`)).size).toBe(interactions.length);
  expect(interactions.length).toBeGreaterThan(150_000);
  expect(interactions.length).toBeLessThan(200_000);
});

describe("cut at lateFrom", () => {
  const userRows = new Map(users.map((user, row) => [user.userId, row]));
  const itemRows = new Map(items.map((item, row) => [item.itemId, row]));
  const pairs = {
    users: Int32Array.from(interactions, (row) => userRows.get(row.userId)!),
    items: Int32Array.from(interactions, (row) => itemRows.get(row.itemId)!),
    timestamps: Float64Array.from(interactions, (row) => row.timestamp),
  };
  const split = temporalSplit(pairs, { testFrom: catalogue.lateFrom });
  const train = groupByUser(take(pairs, split.train), users.length);
  const held = groupByUser(take(pairs, split.test), users.length);
  const measure = (ranker: Parameters<typeof evaluate>[0]) => evaluate(ranker, { train, test: held, ks: [10, 100] });
  const oracle = measure(scoreRanker("oracle", items.length, catalogue.trueScores));

  test("the oracle beats every baseline, by far, and kNN beats popularity beats chance", () => {
    const baselines = [
      random(items.length, { seed: 1 }),
      popularity(train, items.length),
      itemKnn(train, items.length),
      rp3beta(train, items.length),
    ].map(measure);
    const recalls = baselines.map((evaluation) => metricAt(evaluation, "recall", 10));
    expect(recalls).toEqual(recalls.toSorted((a, b) => a - b));
    for (const k of [10, 100])
      for (const evaluation of baselines)
        expect(metricAt(oracle, "recall", k)).toBeGreaterThan(1.5 * metricAt(evaluation, "recall", k));
  });

  test("some films and some users are new, and nobody has seen such a film before", () => {
    const pairsIn = (name: string) => oracle.slices.find((slice) => slice.name === name)!.pairs;
    expect(pairsIn("coldItems")).toBeGreaterThan(1000);
    expect(pairsIn("coldUsers")).toBeGreaterThan(1000);
    expect(oracle.maskedPairs).toBe(0);
  });

  test("any distortion of the truth finds less", () => {
    const distorted = scoreRanker("truth with a prejudice", items.length, (user, out) => {
      catalogue.trueScores(user, out);
      out.forEach((score, item) => {
        out[item] = score + Math.sin(item);
      });
    });
    expect(metricAt(measure(distorted), "recall", 10)).toBeLessThan(metricAt(oracle, "recall", 10));
  });
});
