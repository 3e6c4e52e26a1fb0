// ml-1m, leave one out in time: each user's last film among all films, the rest known. As in SASRec, gSASRec.
//   node dist-bench/bench/quality/ml-1m-loo.js [--seed 1] [--epochs 30] …    figures of the options given, JSON with --json
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { evaluate, metricAt } from "../../src/evaluation/evaluate.ts";
import { vectorRanker } from "../../src/evaluation/vector-ranker.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import {
  adam,
  allItems,
  id,
  list,
  listwise,
  sampled,
  smoothDecay,
  transformer,
  twoTower,
  uniform,
  warmUp,
} from "../../src/index.ts";

const { values: flags } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    epochs: { type: "string", default: "30" },
    max: { type: "string", default: "200" },
    layers: { type: "string", default: "2" },
    heads: { type: "string", default: "2" },
    ff: { type: "string", default: "1" },
    dimension: { type: "string", default: "64" },
    dropout: { type: "string", default: "0.2" },
    temperature: { type: "string", default: "0.07" },
    rate: { type: "string", default: "0.002" },
    batch: { type: "string", default: "4096" },
    negatives: { type: "string", default: "all" },
    decay: { type: "string", default: "0" },
    identity: { type: "string", default: "none" },
    patience: { type: "string", default: "5" },
    steps: { type: "string", default: "Infinity" },
    json: { type: "boolean", default: false },
  },
});
const n = (name: keyof typeof flags): number => Number(flags[name]);

const folder = join(resolve(process.env.TWOTOWER_DATA ?? "../shared/data"), "ml-1m");
const read = (name: string): number[][] => {
  const bytes = readFileSync(join(folder, name));
  const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
};
const train = read("loo.train.txt.gz");
const rows = (lines: number[][]) =>
  lines.flatMap(([userId, ...items]) => items.map((itemId, place) => ({ userId, itemId, timestamp: place })));
const [valid, test] = [read("loo.valid.txt"), read("loo.test.txt")];

const itemId = id();
const max = n("max");
const model = twoTower({
  user: {
    userId: id(),
    watched: list(itemId, { max, pool: transformer({ layers: n("layers"), heads: n("heads"), feedForward: n("ff") }) }),
  },
  item: { itemId },
  dimension: n("dimension"),
  hidden: [],
  identity: { user: flags.identity as "none", item: "add" },
});
const cpu = process.cpuUsage();
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
};
const loss = listwise({ temperature: n("temperature"), logQ: "negatives" });
const report = await model.fit(
  { interactions: rows(train) },
  {
    loss,
    negatives: flags.negatives === "all" ? allItems() : sampled(uniform(n("negatives"))),
    epochs: n("epochs"),
    batchSize: n("batch"),
    learningRate: n("rate"),
    schedule: warmUp(100, smoothDecay(0.05)),
    optimiser: adam({ beta2: 0.98, weightDecay: n("decay") }),
    dropout: n("dropout"),
    unknown: 0,
    seed: n("seed"),
    validation: rows(valid),
    metric: { name: "ndcg", k: 10 },
    patience: n("patience"),
    onProgress: ({ epoch, step, steps, loss, validation }) => {
      if (step >= n("steps")) process.exit(0);
      if (!flags.json && (validation !== undefined || step % 100 === 0))
        console.log(
          `epoch ${epoch} step ${step}/${steps} loss ${loss.toFixed(4)} ${validation?.toFixed(4) ?? ""} cpu ${cpuSeconds().toFixed(0)} s`,
        );
    },
  },
);
const trainingCpu = cpuSeconds();

// The test: the validation film belongs to the history by then, and is masked like all others.
const validOf = new Map(valid.map(([user, item]) => [user, item]));
const { on } = model.trained;
const userRows = train.map(([userId, ...items]) => ({
  userId,
  watched: [...items, validOf.get(userId) ?? []].flat().slice(-max),
}));
const vectors = model.embedUsers(userRows);
const itemVectors = model.trained.network.item.embed(on.items.table);
const rowOf = new Map(train.map(([user], row) => [user, row]));
const pairsOf = (lines: number[][]) => {
  const pairs = lines.flatMap(([user, ...of]) => of.map((item) => [user, item]));
  const known = pairs.filter(([, item]) => on.items.ids.rowOf(item) !== undefined);
  return groupByUser(
    {
      users: Int32Array.from(known, ([user]) => rowOf.get(user)!),
      items: Int32Array.from(known, ([, item]) => on.items.ids.rowOf(item)!),
    },
    train.length,
  );
};
const evaluation = evaluate(vectorRanker(vectors, itemVectors, n("dimension")), {
  test: pairsOf(test),
  train: pairsOf(train),
  masks: [pairsOf(valid)],
  ks: [10],
});
const result = {
  ...flags,
  hr10: metricAt(evaluation, "recall", 10),
  ndcg10: metricAt(evaluation, "ndcg", 10),
  bestEpoch: report.bestEpoch,
  epochs: report.epochs.length,
  cpuSeconds: Math.round(trainingCpu),
  wallSeconds: Math.round(report.seconds),
};
console.log(JSON.stringify(result));
