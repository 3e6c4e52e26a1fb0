// What self-supervision brings to the tail, on the demo's catalogue: six features an item, 5 % of items never seen.
//   node dist-bench/bench/quality/self-supervision.js [--seeds 3] [--epochs 10]
import { parseArgs } from "node:util";
import { generateCatalogue } from "../../src/cli/demo/catalogue.ts";
import { metricAt } from "../../src/evaluation/evaluate.ts";
import { category, id, number, selfSupervision, tags, twoTower } from "../../src/index.ts";

const { values: flags } = parseArgs({
  options: { seeds: { type: "string", default: "3" }, epochs: { type: "string", default: "10" } },
});
const catalogue = generateCatalogue({ seed: 1, users: 2000, items: 1500 });
const train = catalogue.interactions.filter(({ timestamp }) => timestamp < catalogue.lateFrom);
const test = catalogue.interactions.filter(({ timestamp }) => timestamp >= catalogue.lateFrom);
const { users, items } = catalogue;

const variants = {
  without: undefined,
  random: selfSupervision({ mask: "random" }),
  correlated: selfSupervision({ mask: "correlated" }),
};
for (let seed = 1; seed <= Number(flags.seeds); seed++)
  for (const [name, task] of Object.entries(variants)) {
    const model = twoTower({
      user: { userId: id(), country: category(), age: number({ bins: 8 }), gender: category() },
      item: {
        itemId: id(),
        genres: tags(),
        studio: category(),
        language: category(),
        year: number({ bins: 10 }),
        minutes: number({ bins: 8 }),
      },
    });
    await model.fit(
      { users, items, interactions: train },
      { epochs: Number(flags.epochs), seed, ...(task && { selfSupervision: task }) },
    );
    const result = model.evaluate(test, { ks: [20] });
    const slices = result.slices.map((slice) => `${slice.name} ${metricAt(slice, "recall", 20).toFixed(4)}`);
    console.log(`seed ${seed} ${name}: recall@20 ${metricAt(result, "recall", 20).toFixed(4)}; ${slices.join(", ")}`);
  }
