import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { shape, syntheticData, USERS } from "../../bench/model.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { createThreadedEngine } from "../../src/kernels/threads.ts";
import { listwise } from "../../src/losses/listwise.ts";
import { Network } from "../../src/model/network.ts";
import { adam } from "../../src/optim/adam.ts";
import { crossBatch } from "../../src/sampling/cross-batch.ts";
import { inBatch, mixed, uniform } from "../../src/sampling/negatives.ts";
import { Random } from "../../src/tensor/random.ts";
import { fit } from "../../src/training/fit.ts";
import type { TrainerOptions } from "../../src/training/trainer.ts";

/** Trains for an epoch; returns how many threads did it and all weights. */
async function train(
  threads: number,
  options: Partial<TrainerOptions> = {},
): Promise<{ threads: number; weights: Map<string, Float32Array> }> {
  const pool = await createThreadedEngine(threads);
  const network = new Network(pool.engine, shape, new Random(1));
  const data = syntheticData(1500);
  await fit(
    network,
    { ...data, known: groupByUser(data.interactions, USERS) },
    {
      loss: listwise(),
      negatives: mixed(inBatch(), uniform(100)),
      optimiser: adam(),
      learningRate: 3e-3,
      schedule: () => 1,
      batchSize: 700, // two full ones and a short one
      epochs: 1,
      dropout: 0,
      unknown: 0.05,
      seed: 1,
      patience: 1,
      ...options,
    },
  );
  pool.stop();
  return { threads: pool.threads, weights: new Map(network.weights()) };
}

/** As one text: half a million numbers are compared in no time. */
const bytesOf = (weights: Float32Array | undefined): string =>
  weights ? Buffer.from(weights.buffer).toString("base64") : "";

describe("threads", () => {
  test("two and three train the same weights as one, to the last bit", async () => {
    const [one, two, three] = [await train(1), await train(2), await train(3)];
    expect([one.threads, two.threads, three.threads]).toEqual([1, 2, 3]);
    for (const [name, weights] of one.weights) {
      expect(bytesOf(two.weights.get(name)), name).toEqual(bytesOf(weights));
      expect(bytesOf(three.weights.get(name)), name).toEqual(bytesOf(weights));
    }
  });

  test("so do they where results are looked at in the middle of a step", async () => {
    const options = {
      loss: listwise({ learnTemperature: true }),
      negatives: mixed(inBatch(), crossBatch(300)),
      dropout: 0.1,
    };
    const [one, two] = [await train(1, options), await train(2, options)];
    for (const [name, weights] of one.weights) expect(bytesOf(two.weights.get(name)), name).toEqual(bytesOf(weights));
  });

  test("more calls may wait than the queue has room for, in pieces too", async () => {
    const { engine, stop } = await createThreadedEngine(2);
    const [x, ...sums] = Array.from({ length: 4 }, () => engine.lasting(64));
    engine.floats(x, 16).fill(1);
    const add = (sum: number) => () => {
      for (let i = 0; i < 5000; i++) engine.kernels.add(x, sum, sum, 16);
    };
    engine.together(sums.map(add));
    engine.together(sums.map(add));
    for (const sum of sums) expect([...engine.floats(sum, 16)]).toEqual(Array(16).fill(10_000));
    stop();
  });

  test("a kernel that fails is reported when its result is looked at, and the engine works on", async () => {
    const { engine, stop } = await createThreadedEngine(2);
    const x = engine.passing(64);
    for (let i = 0; i < 10; i++) engine.kernels.fill(2 ** 31, 1, 16); // beyond the memory
    expect(() => engine.floats(x, 16)).toThrow("a kernel failed");
    engine.kernels.fill(x, 2, 16);
    expect([...engine.floats(x, 16)]).toEqual(Array(16).fill(2));
    stop();
  });

  test("without SharedArrayBuffer there is one, and no error", async () => {
    const { SharedArrayBuffer: shared } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
      expect((await createThreadedEngine(2)).threads).toBe(1);
    } finally {
      globalThis.SharedArrayBuffer = shared;
    }
  });

  test("an engine works on once its threads are gone", async () => {
    const pool = await createThreadedEngine(2);
    const { engine } = pool;
    const product = (): number[] => {
      const [a, b, c] = [0, 1, 2].map(() => engine.passing(128 * 128 * 4));
      engine.floats(a, 128 * 128).fill(0.5);
      engine.floats(b, 128 * 128).fill(0.25);
      engine.kernels.matmulNN(a, b, c, 128, 128, 128, false);
      const result = [...engine.floats(c, 128 * 128)];
      engine.endStep();
      return result;
    };
    const together = product();
    expect(together).toEqual(Array(128 * 128).fill(16));
    pool.stop();
    expect(product()).toEqual(together);
  });

  test("do not keep the process alive", () => {
    const dist = new URL("../../dist/kernels/threads.js", import.meta.url).href;
    const program = `import { createThreadedEngine } from ${JSON.stringify(dist)}; console.log((await createThreadedEngine(2)).threads)`;
    const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });
    expect([String(stdout).trim(), status]).toEqual(["2", 0]);
  });
});
