import type { Command } from "commander";
import { listLines } from "../../evaluation/lists.ts";
import { writeFileWhole } from "../../io/write-file.ts";
import { baseline } from "../baselines.ts";
import { evaluationJson, metricTables, sliceTable } from "../comparison.ts";
import { counted } from "../figures.ts";
import { ModelFolder } from "../model-folder.ts";
import { checkOutput } from "../output.ts";
import { evaluateAll } from "../ranking.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";
import { readTestData, type TestFlags, withTestOptions } from "../test-data.ts";

interface EvaluateFlags extends OutputFlags, TestFlags {
  readonly dump?: string;
}

/** How well a model finds what users chose afterwards, beside the usual baselines. */
export function addEvaluate(program: Command): Command {
  const command = program
    .command("evaluate <dir>")
    .description("rank the whole catalogue for each test user, training items masked, beside baselines");
  return withTestOptions(command)
    .option("--dump <file>", 'write the lists: "user item item …", best first, one user a line')
    .action(evaluateModel);
}

async function evaluateModel(dir: string, flags: EvaluateFlags): Promise<void> {
  const terminal = new Terminal(flags);
  if (flags.dump !== undefined)
    await checkOutput("--dump", flags.dump, { inputs: [flags.test, flags.mask], folders: [dir] });
  const folder = await ModelFolder.open(dir);
  const { model } = folder;
  const { on, known } = model.trained;
  const { pairs, task } = await readTestData(terminal, folder, flags);

  const lines: string[] = [];
  const names = { user: (row: number) => on.users.ids.idOf(row), item: (row: number) => on.items.ids.idOf(row) };
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
