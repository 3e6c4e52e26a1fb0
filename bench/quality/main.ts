import { parseArgs } from "node:util";
import { itemKnn } from "../../src/evaluation/baselines/item-knn.ts";
import { popularity } from "../../src/evaluation/baselines/popularity.ts";
import { rp3beta } from "../../src/evaluation/baselines/rp3beta.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { type Dataset, type FitReport, type Progress, type Schema, TwoTower } from "../../src/index.ts";
import { configs } from "./configs.ts";
import { type Benchmark, type BenchmarkName, benchmarks } from "./data.ts";
import { holdOut } from "./hold-out.ts";
import { measure, type Row } from "./run.ts";
import { table } from "./table.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    /** Train and measure inside the training data: what the configurations were chosen on. */
    "hold-out": { type: "boolean", default: false },
    "no-baselines": { type: "boolean", default: false },
  },
});
const name = positionals[0] as BenchmarkName;
if (!(name in benchmarks)) {
  const names = Object.keys(benchmarks).join(" | ");
  console.error(`usage: npm run quality -- <${names}> [--seed N] [--json] [--hold-out] [--no-baselines]`);
  process.exit(2);
}

/** Trains the benchmark's model on all its training pairs for the epochs that the hold-out chose. */
async function train({ train, users, items }: Benchmark): Promise<{ model: TwoTower<Schema>; report: FitReport }> {
  const { schema, model: shape, fit, userWeight } = configs[name];
  const model = new TwoTower(schema, shape);
  const counts = new Float64Array(users.userId.length);
  for (const user of train.userId) counts[user]++;
  const weight = userWeight === 1 ? undefined : Array.from(train.userId, (user) => counts[user] ** (userWeight - 1));
  const data = { users, items, interactions: { ...train, weight } } as unknown as Dataset<Schema>;
  const report = await model.fit(data, { ...fit, seed: Number(flags.seed), onProgress: showProgress });
  return { model, report };
}

function showProgress({ epoch, epochs, step, steps, loss, examplesPerSecond }: Progress): void {
  if (!process.stderr.isTTY && step < steps) return;
  const line = `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}, ${Math.round(examplesPerSecond)} examples/s`;
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

function* baselines({ train, users, items }: Benchmark): Generator<ReturnType<typeof popularity>> {
  const history = groupByUser({ users: train.userId, items: train.itemId }, users.userId.length);
  const itemCount = items.itemId.length;
  yield popularity(history, itemCount);
  yield itemKnn(history, itemCount);
  yield rp3beta(history, itemCount);
}

const { protocol, published } = configs[name];
const benchmark = flags["hold-out"] ? holdOut(benchmarks[name]()) : benchmarks[name]();
const rows: Row[] = [];
if (!flags["no-baselines"])
  for (const ranker of baselines(benchmark)) rows.push(measure(ranker.name, ranker, benchmark, protocol));
const { model, report } = await train(benchmark);
if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
rows.push(measure("twotower", model.ranker(), benchmark, protocol));

const run = {
  data: name,
  part: flags["hold-out"] ? "hold-out" : "test",
  seed: Number(flags.seed),
  seconds: report.seconds,
  examplesPerSecond: report.examplesPerSecond,
};
if (flags.json) console.log(JSON.stringify({ ...run, rows }));
else {
  console.log(table(rows, flags["hold-out"] ? [] : published));
  const examples = Math.round(report.examplesPerSecond).toLocaleString("en-US");
  console.log(`\nseed ${flags.seed}: trained in ${report.seconds.toFixed(0)} s, ${examples} examples/s`);
}
