import { parseArgs } from "node:util";
import { ials } from "../../src/evaluation/baselines/ials.ts";
import { itemKnn } from "../../src/evaluation/baselines/item-knn.ts";
import { popularity } from "../../src/evaluation/baselines/popularity.ts";
import { rp3beta } from "../../src/evaluation/baselines/rp3beta.ts";
import type { CandidateScorer, Ranker } from "../../src/evaluation/ranker.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { listwise, pairwise, pointwise } from "../../src/index.ts";
import { type Config, configs, sideFeatures } from "./configs.ts";
import { type Benchmark, type BenchmarkName, benchmarks } from "./data.ts";
import { holdOut } from "./hold-out.ts";
import { withNewOnes } from "./new-ones.ts";
import { measure, type Row } from "./run.ts";
import { table } from "./table.ts";
import { train } from "./train.ts";

const losses = { listwise, pairwise, pointwise };
const options = {
  seed: { type: "string", default: "1" },
  threads: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
  /** Train and measure inside the training data: what the configurations were chosen on. */
  "hold-out": { type: "boolean", default: false },
  "no-baselines": { type: "boolean", default: false },
  /** Instead of the configuration, the defaults of the library with this loss: the three side by side. */
  loss: { type: "string" },
  /** With the features that MovieLens has, by the library's defaults. */
  side: { type: "boolean", default: false },
  /** A tenth of the users and of the items come after training. */
  new: { type: "boolean", default: false },
} as const;
const { values: flags, positionals } = parseArgs({ allowPositionals: true, options });
const name = positionals[0] as BenchmarkName;
if (!(Object.hasOwn(benchmarks, name) && (flags.loss === undefined || Object.hasOwn(losses, flags.loss)))) {
  console.error(
    `usage: npm run quality -- <${Object.keys(benchmarks).join(" | ")}> [--seed N] [--threads N] [--json] [--hold-out]\n` +
      `  [--no-baselines] [--loss ${Object.keys(losses).join(" | ")}] [--side] [--new]`,
  );
  process.exit(2);
}

/** The configuration, or the library's defaults where the flags ask for them. */
function configOf(name: BenchmarkName): Config {
  const config = configs[name];
  if (flags.loss === undefined && !flags.side) return config;
  const { loss = "listwise" } = flags;
  const schema = flags.side ? sideFeatures() : config.schema;
  return { ...config, schema, model: {}, fit: { loss: losses[loss as keyof typeof losses]() }, userWeight: 1 };
}

function* baselines({ train, users, items }: Benchmark): Generator<() => Ranker & CandidateScorer> {
  const history = groupByUser({ users: train.userId, items: train.itemId }, users.userId.length);
  const itemCount = items.itemId.length;
  yield () => popularity(history, itemCount);
  yield () => itemKnn(history, itemCount);
  yield () => rp3beta(history, itemCount, configs[name].rp3beta);
  yield () => ials(history, itemCount, configs[name].ials);
}

const config = configOf(name);
const { protocol, published } = config;
const whole = flags["hold-out"] ? holdOut(benchmarks[name]()) : benchmarks[name]();
const benchmark = flags.new ? withNewOnes(whole) : whole;
const rows: Row[] = [];
if (!flags["no-baselines"])
  for (const baseline of baselines(benchmark)) {
    const start = performance.now();
    const ranker = baseline();
    const seconds = (performance.now() - start) / 1000;
    rows.push({ ...measure(ranker.name, ranker, benchmark, protocol), seconds });
  }
const { ranker, report } = await train(benchmark, config, Number(flags.seed), Number(flags.threads));
const { seconds, examplesPerSecond, threads } = report;
rows.push({ ...measure("twotower", ranker, benchmark, protocol), seconds, examplesPerSecond });

const part = flags["hold-out"] ? "hold-out" : "test";
const { loss, side } = flags;
const seed = Number(flags.seed);
if (flags.json) console.log(JSON.stringify({ data: name, part, seed, threads, loss, side, new: flags.new, rows }));
else {
  console.log(table(rows, part === "test" && !flags.new ? published : []));
  const examples = Math.round(examplesPerSecond).toLocaleString("en-US");
  console.log(`\nseed ${seed}: trained in ${seconds.toFixed(0)} s, ${examples} examples/s, threads: ${threads}`);
}
