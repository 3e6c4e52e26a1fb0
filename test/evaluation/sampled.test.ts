import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateSampled } from "../../src/evaluation/sampled.ts";
import { scoreRanker } from "../../src/evaluation/score-ranker.ts";

/** Scores that are the same for every user. */
const scorer = (scores: readonly number[]) => scoreRanker("given", scores.length, (_user, out) => out.set(scores));
const one = (positive: number, negatives: readonly number[], ks: readonly number[]) => ({
  users: Int32Array.of(0),
  positives: Int32Array.of(positive),
  negatives: Int32Array.from(negatives),
  ks,
});

test("the rank is one more than the distinct negatives that score no lower", () => {
  const score = fc.constantFrom(0, 1, 2, Number.NaN);
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 5, maxLength: 5 }),
      fc.array(fc.nat(4), { maxLength: 12 }),
      (scores, negatives) => {
        const above = new Set(negatives.filter((item) => item !== 0 && !(scores[item] < scores[0])));
        const { mrr, metrics } = evaluateSampled(scorer(scores), one(0, negatives, [2]));
        expect(mrr).toBe(1 / (above.size + 1));
        expect(metrics[0].hit).toBe(above.size < 2 ? 1 : 0);
        expect(metrics[0].ndcg).toBeCloseTo(above.size < 2 ? 1 / Math.log2(above.size + 2) : 0, 12);
      },
    ),
  );
});

test("a model that gives every item the same score finds nothing", () => {
  expect(evaluateSampled(scorer([1, 1, 1, 1]), one(0, [1, 2, 3], [3])).metrics[0].hit).toBe(0);
});

test("duplicates count once, and the positive among its negatives not at all", () => {
  expect(evaluateSampled(scorer([2, 3, 1]), one(0, [1, 1, 1, 0, 2], [1])).mrr).toBe(1 / 2);
});

test("lists that do not fit are refused", () => {
  const users = Int32Array.of(0, 1);
  const task = { users, positives: users, negatives: Int32Array.of(1, 2, 3) };
  expect(() => evaluateSampled(scorer([1, 2, 3, 4]), task)).toThrow(/2 users, 2 positives and 3 negatives/);
});
