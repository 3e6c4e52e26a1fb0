import type { Command } from "commander";
import { TwoTowerError } from "../../errors.ts";
import { type Comparison, compare } from "../../evaluation/confidence.ts";
import { type Evaluation, evaluate } from "../../evaluation/evaluate.ts";
import { type MetricName, metricNames } from "../../evaluation/metrics.ts";
import { encodeInteractions } from "../../features/encode-dataset.ts";
import { groupByUser, type Interactions } from "../../features/interactions.ts";
import { commaSeparated, seed, wholeNumber } from "../arguments.ts";
import { count, counted, metric } from "../figures.ts";
import { ModelFolder } from "../model-folder.ts";
import { readInteractions } from "../reading.ts";
import { stage } from "../stage.ts";
import { table } from "../table.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";

interface CompareFlags extends OutputFlags {
  readonly test: string;
  readonly k: number[];
  readonly seed: number;
}

/** Metrics worth a row; the others say the same in other words. */
const SHOWN: readonly MetricName[] = ["recall", "ndcg", "hit", "mrr"];

/** Whether one model really is better than another, or only on these users by chance. */
export function addCompare(program: Command): Command {
  return program
    .command("compare <a> <b>")
    .description("two models on the same held-out interactions: differences user by user, and whether they are chance")
    .requiredOption("--test <file>", "interactions to find; columns as in the training file")
    .option("--k <n,n>", "cut-offs, each at most 4096", (text) => commaSeparated(text).map(wholeNumber), [10, 20])
    .option("--seed <n>", "of the samples that intervals and p are drawn from", seed, 1)
    .action(compareModels);
}

async function compareModels(a: string, b: string, flags: CompareFlags): Promise<void> {
  const terminal = new Terminal(flags);
  const folders = [await ModelFolder.open(a), await ModelFolder.open(b)] as const;
  const both = await stage(terminal, "read", async (stage) => {
    const both = await commonPairs(folders, flags.test);
    const left = both.skipped > 0 ? `, ${count(both.skipped)} of users or items that not both know left out` : "";
    stage.summary = `${counted(both.pairs[0].users.length, "test interaction")} that both models can be asked about${left}`;
    return both;
  });
  if (both.pairs[0].users.length === 0)
    throw new TwoTowerError(
      "BAD_FILE",
      `${flags.test}: of its ${counted(both.skipped, "interaction")} none has a user and an item that both models were trained on: is it the right file?`,
    );
  const [first, second] = await stage(terminal, "rank", async (stage) => {
    const evaluations: Evaluation[] = [];
    for (const [i, { model }] of folders.entries()) {
      await new Promise(setImmediate); // lets the bar be drawn
      const { on, known } = model.trained;
      const test = groupByUser(both.pairs[i], on.users.table.count);
      evaluations.push(evaluate(model.ranker(), { test, train: known, ks: flags.k }));
      stage.update(i + 1, 2);
    }
    stage.summary = counted(evaluations[0].users.length, "user");
    return evaluations;
  });

  const order = sameUsers(folders, [first, second]);
  const comparisons = first.metrics.flatMap(({ k, perUser }, at) =>
    metricNames.map((name) => {
      const others = second.metrics[at].perUser[name];
      const found = compare(
        perUser[name],
        Float64Array.from(order, (place) => others[place]),
        flags,
      );
      return { metric: name, k, a: first.metrics[at][name], b: second.metrics[at][name], ...found };
    }),
  );
  const items = folders.map(({ model }) => model.trained.on.items.ids.size);
  terminal.result(
    {
      command: "compare",
      ...{ a, b, test: flags.test },
      users: first.users.length,
      pairs: first.pairs,
      skipped: both.skipped,
      catalogues: items,
      comparisons: comparisons.map(({ mean, ...rest }) => ({ ...rest, difference: mean })),
    },
    () => {
      const shown = comparisons.filter(({ metric }) => SHOWN.includes(metric));
      const notes =
        items[0] === items[1]
          ? []
          : [`  ${a} chooses among ${count(items[0])} items, ${b} among ${count(items[1])}: not quite the same task`];
      return `\n${comparisonTable(terminal, shown)}\n\n${[verdict(a, b, comparisons), ...notes].join("\n")}\n`;
    },
  );
}

/** The test pairs whose user and item both models know, in the rows of each. */
async function commonPairs(
  folders: readonly [ModelFolder, ModelFolder],
  path: string,
): Promise<{ pairs: readonly [Interactions, Interactions]; skipped: number }> {
  const [first, second] = folders.map(({ model }) => model.trained.on);
  const given = await readInteractions(path, folders[0].dataSchema);
  const encoded = encodeInteractions(first.fitted, given, first.users.ids, first.items.ids, { unknown: "skip" });
  const users: number[][] = [[], []];
  const items: number[][] = [[], []];
  for (let p = 0; p < encoded.users.length; p++) {
    const user = second.users.ids.rowOf(first.users.ids.idOf(encoded.users[p]));
    const item = second.items.ids.rowOf(first.items.ids.idOf(encoded.items[p]));
    if (user === undefined || item === undefined) continue;
    users[0].push(encoded.users[p]);
    items[0].push(encoded.items[p]);
    users[1].push(user);
    items[1].push(item);
  }
  const pairsOf = (i: number): Interactions => ({ users: Int32Array.from(users[i]), items: Int32Array.from(items[i]) });
  const skipped = encoded.skipped + encoded.users.length - users[0].length;
  return { pairs: [pairsOf(0), pairsOf(1)], skipped };
}

/** Where each user of the first evaluation stands in the second. */
function sameUsers(folders: readonly [ModelFolder, ModelFolder], [first, second]: readonly Evaluation[]): number[] {
  const [idsA, idsB] = folders.map(({ model }) => model.trained.on.users.ids);
  const places = new Map(Array.from(second.users, (row, place) => [idsB.idOf(row), place]));
  return Array.from(first.users, (row) => places.get(idsA.idOf(row)) as number);
}

type Row = Comparison & { readonly metric: MetricName; readonly k: number; readonly a: number; readonly b: number };

function comparisonTable(terminal: Terminal, rows: readonly Row[]): string {
  const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
  const head = ["", "A", "B", "A − B", "95 % of the time", "A better for", "B better for", "p", ""];
  return table(
    terminal,
    head,
    rows.map(({ metric: name, k, a, b, mean, low, high, wins, losses, p, significant }) => [
      `${name}@${k}`,
      ...[metric(a), metric(b), signed(mean), `${signed(low)} … ${signed(high)}`],
      ...[wins, losses].map((share) => `${(100 * share).toFixed(1)} %`),
      p < 0.001 ? "< .001" : p.toFixed(3),
      significant ? (mean > 0 ? "A wins" : "B wins") : "no difference shown",
    ]),
    ["left", "right", "right", "right", "right", "right", "right", "right", "left"],
  );
}

/** In a sentence, by NDCG at the first cut-off: it weighs every hit and its place. */
function verdict(a: string, b: string, rows: readonly Row[]): string {
  const { k, mean, significant, p } = rows.find(({ metric }) => metric === "ndcg")!;
  const strength = p < 0.001 ? "p < .001" : `p = ${p.toFixed(3)}`;
  if (!significant) return `  No difference in ndcg@${k} shown (${strength}): more test users might, or there is none.`;
  const [better, worse] = mean > 0 ? [`A (${a})`, `B (${b})`] : [`B (${b})`, `A (${a})`];
  return `  ${better} is better than ${worse} by ${Math.abs(mean).toFixed(4)} ndcg@${k}, and not by chance (${strength}).`;
}
