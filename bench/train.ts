import { Bench } from "tinybench";
import type { Column, Table } from "../src/features/columns.ts";
import type { UserItems } from "../src/features/interactions.ts";
import { createEngine } from "../src/kernels/wasm.ts";
import { listwise } from "../src/losses/listwise.ts";
import { Network, type NetworkShape } from "../src/model/network.ts";
import { adam } from "../src/optim/adam.ts";
import { constantRate } from "../src/optim/schedules.ts";
import { inBatch } from "../src/sampling/negatives.ts";
import { Random } from "../src/tensor/random.ts";
import { type StepReport, Trainer } from "../src/training/trainer.ts";
import type { Figure } from "./figure.ts";

const USERS = 6040;
const ITEMS = 3706;
const PAIRS = 400_000;

/** The towers every peer is measured on: ids and categories → 112 (80) → 128 → 64, as large as ML-1M. */
const shape: NetworkShape = {
  tables: [
    { name: "userId", rows: USERS, dimension: 64 },
    { name: "gender", rows: 3, dimension: 16 },
    { name: "age", rows: 8, dimension: 16 },
    { name: "occupation", rows: 22, dimension: 16 },
    { name: "itemId", rows: ITEMS, dimension: 64 },
    { name: "genres", rows: 19, dimension: 16 },
  ],
  user: [
    { feature: "userId", reads: "index", table: "userId", isKey: true },
    { feature: "gender", reads: "index", table: "gender", isKey: false },
    { feature: "age", reads: "index", table: "age", isKey: false },
    { feature: "occupation", reads: "index", table: "occupation", isKey: false },
  ],
  item: [
    { feature: "itemId", reads: "index", table: "itemId", isKey: true },
    { feature: "genres", reads: "bag", table: "genres", isKey: false },
  ],
  options: { dimension: 64, hidden: [128], identity: "concat" },
};

/** Flops of the matrix products of one example: towers and scores, forward and (twice that) backward. */
export const flopsPerExample = (batch: number): number =>
  3 * 2 * (112 * 128 + 128 * 64 + 80 * 128 + 128 * 64 + batch * 64);

function syntheticData(random: Random): {
  users: Table;
  items: Table;
  pairs: { users: Int32Array; items: Int32Array };
} {
  const draw = (count: number, below: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.below(below));
  const index = (count: number, below: number): Column => ({ kind: "index", rows: draw(count, below) });
  const own = (count: number): Column => ({ kind: "index", rows: Int32Array.from({ length: count }, (_, i) => i) });
  const twoEach = Int32Array.from({ length: ITEMS + 1 }, (_, i) => 2 * i);
  return {
    users: {
      count: USERS,
      columns: { userId: own(USERS), gender: index(USERS, 3), age: index(USERS, 8), occupation: index(USERS, 22) },
    },
    items: {
      count: ITEMS,
      columns: { itemId: own(ITEMS), genres: { kind: "bag", offsets: twoEach, rows: draw(2 * ITEMS, 19) } },
    },
    pairs: { users: draw(PAIRS, USERS), items: draw(PAIRS, ITEMS) },
  };
}

/** A whole training step (batch, forward, backward, Adam), with the share of the time its matrix products need at `gflops`. */
export async function trainBench(gflops: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const batchSize of [256, 1024, 4096]) {
    const data = syntheticData(new Random(1));
    const known: UserItems = { offsets: new Int32Array(USERS + 1), items: new Int32Array(0) }; // peers mask nothing
    const network = new Network(createEngine(), shape, new Random(1));
    const steps = new Trainer(
      network,
      { users: data.users, items: data.items, interactions: data.pairs, known },
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
    let report: StepReport | undefined;
    const bench = new Bench({ time: 4000, warmupTime: 1500, iterations: 5 });
    bench.add("step", () => {
      report = steps.next().value as StepReport;
    });
    await bench.run();
    const { result } = bench.tasks[0];
    if (!report || result.state !== "completed") throw new Error("the step did not run");
    const value = batchSize / (result.latency.p50 / 1000);
    const limit = (gflops * 1e9) / flopsPerExample(batchSize);
    figures.push({ name: `step/${batchSize}`, value, unit: "examples/s", limit, ratio: value / limit });
  }
  return figures;
}
