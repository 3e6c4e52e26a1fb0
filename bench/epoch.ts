import { groupByUser } from "../src/features/interactions.ts";
import { createEngine } from "../src/kernels/wasm.ts";
import { listwise } from "../src/losses/listwise.ts";
import { Network } from "../src/model/network.ts";
import { adam } from "../src/optim/adam.ts";
import { smoothDecay } from "../src/optim/schedules.ts";
import { inBatch, mixed, uniform } from "../src/sampling/negatives.ts";
import { Random } from "../src/tensor/random.ts";
import { fit } from "../src/training/fit.ts";
import { type Figure, median, type Wanted } from "./figure.ts";
import { shape, syntheticData, USERS } from "./model.ts";

const PAIRS = 400_000;
const ROUNDS = 5;

/**
 * A whole epoch of `fit` as users run it: 1,024 uniform negatives besides those of the batch, log Q, known positives
 * masked, reports to a listener.
 */
export async function epochBench(wanted: Wanted): Promise<Figure[]> {
  if (!wanted("epoch")) return [];
  const speeds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) speeds.push(await epoch());
  return [{ name: "epoch", value: median(speeds), unit: "examples/s" }];
}

async function epoch(): Promise<number> {
  const data = syntheticData(PAIRS);
  const network = new Network(createEngine(), shape, new Random(1));
  const report = await fit(
    network,
    { ...data, known: groupByUser(data.interactions, USERS) },
    {
      loss: listwise(),
      negatives: mixed(inBatch(), uniform(1024)),
      optimiser: adam(),
      learningRate: 3e-3,
      schedule: smoothDecay(0.1),
      batchSize: 1024,
      epochs: 1,
      dropout: 0,
      unknown: 0.05,
      seed: 1,
      patience: 1,
      onProgress: () => {},
    },
  );
  return report.examplesPerSecond;
}
