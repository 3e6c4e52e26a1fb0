import { describe, expect, test } from "vitest";
import { backward, Var } from "../../src/autograd/var.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { referenceEngine } from "../../src/kernels/reference.ts";
import { listwise } from "../../src/losses/listwise.ts";
import { HardItems, mined } from "../../src/recall/mined.ts";
import { crossBatch } from "../../src/sampling/cross-batch.ts";
import { each } from "../../src/sampling/each.ts";
import { impressed } from "../../src/sampling/impressed.ts";
import {
  allItems,
  inBatch,
  mixed,
  type Negatives,
  popularity,
  sampled,
  type TrainingFacts,
  uniform,
} from "../../src/sampling/negatives.ts";
import { type Candidates, Sampler } from "../../src/sampling/sampler.ts";
import { Random } from "../../src/tensor/random.ts";
import { intsOf, tensorOf } from "../../src/tensor/tensor.ts";
import { Cycling, choices, everyOutcome } from "./every-outcome.ts";

// Four items chosen 4, 2, 1 and 1 times by four users: all probabilities are multiples of 1/8, all thresholds of the
// alias table of 1/2, so that a grid of 4 numbers a draw meets every outcome as often as it should.
const GRID = 4;
const pairs = [
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 3],
] as const;
const interactions = { users: Int32Array.from(pairs, ([u]) => u), items: Int32Array.from(pairs, ([, i]) => i) };
const ITEMS = 4;
const USERS = 4;
const known = groupByUser(interactions, USERS);
const knows = (user: number, item: number): boolean => pairs.some(([u, i]) => u === user && i === item);
const facts: TrainingFacts = {
  itemCount: ITEMS,
  counts: Float64Array.of(4, 2, 1, 1),
  known,
  impressions: groupByUser({ users: Int32Array.of(0, 2, 2), items: Int32Array.of(3, 1, 2) }, USERS), // (2, 2) was chosen after all
};

/** `mined` of a model that ranks 3, 2, 1, 0 for everybody: an index for each of all outcomes would take minutes. */
const minedHere = (count: number, to: number): ReturnType<typeof mined> => {
  const source = mined(count, { from: 0, to });
  const rankings = (users: Int32Array, k: number) => Array.from(users, () => Int32Array.of(3, 2, 1, 0).slice(0, k));
  return { ...source, build: ({ known }) => new HardItems(count, source, () => rankings, known) };
};

/** How much each item counts among the negatives of row 0: Σ e^−log Q over its columns that are not masked. */
function countedIn(
  { items, own, remembered, correction, masked, positive }: Candidates,
  earlier: readonly number[],
): number[] {
  const perRow = positive.length; // of `own`
  const shared = [...items, ...(remembered ? earlier : [])];
  const columns = [...shared, ...(own?.subarray(0, own.length / perRow) ?? [])];
  const excluded = new Set([positive[0], ...masked.columns.subarray(0, masked.offsets[1])]);
  const counted = new Array<number>(ITEMS).fill(0);
  columns.forEach((item, j) => {
    if (!excluded.has(j)) counted[item] += Math.exp(correction?.[j] ?? 0);
  });
  return counted;
}

const samplers: [name: string, negatives: Negatives, batchSize: number, remembered?: number][] = [
  ["in-batch", inBatch(), 3],
  ["uniform", mixed(inBatch(), uniform(2)), 1],
  ["popularity", mixed(inBatch(), popularity(2, { alpha: 1 })), 1],
  ["sampled uniform", sampled(uniform(2)), 2],
  ["sampled uniform + popularity + mined", sampled(uniform(1), popularity(1, { alpha: 1 }), minedHere(1, 2)), 1],
  ["in-batch + uniform", mixed(inBatch(), uniform(2)), 2],
  ["in-batch + popularity", mixed(inBatch(), popularity(1, { alpha: 1 })), 3],
  ["in-batch + uniform + popularity", mixed(inBatch(), uniform(1), popularity(1, { alpha: 1 })), 2],
  ["in-batch + cross-batch", mixed(inBatch(), crossBatch(2, { after: 0 })), 2, 2],
  ["in-batch + uniform + mined", mixed(inBatch(), uniform(1), minedHere(1, 3)), 2],
  ["in-batch + uniform + impressed", mixed(inBatch(), uniform(1), impressed(1)), 2],
  ["uniform + mined + impressed", mixed(inBatch(), uniform(2), minedHere(2, 2), impressed(2)), 1],
];

describe("every negative counts once in expectation, over all outcomes of a small catalogue", () => {
  test.each(samplers)("%s", (_name, negatives, batchSize, remembered = 0) => {
    for (const [p, [user, item]] of pairs.entries()) {
      const expected = new Array<number>(ITEMS).fill(0);
      const others = pairs.map((_, q) => q).filter((q) => q !== p);
      const batches = [...choices(others, batchSize - 1 + remembered)];
      for (const choice of batches) {
        const batch = [p, ...choice.slice(0, batchSize - 1)];
        const earlier = choice.slice(batchSize - 1).map((q) => pairs[q][1]);
        for (const { value, probability } of everyOutcome(GRID, (random) => {
          const sampler = new Sampler(negatives, facts);
          sampler.memory?.add(Int32Array.from(earlier), new Float32Array(earlier.length));
          return sampler.candidates(
            Int32Array.from(batch, (q) => pairs[q][0]),
            Int32Array.from(batch, (q) => pairs[q][1]),
            random,
          );
        }))
          countedIn(value, earlier).forEach((count, j) => {
            expected[j] += (probability * count) / batches.length;
          });
      }
      // In-batch alone never offers an item that nobody but the row's own pair holds; all others count once.
      const offered = (j: number): boolean => negatives.layout !== "shared" || j !== item;
      for (const [j, count] of expected.entries())
        expect(count, `user ${user} with item ${item}: item ${j}`).toBeCloseTo(
          knows(user, j) || !offered(j) ? 0 : 1,
          5,
        );
    }
  });

  test.each([
    ["uniform", each(uniform(2))],
    ["popularity", each(popularity(2, { alpha: 1 }))],
  ])(
    "each positive's own, %s: within five standard errors, for drawing again has too many outcomes",
    (_name, negatives) => {
      const random = new Random(9);
      const sampler = new Sampler(negatives, facts);
      const n = 20_000;
      for (const [user, item] of pairs) {
        const [sum, squares] = [new Float64Array(ITEMS), new Float64Array(ITEMS)];
        for (let i = 0; i < n; i++)
          countedIn(sampler.candidates(Int32Array.of(user), Int32Array.of(item), random), []).forEach((count, j) => {
            sum[j] += count;
            squares[j] += count * count;
          });
        for (let j = 0; j < ITEMS; j++) {
          const mean = sum[j] / n;
          const error = Math.sqrt((squares[j] / n - mean * mean) / n);
          expect(Math.abs(mean - (knows(user, j) ? 0 : 1))).toBeLessThanOrEqual(5 * error);
        }
      }
    },
  );
});

describe("when every item comes as often as expected, the gradient is the full softmax's", () => {
  const random = new Random(11);
  const logits = Float64Array.from({ length: USERS * ITEMS }, () => random.between(-1, 1));
  const users = interactions.users;
  const items = interactions.items;

  /** ∂L/∂(score of each user and item), [users, items], of the whole epoch as one batch. */
  function gradient(candidates: Candidates, logQ: boolean | "negatives"): Float64Array {
    const engine = referenceEngine(8);
    const b = users.length;
    const k = (candidates.own?.length ?? 0) / b;
    const c = candidates.items.length + k;
    const itemAt = (i: number, j: number): number =>
      j < candidates.items.length ? candidates.items[j] : candidates.own![i * k + j - candidates.items.length];
    const at = (i: number, j: number): number => users[i] * ITEMS + itemAt(i, j);
    const scores = new Var(
      tensorOf(
        engine,
        [b, c],
        Float64Array.from({ length: b * c }, (_, e) => logits[at(Math.floor(e / c), e % c)]),
      ),
      true,
    );
    const { correction, masked, positive } = candidates;
    const loss = listwise({ temperature: 0.5, logQ })
      .build(engine)
      .forward({
        scores,
        positive: intsOf(engine, positive),
        correction: correction && tensorOf(engine, [c], correction),
        masked: { offsets: intsOf(engine, masked.offsets), columns: intsOf(engine, masked.columns) },
        weights: tensorOf(engine, [b], new Float64Array(b).fill(1 / b)),
      });
    backward(loss, tensorOf(engine, [1], [1]));
    const total = new Float64Array(USERS * ITEMS);
    scores.grad!.data.forEach((g, e) => {
      total[at(Math.floor(e / c), e % c)] += g;
    });
    return total;
  }

  const full = gradient(new Sampler(allItems(), facts).candidates(users, items, random), true);
  const batches: [name: string, negatives: Negatives, cycle: number][] = [
    ["in-batch", inBatch(), 1],
    ["in-batch + uniform", mixed(inBatch(), uniform(4)), 1],
    ["in-batch + popularity", mixed(inBatch(), popularity(16, { alpha: 1 })), 2],
    ["in-batch + uniform + mined + impressed", mixed(inBatch(), uniform(4), minedHere(1, 1), impressed(1)), 1],
  ];
  test.each(batches)("%s", (_name, negatives, cycle) => {
    const candidates = new Sampler(negatives, facts).candidates(users, items, new Cycling(GRID, cycle));
    for (const [e, g] of gradient(candidates, "negatives").entries()) expect(g).toBeCloseTo(full[e], 6);
  });

  test("which it is not if the positive is corrected as if it had been drawn, nor without any correction", () => {
    const candidates = new Sampler(mixed(inBatch(), uniform(4)), facts).candidates(users, items, new Cycling(GRID, 1));
    for (const logQ of [true, false] as const) {
      const far = gradient(candidates, logQ).reduce((most, g, e) => Math.max(most, Math.abs(g - full[e])), 0);
      expect(far).toBeGreaterThan(0.01);
    }
  });
});
