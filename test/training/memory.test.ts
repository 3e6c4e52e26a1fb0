import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
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

/** Bytes of JavaScript objects that somebody still holds. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect(); // what the first one freed may have held others
  return process.memoryUsage().heapUsed;
}

test("in 10,000 steps linear memory does not grow by a byte, nor JavaScript's heap by more than noise", () => {
  const engine = createEngine();
  const data = syntheticData(2000);
  const steps = new Trainer(
    new Network(engine, shape, new Random(1)),
    { ...data, known: groupByUser(data.interactions, data.users.count) },
    {
      loss: listwise(),
      negatives: mixed(inBatch(), uniform(4)),
      optimiser: adam(),
      learningRate: 1e-3,
      schedule: () => 1,
      batchSize: 4,
      epochs: 22,
      dropout: 0,
      unknown: 0.05,
      seed: 1,
    },
  ).steps();
  for (let step = 0; step < 1000; step++) steps.next();
  const { used } = engine;
  const { byteLength } = engine.memory.buffer;
  const held = heldBytes();
  let taken = 0;
  for (const _ of steps) taken++;
  expect(taken).toBeGreaterThanOrEqual(10_000);
  expect([engine.used, engine.memory.buffer.byteLength]).toEqual([used, byteLength]);
  expect(heldBytes() - held).toBeLessThan(300_000); // 30 bytes a step
});
