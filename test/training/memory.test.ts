import { expect, test } from "vitest";
import { shape, syntheticData } from "../../bench/model.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { createEngine } from "../../src/kernels/wasm.ts";
import { listwise } from "../../src/losses/listwise.ts";
import { Network } from "../../src/model/network.ts";
import { adam } from "../../src/optim/adam.ts";
import { inBatch, mixed, uniform } from "../../src/sampling/negatives.ts";
import { Random } from "../../src/tensor/random.ts";
import { Trainer } from "../../src/training/trainer.ts";

test("linear memory does not grow by a byte after the first steps", () => {
  const engine = createEngine();
  const data = syntheticData(2000);
  const steps = new Trainer(
    new Network(engine, shape, new Random(1)),
    { ...data, known: groupByUser(data.interactions, data.users.count) },
    {
      loss: listwise(),
      negatives: mixed(inBatch(), uniform(16)),
      optimiser: adam(),
      learningRate: 1e-3,
      schedule: () => 1,
      batchSize: 16,
      epochs: 20,
      dropout: 0,
      unknown: 0.05,
      seed: 1,
    },
  ).steps();
  for (let step = 0; step < 50; step++) steps.next();
  const { used } = engine;
  const { byteLength } = engine.memory.buffer;
  let taken = 0;
  for (const _ of steps) taken++;
  expect(taken).toBeGreaterThan(2000);
  expect([engine.used, engine.memory.buffer.byteLength]).toEqual([used, byteLength]);
});
