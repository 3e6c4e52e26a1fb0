import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalise } from "../../src/autograd/ops.ts";
import { backward, Var } from "../../src/autograd/var.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { referenceEngine } from "../../src/kernels/reference.ts";
import { listwise } from "../../src/losses/listwise.ts";
import { inBatch, mixed, uniform } from "../../src/sampling/negatives.ts";
import { Sampler } from "../../src/sampling/sampler.ts";
import { Random } from "../../src/tensor/random.ts";
import { tensorOf } from "../../src/tensor/tensor.ts";
import { SharedBatch } from "../../src/training/batch.ts";

const engine = referenceEngine(8);
const [USERS, ITEMS, D] = [5, 7, 3];

const datasets = fc
  .array(fc.tuple(fc.nat({ max: USERS - 1 }), fc.nat({ max: ITEMS - 1 })), { minLength: 2, maxLength: 30 })
  .map((pairs) => ({
    users: Int32Array.from(pairs, ([user]) => user),
    items: Int32Array.from(pairs, ([, item]) => item),
    weights: Float32Array.from(pairs, (_, p) => 1 + (p % 3)),
  }));

describe("a batch in which everybody and everything is encoded once", () => {
  test.each([
    ["log Q of all", listwise({ temperature: 0.5 })],
    ["log Q of negatives", listwise({ temperature: 0.5, logQ: "negatives" })],
    ["no log Q", listwise({ temperature: 0.5, logQ: false })],
    ["a learnt temperature", listwise({ temperature: 0.5, learnTemperature: true })],
  ])("has the loss and the gradients of the whole score matrix: %s", (_name, loss) => {
    const module = loss.build(engine);
    fc.assert(
      fc.property(datasets, fc.nat(), (interactions, seed) => {
        const pairs = Int32Array.from({ length: interactions.users.length }, (_, p) => p);
        const known = groupByUser(interactions, USERS);
        const counts = new Float64Array(ITEMS);
        for (const item of interactions.items) counts[item]++;
        const random = new Random(seed);
        const sampler = new Sampler(mixed(inBatch(), uniform(4)), { itemCount: ITEMS, counts, known });
        const candidates = sampler.candidates(interactions.users, interactions.items, random);
        const batch = new SharedBatch(USERS, ITEMS, known, interactions);
        batch.take({ pairs, users: interactions.users, candidates }, { users: true, items: true });
        const vectors = (rows: number): Float64Array =>
          Float64Array.from({ length: rows * D }, () => random.between(-1, 1));
        const [userVectors, itemVectors] = [vectors(batch.users.count), vectors(batch.items.count)];

        const outcome = (distinct: boolean): number[] => {
          const u = new Var(tensorOf(engine, [batch.users.count, D], userVectors), true);
          const v = new Var(tensorOf(engine, [batch.items.count, D], itemVectors), true);
          const judged = batch.judged({ pairs, users: interactions.users, candidates }, normalise(u), normalise(v));
          const { scores, masked, positive, correction, weights } = judged;
          const value = module.forward(distinct ? judged : { scores, masked, positive, correction, weights });
          backward(value, tensorOf(engine, [1], [1]));
          const all = [value.value.data[0], ...u.denseGrad()!.data, ...v.denseGrad()!.data];
          engine.endStep();
          return all;
        };
        const [actual, expected] = [outcome(true), outcome(false)];
        for (const [i, value] of actual.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-9);
      }),
      { numRuns: 40 },
    );
  });
});
