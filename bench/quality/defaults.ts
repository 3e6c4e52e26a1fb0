// What the defaults of listwise() were chosen on: held-out pairs of MovieLens in three sizes, and the demo's new films.
//   node dist-bench/bench/quality/defaults.js [--data ml-100k,latest-small,ml-1m-m1,demo] [--only text]
import { parseArgs } from "node:util";
import { generateWorld, worldSchema } from "../../src/cli/demo/world.ts";
import { type Evaluation, metricAt } from "../../src/evaluation/evaluate.ts";
import {
  adam,
  allItems,
  type Dataset,
  type FitOptions,
  inBatch,
  mixed,
  type Schema,
  TwoTower,
  uniform,
} from "../../src/index.ts";
import { sideFeatures } from "./configs.ts";
import { benchmarks, latestSmall } from "./data.ts";
import { holdOut } from "./hold-out.ts";

const { values: flags } = parseArgs({
  options: {
    data: { type: "string", default: "ml-100k,latest-small,ml-1m-m1,demo" },
    only: { type: "string", default: "" },
    epochs: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
  },
});

interface Trial {
  readonly schema: Schema;
  readonly data: Dataset<Schema>;
  readonly test: Parameters<TwoTower<Schema>["evaluate"]>[0];
}

function trialOf(name: string): Trial {
  if (name === "demo") {
    const { catalogue, train, test } = generateWorld({ seed: 1, users: 3000, items: 2000 });
    const data = { users: catalogue.users, items: catalogue.items, interactions: train };
    return { schema: worldSchema.schema, data: data as unknown as Dataset<Schema>, test: test as Trial["test"] };
  }
  const whole = name === "latest-small" ? latestSmall() : benchmarks[name as keyof typeof benchmarks]();
  const { train, test, users, items } = holdOut(whole);
  const data = { users, items, interactions: train } as unknown as Dataset<Schema>;
  return { schema: sideFeatures(name === "latest-small"), data, test: test as unknown as Trial["test"] };
}

const full = (options: FitOptions<Schema>): FitOptions<Schema> => ({
  negatives: allItems(),
  optimiser: adam({ beta1: 0 }),
  learningRate: 0.03,
  ...options,
});
const sampled: FitOptions<Schema> = {
  negatives: mixed(inBatch(), uniform(1024)),
  optimiser: adam(),
  learningRate: 0.01,
  batchSize: 1024,
};
const variants: Record<string, FitOptions<Schema>> = {
  "sampled, unknown .05": { ...sampled, unknown: 0.05 },
  "full, ten steps, unknown 0": full({ unknown: 0 }),
  "full, ten steps, unknown .05": full({ unknown: 0.05 }),
  "full, ten steps, unknown .2": full({ unknown: 0.2 }),
  "full, ten steps, unknown .4": full({ unknown: 0.4 }),
  "full, batch 1024, rate .01, unknown .05": full({ batchSize: 1024, learningRate: 0.01, unknown: 0.05 }),
};

for (const name of flags.data.split(","))
  for (const [variant, options] of Object.entries(variants).filter(([variant]) => variant.includes(flags.only))) {
    const { schema, data, test } = trialOf(name);
    const model = new TwoTower(schema);
    const report = await model.fit(data, { epochs: Number(flags.epochs), seed: Number(flags.seed), ...options });
    const result = model.evaluate(test, { ks: [10, 100] });
    console.log(`${name}, ${variant}: ${figures(result)}, ${report.seconds.toFixed(0)} s`);
  }

function figures(result: Evaluation): string {
  const cold = result.slices.filter(({ name, pairs }) => name.startsWith("cold") && pairs > 0);
  const slices = cold.map((slice) => `${slice.name} @100 ${metricAt(slice, "recall", 100).toFixed(4)}`);
  const all = [
    `NDCG@10 ${metricAt(result, "ndcg", 10).toFixed(4)}`,
    `Recall@100 ${metricAt(result, "recall", 100).toFixed(4)}`,
  ];
  return [...all, ...slices].join(", ");
}
