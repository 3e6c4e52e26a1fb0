import type { Command } from "commander";
import { TwoTowerError } from "../../errors.ts";
import { listLines } from "../../evaluation/lists.ts";
import { encodeInteractions } from "../../features/encode-dataset.ts";
import type { EncodedInteractions } from "../../features/encode-interactions.ts";
import { groupByUser } from "../../features/interactions.ts";
import { writeFileWhole } from "../../io/write-file.ts";
import { commaSeparated, wholeNumber } from "../arguments.ts";
import { type BaselineName, baseline, baselineNames, USUAL_BASELINES } from "../baselines.ts";
import { evaluationJson, metricTables, sliceTable } from "../comparison.ts";
import { count, counted } from "../figures.ts";
import { ModelFolder } from "../model-folder.ts";
import { evaluateAll } from "../ranking.ts";
import { readInteractions } from "../reading.ts";
import { stage } from "../stage.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";

interface EvaluateFlags extends OutputFlags {
  readonly test: string;
  readonly k: number[];
  readonly mask?: string;
  readonly baselines: readonly BaselineName[];
  readonly dump?: string;
}

/** How well a model finds what users chose afterwards, beside the usual baselines. */
export function addEvaluate(program: Command): Command {
  return program
    .command("evaluate <dir>")
    .description("rank the whole catalogue for each test user, training items masked, beside baselines")
    .requiredOption("--test <file>", "interactions to find; columns as in the training file")
    .option("--k <n,n>", "cut-offs", (text) => commaSeparated(text).map(wholeNumber), [10, 20, 100])
    .option("--mask <file>", "further interactions never to recommend, such as the validation file")
    .option(
      "--baselines <names>",
      'of popularity, item-knn, rp3beta, ials, random; or "none"',
      baselineNames,
      USUAL_BASELINES.slice(),
    )
    .option("--dump <file>", 'write the lists: "user item item …", best first, one user a line')
    .action(evaluateModel);
}

async function evaluateModel(dir: string, flags: EvaluateFlags): Promise<void> {
  const terminal = new Terminal(flags);
  const { model, dataSchema } = await ModelFolder.open(dir);
  const { on, known } = model.trained;
  const encode = async (path: string): Promise<EncodedInteractions> =>
    encodeInteractions(on.fitted, await readInteractions(path, dataSchema), on.users.ids, on.items.ids, {
      unknown: "skip",
    });
  const pairs = await stage(terminal, "read", async (stage) => {
    const pairs = await encode(flags.test);
    const skipped =
      pairs.skipped > 0 ? `, ${count(pairs.skipped)} of users or items unknown to the model left out` : "";
    stage.summary = `${counted(pairs.users.length, "test interaction")}${skipped}`;
    return pairs;
  });
  if (pairs.users.length === 0)
    throw new TwoTowerError(
      "BAD_FILE",
      `${flags.test}: of its ${counted(pairs.skipped, "interaction")} none has a user and an item that the model was trained on: is it the right file?`,
    );
  const userCount = on.users.table.count;
  const test = groupByUser(pairs, userCount);
  const masks = flags.mask === undefined ? [] : [groupByUser(await encode(flags.mask), userCount)];

  const lines: string[] = [];
  const names = { user: (row: number) => on.users.ids.idOf(row), item: (row: number) => on.items.ids.idOf(row) };
  const task = { test, train: known, masks, ks: flags.k };
  const dump =
    flags.dump === undefined
      ? undefined
      : (users: Int32Array, lists: Int32Array, k: number) => lines.push(listLines(users, lists, k, names));
  const evaluations = await evaluateAll(
    terminal,
    [() => model.ranker(), ...flags.baselines.map((name) => () => baseline(name, known, on.items.ids.size))],
    { ...task, onLists: dump },
  );
  if (flags.dump !== undefined) await writeFileWhole(flags.dump, lines.join(""));

  const [{ users, pairs: found, maskedPairs }] = evaluations;
  if (maskedPairs > 0)
    terminal.note(`  ${counted(maskedPairs, "test interaction")} also in the training data: masked, so never found`);
  terminal.result(
    {
      command: "evaluate",
      model: dir,
      test: flags.test,
      users: users.length,
      pairs: found,
      skipped: pairs.skipped,
      maskedPairs,
      rankers: evaluations.map(evaluationJson),
    },
    () => `\n${metricTables(terminal, evaluations)}\n\n${sliceTable(terminal, evaluations, Math.max(...flags.k))}\n`,
  );
}
