import type { Table } from "../src/features/columns.ts";
import { createEngine } from "../src/kernels/wasm.ts";
import { listwise } from "../src/losses/listwise.ts";
import { Network } from "../src/model/network.ts";
import { adagrad } from "../src/optim/adagrad.ts";
import { adam } from "../src/optim/adam.ts";
import { constantRate } from "../src/optim/schedules.ts";
import { inBatch } from "../src/sampling/negatives.ts";
import { Random } from "../src/tensor/random.ts";
import { Trainer } from "../src/training/trainer.ts";
import { type Figure, median, type Wanted } from "./figure.ts";

const BATCH = 1024;
const STEPS = 40; // of each vocabulary in turn, so that a machine that slows down slows down all
const ROUNDS = 9;
const KNOWN = 100_000; // ids that interactions mention: what a vocabulary costs beyond them is what is asked

/** Rows of embedding, both sides together; 64 numbers each. Adam keeps two more beside each, row-wise Adagrad one a row. */
const sizes = [
  { rows: 10_000, optimiser: adam(), name: "vocabulary/10k" },
  { rows: 1_000_000, optimiser: adam(), name: "vocabulary/1M" },
  { rows: 5_000_000, optimiser: adagrad({ rowWise: true }), name: "vocabulary/5M" },
] as const;

/**
 * Milliseconds of a step whatever the number of ids: towers as in the other steps' but for the ids, `limit` that of the
 * smallest vocabulary. Reading and writing rows that are not in a cache is what is left to pay.
 */
export async function vocabularyBench(wanted: Wanted): Promise<Figure[]> {
  if (!sizes.some(({ name }) => wanted(name))) return [];
  const steps = sizes.map(({ rows, optimiser }) => stepsOver(rows, optimiser));
  const times = steps.map((): number[] => []);
  for (const run of steps) for (let n = 0; n < STEPS; n++) run.next();
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, run] of steps.entries()) {
      const start = performance.now();
      for (let n = 0; n < STEPS; n++) run.next();
      times[i].push((performance.now() - start) / STEPS);
    }
  const least = median(times[0]);
  return sizes.map(({ name }, i) => {
    const value = median(times[i]);
    return { name, value, unit: "ms/step", limit: least, ratio: value / least };
  });
}

function stepsOver(rows: number, optimiser: ReturnType<typeof adam>): Iterator<unknown> {
  const [users, items] = [Math.round(0.6 * rows), Math.round(0.4 * rows)];
  const random = new Random(1);
  const draw = (below: number): Int32Array => Int32Array.from({ length: KNOWN }, () => random.below(below));
  const table = (count: number): Table => ({
    count,
    columns: { id: { kind: "index", rows: Int32Array.from({ length: count }, (_, i) => i) } },
  });
  const input = (table: string) => [{ feature: "id", reads: "index", table, isKey: true }] as const;
  const network = new Network(
    createEngine(),
    {
      tables: [
        { name: "user", rows: users, dimension: 64 },
        { name: "item", rows: items, dimension: 64 },
      ],
      user: input("user"),
      item: input("item"),
      options: { dimension: 64, hidden: [128], identity: "concat" },
    },
    random,
  );
  const data = { users: table(users), items: table(items), interactions: { users: draw(users), items: draw(items) } };
  return new Trainer(
    network,
    { ...data, known: { offsets: new Int32Array(users + 1), items: new Int32Array(0) } },
    {
      loss: listwise({ temperature: 0.1, logQ: false }),
      negatives: inBatch(),
      optimiser,
      learningRate: 1e-3,
      schedule: constantRate,
      batchSize: BATCH,
      epochs: 1_000_000,
      dropout: 0,
      unknown: 0,
      seed: 1,
    },
  ).steps();
}
