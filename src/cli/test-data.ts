import type { Command } from "commander";
import { TwoTowerError } from "../errors.ts";
import type { EvaluationTask } from "../evaluation/evaluate.ts";
import { encodeInteractions } from "../features/encode-dataset.ts";
import type { EncodedInteractions } from "../features/encode-interactions.ts";
import { groupByUser } from "../features/interactions.ts";
import { commaSeparated, wholeNumber } from "./arguments.ts";
import { type BaselineName, baselineNames, USUAL_BASELINES } from "./baselines.ts";
import { count, counted } from "./figures.ts";
import type { ModelFolder } from "./model-folder.ts";
import { readInteractions } from "./reading.ts";
import { stage } from "./stage.ts";
import type { Terminal } from "./terminal.ts";

/** Flags of what a model is measured on, and beside what. */
export interface TestFlags {
  readonly test: string;
  readonly k: number[];
  readonly mask?: string;
  readonly baselines: readonly BaselineName[];
}

export function withTestOptions(command: Command): Command {
  return command
    .requiredOption("--test <file>", "interactions to find; columns as in the training file")
    .option("--k <n,n>", "cut-offs, each at most 4096", (text) => commaSeparated(text).map(wholeNumber), [10, 20, 100])
    .option("--mask <file>", "further interactions never to recommend, such as the validation file")
    .option(
      "--baselines <names>",
      'of popularity, item-knn, p3alpha, rp3beta, ials, random; or "none"',
      baselineNames,
      USUAL_BASELINES.slice(),
    );
}

/** What the flags ask to measure, in the rows of the model. */
export interface TestData {
  /** Test interactions of users and items that the model knows; `skipped` counts the others. */
  readonly pairs: EncodedInteractions;
  readonly task: EvaluationTask;
}

/** Throws BAD_FILE if the model knows the user and the item of none of the test interactions. */
export async function readTestData(terminal: Terminal, folder: ModelFolder, flags: TestFlags): Promise<TestData> {
  const { on, known } = folder.model.trained;
  const encode = async (path: string): Promise<EncodedInteractions> =>
    encodeInteractions(on.fitted, await readInteractions(path, folder.dataSchema), on.users.ids, on.items.ids, {
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
  const masks = flags.mask === undefined ? [] : [groupByUser(await encode(flags.mask), userCount)];
  return { pairs, task: { test: groupByUser(pairs, userCount), train: known, masks, ks: flags.k } };
}
