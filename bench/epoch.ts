import { groupByUser } from "../src/features/interactions.ts";
import { createThreadedEngine } from "../src/kernels/threads.ts";
import { listwise } from "../src/losses/listwise.ts";
import { Network } from "../src/model/network.ts";
import { adam } from "../src/optim/adam.ts";
import { smoothDecay } from "../src/optim/schedules.ts";
import { inBatch, mixed, uniform } from "../src/sampling/negatives.ts";
import { Random } from "../src/tensor/random.ts";
import { fit } from "../src/training/fit.ts";
import { type Figure, median, type Wanted } from "./figure.ts";
import { vectorLimit } from "./limit.ts";
import { flopsPerExample, shape, syntheticData, USERS } from "./model.ts";

const PAIRS = 100_000;
const BATCH = 1024;
const ROUNDS = 7;

/**
 * A whole epoch of `fit` as users run it: 1,024 uniform negatives besides those of the batch, log Q, known positives
 * masked, reports to a listener. One thread beside what the matrix products alone would allow at the limit of 128-bit
 * vectors (more than that is possible: rows that a batch has twice are computed once); two beside two times one, in turn.
 */
export async function epochBench(wanted: Wanted): Promise<Figure[]> {
  const [one, two] = [wanted("epoch/1"), wanted("epoch/2")];
  const speeds: [number[], number[]] = [[], []];
  const limits: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (one || two) {
      for (let i = 0; i < 9; i++) limits.push(vectorLimit());
      speeds[0].push(await epoch(1));
    }
    if (two) speeds[1].push(await epoch(2));
  }
  const figures: Figure[] = [];
  const alone = median(speeds[0]);
  if (one) {
    const limit = (median(limits) * 1e9) / flopsPerExample(1, 2, 2 * BATCH);
    figures.push({ name: "epoch/1", value: alone, unit: "examples/s", limit, ratio: alone / limit });
  }
  if (two) {
    const value = median(speeds[1]);
    figures.push({ name: "epoch/2", value, unit: "examples/s", limit: 2 * alone, ratio: value / (2 * alone) });
  }
  return figures;
}

async function epoch(threads: number): Promise<number> {
  const data = syntheticData(PAIRS);
  const pool = await createThreadedEngine(threads);
  const network = new Network(pool.engine, shape, new Random(1));
  try {
    const report = await fit(
      network,
      { ...data, known: groupByUser(data.interactions, USERS) },
      {
        loss: listwise(),
        negatives: mixed(inBatch(), uniform(BATCH)),
        optimiser: adam(),
        learningRate: 3e-3,
        schedule: smoothDecay(0.1),
        batchSize: BATCH,
        epochs: 1,
        dropout: 0,
        unknown: 0.05,
        seed: 1,
        patience: 1,
        onProgress: () => {},
      },
    );
    return report.examplesPerSecond;
  } finally {
    pool.stop();
  }
}
