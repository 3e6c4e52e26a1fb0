import { type Evaluation, metricAt } from "../../evaluation/evaluate.ts";
import { itemCounts } from "../../evaluation/user-items.ts";
import { printDataSchema } from "../../io/print-schema.ts";
import { baseline } from "../baselines.ts";
import { count, counted, metric, percent, seconds } from "../figures.ts";
import { typed } from "../flag-texts.ts";
import type { ModelFolder } from "../model-folder.ts";
import { evaluateAll } from "../ranking.ts";
import { schemaLines } from "../schema-text.ts";
import { stage } from "../stage.ts";
import type { Terminal } from "../terminal.ts";
import type { TestData, TestFlags } from "../test-data.ts";
import { towerText } from "../tower-text.ts";
import { type PopularityPart, popularityDeciles } from "./deciles.ts";
import { mapOf } from "./item-map.ts";
import type { Labelled, RankerFigures, ReportData } from "./report-data.ts";
import { similaritiesOf } from "./similarities.ts";

/** Everything a report says of a model, measured. */
export async function measureReport(
  terminal: Terminal,
  folder: ModelFolder,
  flags: TestFlags,
  { pairs, task }: TestData,
): Promise<{ readonly report: ReportData; readonly evaluations: readonly Evaluation[] }> {
  const { model, dataSchema, path } = folder;
  const { trained } = model;
  const { on, known } = trained;
  const items = await folder.items();
  const training = (await folder.report()) ?? null;
  const popularity = itemCounts(known, on.items.table.count);
  const parts = popularityDeciles(popularity);
  const ranker = model.ranker();
  const evaluations = await evaluateAll(
    terminal,
    [() => ranker, ...flags.baselines.map((name) => () => baseline(name, known, ranker.itemCount))],
    { ...task, slices: parts.map(({ slice }) => slice) },
  );
  const pairsIn = ({ slice }: PopularityPart): number =>
    evaluations[0].slices.find(({ name }) => name === slice.name)!.pairs;
  const shown = parts.filter((part) => part.most > 0 || pairsIn(part) > 0);
  const [similarities, map] = await stage(terminal, "draw", (stage) => {
    const similarities = similaritiesOf(ranker, { trained: on.interactions, heldOut: pairs, known, test: task.test });
    const map = mapOf(trained, popularity, items, dataSchema);
    stage.summary = `${counted(map.points.length, "item")} on the map`;
    return [similarities, map] as const;
  });
  const report: ReportData = {
    model: path,
    test: flags.test,
    facts: factsOf(folder, evaluations[0]),
    declaration: declarationOf(folder, flags, pairs.skipped, evaluations[0], training),
    schema: printDataSchema(dataSchema).trimEnd(),
    training: training && {
      metric: training.metric,
      bestEpoch: training.bestEpoch,
      epochs: training.epochs,
    },
    rankers: evaluations.map((evaluation) => figuresOf(evaluation, shown)),
    deciles: shown.map((part) => {
      const { label, items, fewest, most } = part;
      return { label, items, fewest, most, pairs: pairsIn(part) };
    }),
    similarities,
    map,
  };
  return { report, evaluations };
}

function figuresOf(evaluation: Evaluation, parts: readonly PopularityPart[]): RankerFigures {
  const slices = parts.map(({ slice }) => evaluation.slices.find(({ name }) => name === slice.name)!);
  return {
    name: evaluation.name,
    at: evaluation.metrics.map(({ k, recall, hit, ndcg, mrr, map }, i) => {
      const { coverage, gini } = evaluation.exposure[i];
      const deciles = slices.map((slice) => (slice.pairs === 0 ? null : metricAt(slice, "recall", k)));
      return { k, recall, hit, ndcg, mrr, map, coverage, gini, deciles };
    }),
  };
}

/** The figures to see at a glance. */
function factsOf({ model }: ModelFolder, { metrics, exposure, users, pairs }: Evaluation): Labelled[] {
  const { on } = model.trained;
  const place = Math.min(1, metrics.length - 1);
  const { k, recall, ndcg } = metrics[place];
  return [
    { label: `recall@${k}`, text: metric(recall) },
    { label: `NDCG@${k}`, text: metric(ndcg) },
    { label: `of the items in some top ${k}`, text: percent(exposure[place].coverage) },
    { label: "test users", text: count(users.length) },
    { label: "test interactions", text: count(pairs) },
    { label: "items to choose from", text: count(on.items.table.count) },
  ];
}

/** What the model is, what it learnt from, and what it was measured on. */
function declarationOf(
  { model, dataSchema }: ModelFolder,
  flags: TestFlags,
  skipped: number,
  { maskedPairs }: Evaluation,
  training: Awaited<ReturnType<ModelFolder["report"]>> | null,
): Labelled[] {
  const { on, network } = model.trained;
  const { user, item } = model.options.towers;
  const parameters = [...network.parameters().values()].reduce((sum, { value }) => sum + value.data.length, 0);
  const [users, items] = [on.users.table.count, on.items.table.count];
  const learnt = `${counted(on.interactions.users.length, "interaction")} of ${counted(users, "user")} and ${counted(items, "item")}`;
  const remarks = [
    skipped > 0 && `${counted(skipped, "interaction")} of users or items unknown to the model left out`,
    maskedPairs > 0 && `${counted(maskedPairs, "interaction")} also in the training data, so never found`,
    flags.mask !== undefined && `never recommended: what is in ${flags.mask}`,
  ];
  return [
    { label: "user tower", text: towerText(user) },
    { label: "item tower", text: towerText(item) },
    { label: "parameters", text: count(parameters) },
    ...schemaLines(dataSchema).map((line) => ({ label: line.slice(0, 14).trim(), text: line.slice(14) })),
    { label: "trained on", text: learnt },
    ...(training
      ? [{ label: "training", text: `${counted(training.epochs.length, "epoch")} in ${seconds(training.seconds)}` }]
      : []),
    ...(training?.flags ? [{ label: "told to train", text: typed(training.flags) }] : []),
    { label: "measured on", text: [flags.test, ...remarks.filter((remark) => remark !== false)].join("; ") },
  ];
}
