import { Command, Option } from "commander";
import { TwoTowerError } from "../../errors.ts";
import { Json } from "../../io/json.ts";
import type { Columns } from "../../io/load-dataset.ts";
import { isIdsOnly } from "../../model/options.ts";
import { Random } from "../../tensor/random.ts";
import { wholeNumber } from "../arguments.ts";
import { readJson, writeConfig } from "../config.ts";
import { UsageError } from "../failure.ts";
import { counted, metric as figure, seconds } from "../figures.ts";
import { asTexts, type FlagTexts, nameOf, parseFlag, typed } from "../flag-texts.ts";
import { interruptible } from "../interrupt.ts";
import { checkOutput } from "../output.ts";
import { stage } from "../stage.ts";
import { table } from "../table.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";
import { type DataFlags, dataFiles, holdOut, loadVisibly, withDataOptions } from "../training-data.ts";
import { fitOptions, modelOptions, type TrainingFlags, withTrainingOptions } from "../training-options.ts";
import { halving, wholeLength } from "../tune/halving.ts";
import { type Judged, search } from "../tune/search.ts";
import { fileChecksum, SearchFolder, type SearchTask } from "../tune/search-folder.ts";
import { drawTrials, type Space, spaceFrom, usualSpace } from "../tune/space.ts";
import type { TrialTask } from "../tune/train-trial.ts";

interface TuneFlags extends OutputFlags {
  readonly trials: number;
  readonly search: "halving" | "random";
  readonly space?: string;
  readonly printSpace?: boolean;
  readonly out: string;
  readonly state?: string;
}

const dataFlags: Command = withDataOptions(new Command());
const trainingFlags: Command = withTrainingOptions(new Command());
/** Flags that hold for every trial, unless they are given. */
const USUAL: FlagTexts = { validation: "leave-one-out", epochs: "30", seed: "1" };

/** What `train` should be told, found by trying. */
export function addTune(program: Command): Command {
  const command = program
    .command("tune")
    .description("search for the flags that train best: many trials a little, the best ones on to the end")
    .addOption(
      new Option("--search <how>", "halving: the best third goes on, three times as long; random: all to the end")
        .choices(["halving", "random"])
        .default("halving"),
    )
    .option(
      "--trials <n>",
      "how many sets of flags; the first, train's defaults, goes to the end in any case",
      wholeNumber,
      18,
    )
    .option("--space <file>", "what to search, as JSON; without it a usual space")
    .option("--print-space", "print the usual space, to edit and pass back as --space; no more than that")
    .option("--out <file>", "the best flags, for train --config", "tuned.json")
    .option("--state <dir>", "what it takes to go on when interrupted (beside --out, ending in .search)");
  return asTexts(command, [...dataFlags.options, ...trainingFlags.options])
    .addHelpText(
      "after",
      `
Flags of train that are given hold for all trials; the others are searched. Every trial holds out the same interactions
(--validation, here leave-one-out if left out) and is judged by --metric on them; keep a test file that neither tune nor
train sees. The same command goes on where it was interrupted, and comes to the same end.`,
    )
    .action((flags: TuneFlags, command: Command) => {
      const state = flags.state ?? `${flags.out.replace(/\.json$/, "")}.search`;
      return interruptible(
        (signal) => tune({ ...flags, state }, givenTexts(command), signal),
        `the same command goes on from ${state}`,
      );
    });
}

/** The flags of train that were typed. */
function givenTexts(command: Command): FlagTexts {
  const known = new Set([...dataFlags.options, ...trainingFlags.options].map(nameOf));
  const own = command.options.filter(
    (option) => known.has(nameOf(option)) && command.getOptionValueSource(option.attributeName()) === "cli",
  );
  return Object.fromEntries(own.map((option) => [nameOf(option), command.getOptionValue(option.attributeName())]));
}

async function tune(flags: TuneFlags & { state: string }, given: FlagTexts, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(flags);
  if (given.interactions === undefined) throw new UsageError("required option '--interactions <file>' not specified");
  const shared = { ...USUAL, ...given };
  if (shared.validation === "none")
    throw new UsageError("--validation none leaves nothing to judge trials by: give a share, leave-one-out or a file");
  const data = valuesOf<DataFlags>(dataFlags, shared);
  const whole = valuesOf<TrainingFlags>(trainingFlags, shared);
  fitOptions(whole); // flags that do not go together are better refused before anything is read
  await checkOutput("--out", flags.out, {
    inputs: [...dataFiles(data), flags.space],
    folders: [flags.state],
  });

  const loaded = await loadVisibly(terminal, data, undefined, signal);
  const usual = usualSpace(whole.loss ?? "listwise", {
    idsOnly: Object.values(loaded.dataSchema.schema).every(isIdsOnly),
    interactions: Object.values(loaded.data.interactions as Columns)[0].length,
  });
  if (flags.printSpace) return terminal.result(usual, () => JSON.stringify(usual, null, 2));
  const json =
    flags.space === undefined
      ? new Json(usual, { name: "the usual space", code: "BAD_ARGUMENT" })
      : await readJson(flags.space, "a space such as --print-space prints");
  const space = spaceFrom(json, trainingFlags, given);
  const drawn = drawTrials(space, flags.trials, new Random(whole.seed!));
  for (const trial of drawn) checkTogether({ ...shared, ...trial.flags }, flags.space);

  const task = await taskOf(shared, data, space, flags);
  const folder = await SearchFolder.open(
    flags.state,
    task,
    drawn.map(({ flags }) => flags),
  );
  const { name, k } = whole.metric ?? { name: "ndcg", k: 20 };
  const metricName = `${name}@${k}`;
  const validation = await holdOut(data.validation, loaded.dataSchema);
  const judged = await stage(terminal, "tune", async (stage) => {
    const trialTask = (trial: FlagTexts): Omit<TrialTask, "onProgress"> => {
      const values = valuesOf<TrainingFlags>(trainingFlags, { ...shared, ...trial });
      return { loaded, model: modelOptions(values), fit: { ...fitOptions(values), ...validation }, signal };
    };
    const groups = drawn.map(({ group }) => group);
    const sizes = [...new Set(groups)].map((group) => groups.filter((other) => other === group).length);
    const rungs = flags.search === "halving" ? halving(sizes, whole.epochs!) : wholeLength(drawn.length, whole.epochs!);
    const judged = await search(stage, folder, groups, rungs, metricName, trialTask);
    const spent = judged.reduce((sum, { trial }) => sum + trial.seconds, 0);
    const epochs = judged.reduce((sum, { trial }) => sum + trial.curve.length, 0);
    stage.summary = `${counted(drawn.length, "trial")}, ${counted(epochs, "epoch")} in ${seconds(spent)}`;
    return judged;
  });

  const [winner] = judged;
  await writeConfig(flags.out, { ...shared, ...winner.trial.flags });
  terminal.result(resultJson(flags, metricName, judged), () => resultText(terminal, flags.out, metricName, judged));
}

/** The values that the parser makes of texts that it has checked already. */
function valuesOf<Flags>({ options }: Command, texts: FlagTexts): Flags {
  const source = { name: "the command line", code: "BAD_ARGUMENT" } as const;
  const own = options.filter((option) => Object.hasOwn(texts, nameOf(option)));
  return Object.fromEntries(
    own.map((option) => [
      option.attributeName(),
      parseFlag(options, nameOf(option), new Json(texts[nameOf(option)], source, nameOf(option))),
    ]),
  ) as Flags;
}

/** Flags of different losses may meet in a space of the user's own. */
function checkTogether(texts: FlagTexts, space: string | undefined): void {
  try {
    fitOptions(valuesOf<TrainingFlags>(trainingFlags, texts));
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new TwoTowerError(
      "BAD_FILE",
      `${space ?? "the usual space"}: a trial may get flags that do not go together: ${cause.message}. ` +
        "Put those that do into an object each, in a list",
      { cause },
    );
  }
}

/** What must not change between two runs of a search. */
async function taskOf(
  shared: FlagTexts,
  { interactions, users, items, schema, validation }: DataFlags,
  space: Space,
  { trials, search }: TuneFlags,
): Promise<SearchTask> {
  const files = {
    interactions,
    users,
    items,
    schema,
    validation: typeof validation === "object" ? validation.file : undefined,
  };
  const sums: [string, string][] = [];
  for (const [name, path] of Object.entries(files))
    if (path !== undefined) sums.push([`the content of --${name}`, await fileChecksum(path)]);
  const texts = Object.entries(shared)
    .filter(([flag, text]) => (files as { readonly [flag: string]: unknown })[flag] !== text) // a file may be renamed
    .filter(([flag]) => flag !== "threads") // which change no bit
    .map(([flag, text]): [string, string] => [`--${flag}`, String(text)]);
  return Object.fromEntries([
    ...sums,
    ...texts,
    ["--trials", String(trials)],
    ["--search", search],
    ["the space", JSON.stringify(space.map((alternative) => Object.fromEntries(alternative)))],
  ]);
}

function resultJson({ out, state }: TuneFlags, metricName: string, judged: readonly Judged[]): object {
  return {
    command: "tune",
    ...{ out, state, metric: metricName },
    trials: judged.map(({ number, trial, rungs, best }) => ({
      trial: number + 1,
      flags: trial.flags,
      validation: best?.validation ?? null,
      bestEpoch: best?.epoch ?? null,
      epochs: trial.curve.length,
      rungs,
      seconds: trial.seconds,
      failure: trial.failure ?? null,
    })),
  };
}

const SHOWN = 10;

function resultText(terminal: Terminal, out: string, metricName: string, judged: readonly Judged[]): string {
  const shown = judged.filter(({ number }, place) => place < SHOWN || number === 0);
  const failed = judged.filter(({ trial }) => trial.failure !== undefined).length;
  const rows = shown.map(({ number, trial, best }) => [
    String(number + 1),
    best ? figure(best.validation) : "–",
    best ? String(best.epoch) : "–",
    String(trial.curve.length),
    seconds(trial.seconds),
    trial.failure ? `failed: ${trial.failure}` : typed(trial.flags) || "train's defaults",
  ]);
  const [bold = [], ...others] = rows;
  const styled = [bold.map((cell) => terminal.style("bold", cell)), ...others];
  return [
    "",
    table(terminal, ["trial", metricName, "at epoch", "epochs", "time", "flags"], styled, [
      ...(["right", "right", "right", "right", "right", "left"] as const),
    ]),
    "",
    ...(failed > 0 ? [`  ${counted(failed, "trial")} could not be trained.`] : []),
    "  The best of many is a little better on what it was chosen by than on anything else: measure it on a test file.",
    `Go on:  twotower train --config ${out} --out MODEL`,
  ].join("\n");
}
