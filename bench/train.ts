import { createEngine } from "../src/kernels/wasm.ts";
import { listwise } from "../src/losses/listwise.ts";
import { Network } from "../src/model/network.ts";
import { adam } from "../src/optim/adam.ts";
import { constantRate } from "../src/optim/schedules.ts";
import { inBatch } from "../src/sampling/negatives.ts";
import { Random } from "../src/tensor/random.ts";
import { Trainer } from "../src/training/trainer.ts";
import type { Figure, Wanted } from "./figure.ts";
import { measure } from "./measure.ts";
import { flopsPerExample, shape, syntheticData, USERS } from "./model.ts";

/** A whole training step: batch, forward, backward, Adam. Returns what runs the next one. */
export function trainingStep(batchSize: number): () => void {
  const known = { offsets: new Int32Array(USERS + 1), items: new Int32Array(0) }; // peers mask nothing
  const network = new Network(createEngine(), shape, new Random(1));
  const steps = new Trainer(
    network,
    { ...syntheticData(400_000), known },
    {
      loss: listwise({ temperature: 0.1, logQ: false }),
      negatives: inBatch(),
      optimiser: adam(),
      learningRate: 1e-3,
      schedule: constantRate,
      batchSize,
      epochs: 1_000_000,
      dropout: 0,
      unknown: 0,
      seed: 1,
    },
  ).steps();
  return () => void steps.next();
}

/**
 * Examples a second of the training step, beside what its matrix products alone would allow at the limit of 128-bit
 * vectors. More than all of it is possible: rows that a batch has twice are computed once.
 */
export async function stepBench(wanted: Wanted): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const batch of [256, 1024, 4096]) {
    const name = `step/${batch}`;
    if (!wanted(name)) continue;
    const { seconds, limit: gflops } = await measure(trainingStep(batch), { time: 3000, warmup: 1500 });
    const value = batch / seconds;
    const limit = (gflops * 1e9) / flopsPerExample(1, 1, batch);
    figures.push({ name, value, unit: "examples/s", limit, ratio: value / limit });
  }
  return figures;
}
