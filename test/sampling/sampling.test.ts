import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupByUser } from "../../src/features/interactions.ts";
import { aliasTable, popularityDistribution, uniformDistribution } from "../../src/sampling/distribution.ts";
import { each } from "../../src/sampling/each.ts";
import { allItems, inBatch, mixed, popularity, type TrainingFacts, uniform } from "../../src/sampling/negatives.ts";
import { Sampler } from "../../src/sampling/sampler.ts";
import { Random } from "../../src/tensor/random.ts";

describe("a distribution draws as often as its probabilities say", () => {
  const counts = [5, 0, 1, 30, 4, 0, 60];
  test.each([
    ["uniform", uniformDistribution(7)],
    ["popularity", popularityDistribution(counts, 0.5)],
    ["any weights", aliasTable(Float64Array.from(counts))],
  ])("%s", (_name, distribution) => {
    const random = new Random(3);
    const n = 100_000;
    const drawn = new Float64Array(7);
    for (let i = 0; i < n; i++) drawn[distribution.draw(random)]++;
    const total = [...drawn.keys()].reduce((sum, item) => sum + distribution.probability(item), 0);
    expect(total).toBeCloseTo(1, 10);
    for (const [item, count] of drawn.entries()) {
      const p = distribution.probability(item);
      expect(Math.abs(count / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n) + 1e-12);
    }
  });
});

/** A small world: pairs, and everything a sampler must know of it. */
const worlds = fc.tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 3, max: 12 })).chain(([users, items]) =>
  fc
    .array(fc.tuple(fc.nat({ max: users - 1 }), fc.nat({ max: items - 1 })), { minLength: 1, maxLength: 40 })
    .map((pairs) => {
      const interactions = { users: Int32Array.from(pairs, ([u]) => u), items: Int32Array.from(pairs, ([, i]) => i) };
      const counts = new Float64Array(items);
      for (const item of interactions.items) counts[item]++;
      const facts: TrainingFacts = { itemCount: items, counts, known: groupByUser(interactions, users) };
      return { interactions, facts };
    }),
);

describe("candidates", () => {
  test.each([
    ["in-batch", inBatch(), 0],
    ["in-batch and uniform", mixed(inBatch(), uniform(5)), 5],
    ["in-batch and popularity", mixed(inBatch(), popularity(4)), 4],
  ])("%s: the positives come first, and exactly the known positives are masked", (_name, negatives, extra) => {
    fc.assert(
      fc.property(worlds, fc.nat(), ({ interactions: { users, items }, facts }, seed) => {
        const {
          positive,
          masked,
          items: columns,
        } = new Sampler(negatives, facts).candidates(users, items, new Random(seed));
        expect(columns.length).toBe(items.length + extra);
        for (const [i, user] of users.entries()) {
          expect(columns[positive[i]]).toBe(items[i]);
          const liked = new Set(facts.known.items.subarray(facts.known.offsets[user], facts.known.offsets[user + 1]));
          const expected = [...columns.keys()].filter((j) => j !== positive[i] && liked.has(columns[j]));
          const actual = [...masked.columns.subarray(masked.offsets[i], masked.offsets[i + 1])].sort((a, b) => a - b);
          expect(actual).toEqual(expected);
        }
      }),
    );
  });

  test("the correction is −log of how often the item is expected among the negatives of a row: one other of 9 pairs, and 8 draws", () => {
    const facts: TrainingFacts = {
      itemCount: 4,
      counts: Float64Array.of(6, 2, 0, 2),
      known: { offsets: Int32Array.of(0, 0), items: new Int32Array(0) },
    };
    const sampler = new Sampler(mixed(inBatch(), uniform(8)), facts);
    const { items, correction } = sampler.candidates(Int32Array.of(0, 0), Int32Array.of(0, 1), new Random(1));
    const share = [0.6, 0.2, 0, 0.2];
    for (const [j, item] of items.entries())
      expect(correction![j]).toBeCloseTo(-Math.log((1 * 10 * share[item]) / 9 + 8 / 3), 6);
    expect([...items]).not.toContain(2); // nobody chose it
  });

  test("each positive's own negatives are unknown to its user wherever the catalogue has such", () => {
    fc.assert(
      fc.property(worlds, fc.nat(), ({ interactions: { users, items }, facts }, seed) => {
        const sampler = new Sampler(each(uniform(3)), facts);
        const candidates = sampler.candidates(users, items, new Random(seed));
        expect(candidates.layout).toBe("own");
        expect(candidates.items.length).toBe(items.length * 4);
        for (const [i, item] of items.entries()) expect(candidates.items[i * 4 + candidates.positive[i]]).toBe(item);
      }),
    );
  });

  test("the whole catalogue needs no correction", () => {
    const known = { offsets: Int32Array.of(0, 2), items: Int32Array.of(0, 2) };
    const sampler = new Sampler(allItems(), { itemCount: 3, counts: Float64Array.of(1, 1, 1), known });
    const candidates = sampler.candidates(Int32Array.of(0), Int32Array.of(2), new Random(1));
    expect([...candidates.items]).toEqual([0, 1, 2]);
    expect([...candidates.positive]).toEqual([2]);
    expect(candidates.correction).toBeUndefined();
    expect([...candidates.masked.columns]).toEqual([0]);
  });

  test("items that nobody chose are no negatives of a full softmax: they are new, not bad", () => {
    const known = { offsets: Int32Array.of(0, 2), items: Int32Array.of(1, 3) };
    const sampler = new Sampler(allItems(), { itemCount: 5, counts: Float64Array.of(0, 1, 0, 1, 2), known });
    const candidates = sampler.candidates(Int32Array.of(0), Int32Array.of(3), new Random(1));
    expect([...candidates.items]).toEqual([1, 3, 4]);
    expect([...candidates.positive]).toEqual([1]);
    expect([...candidates.masked.columns]).toEqual([0]);
  });
});

test("numbers of negatives that make no sense are refused", () => {
  expect(() => uniform(0)).toThrow("uniform: count is 0; expected a whole number from 1");
  expect(() => mixed(allItems(), uniform(3))).toThrow("mixed: the first argument is an object; expected inBatch()");
});
