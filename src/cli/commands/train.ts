import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { TwoTowerError } from "../../errors.ts";
import { checkpointIn } from "../../files.ts";
import { printDataSchema } from "../../io/print-schema.ts";
import { writeFileWhole } from "../../io/write-file.ts";
import { TwoTower } from "../../two-tower.ts";
import { withConfig } from "../config.ts";
import { UsageError } from "../failure.ts";
import { count, counted, metric, seconds } from "../figures.ts";
import { type FlagTexts, rememberTexts } from "../flag-texts.ts";
import { interruptible } from "../interrupt.ts";
import { itemsFrom } from "../items.ts";
import { checkTarget, ModelFolder, saveFolder } from "../model-folder.ts";
import { checkOutput } from "../output.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";
import { type TrainingReport, trainVisibly } from "../training.ts";
import { type DataFlags, dataFiles, holdOut, loadVisibly, withDataOptions } from "../training-data.ts";
import { fitOptions, modelOptions, type TrainingFlags, withTrainingOptions } from "../training-options.ts";

interface TrainFlags extends DataFlags, TrainingFlags, OutputFlags {
  readonly out?: string;
  readonly checkpoint?: string;
  readonly config?: string;
  readonly warmStart?: string;
  readonly printSchema?: boolean;
  readonly saveSchema?: string;
}

/** Files in, a model's folder out. */
export function addTrain(program: Command): Command {
  const command = program
    .command("train")
    .description("learn a model from interactions, and from what is known of users and items");
  withDataOptions(command)
    .option("--out <dir>", "folder for the model; replaced in one step at the end")
    .option(
      "--checkpoint <file>",
      "keep here after each epoch what it takes to go on; the same command then goes on from it. Removed at the end",
    )
    .option("--warm-start <model>", "go on from the weights of a trained model; new ids and categories get rows")
    .option("--print-schema", "print the schema; without --out, no more than that")
    .option("--save-schema <file>", "write the schema, to edit and pass back; without --out, no more than that");
  const texts = rememberTexts(withTrainingOptions(withConfig(command)));
  return command
    .addHelpText("after", "\nIn brackets: what holds if the option is left out.")
    .action((flags: TrainFlags) =>
      interruptible(
        (signal) => train(flags, texts(), signal),
        flags.checkpoint && `the same command goes on from ${flags.checkpoint}`,
      ),
    );
}

/** Flags that say nothing of the model. */
const NOT_KEPT = ["out", "checkpoint", "config", "print-schema", "save-schema", "threads"];

async function train(flags: TrainFlags, texts: FlagTexts, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(flags);
  const { out, printSchema, saveSchema, checkpoint } = flags;
  if (flags.interactions === undefined) throw new UsageError("required option '--interactions <file>' not specified");
  if (out === undefined && !printSchema && saveSchema === undefined)
    throw new UsageError("required option '--out <dir>' not specified: the folder for the model");
  const options = fitOptions(flags);
  if (out !== undefined) await checkTarget(out);
  const inputs = [...dataFiles(flags), flags.config];
  const folders = [out, flags.warmStart];
  if (checkpoint !== undefined) await checkOutput("--checkpoint", checkpoint, { inputs, folders });
  if (saveSchema !== undefined)
    await checkOutput("--save-schema", saveSchema, { inputs: [...inputs, checkpoint], folders });
  const former = flags.warmStart === undefined ? undefined : await formerModel(flags, flags.warmStart);

  const loaded = await loadVisibly(terminal, flags, former?.dataSchema, signal);
  const { dataSchema } = loaded;
  if (saveSchema !== undefined) await writeFileWhole(saveSchema, printDataSchema(dataSchema));
  const schema: unknown = JSON.parse(printDataSchema(dataSchema));
  if (flags.json ? out === undefined : printSchema)
    terminal.result(schema as object, () => printDataSchema(dataSchema).trimEnd());
  if (out === undefined) return;

  const validation = await holdOut(flags.validation, dataSchema);
  const model = former?.model ?? new TwoTower(dataSchema.schema, modelOptions(flags));
  const kept = checkpoint === undefined ? {} : await checkpointIn(checkpoint);
  const given = { ...options, ...validation, ...kept, warmStart: former !== undefined };
  const told = Object.fromEntries(Object.entries(texts).filter(([flag]) => !NOT_KEPT.includes(flag)));
  const training = trainVisibly(terminal, model, loaded.data, given, signal);
  const report = { ...(await namingCheckpoint(checkpoint, training)), flags: told };
  signal.throwIfAborted();
  const items = itemsFrom(loaded.data.items, loaded.names.item, dataSchema);
  await saveFolder(out, { model, dataSchema, items, report });
  if (checkpoint !== undefined) await rm(checkpoint, { force: true });
  const { belowMinRating } = loaded;
  terminal.result({ command: "train", model: out, schema, belowMinRating, ...report }, () => summary(out, report));
}

/** While training, no other file is read: one that is wrong can only be the checkpoint. */
async function namingCheckpoint<T>(path: string | undefined, training: Promise<T>): Promise<T> {
  try {
    return await training;
  } catch (cause) {
    if (path === undefined || !(cause instanceof TwoTowerError) || cause.message.includes(path)) throw cause;
    if (cause.code !== "BAD_FILE" && cause.code !== "CORRUPT") throw cause;
    throw new TwoTowerError(cause.code, `${path}: ${cause.message}. Or remove it, to start anew`, { cause });
  }
}

/** The model to go on from, whose schema and shape hold. */
function formerModel(flags: TrainFlags, path: string): Promise<ModelFolder> {
  for (const [flag, value] of Object.entries({ "--schema": flags.schema, ...modelOptions(flags) }))
    if (value !== undefined)
      throw new UsageError(`${flag.replace(/^(?!--)/, "--")} is settled by --warm-start ${path}: leave it out`);
  return ModelFolder.open(path);
}

function summary(out: string, report: TrainingReport): string {
  const validated = report.validation === null ? "" : ` · ${report.metric} ${metric(report.validation)} on validation`;
  return [
    `${out}  ${counted(report.users, "user")} × ${counted(report.items, "item")}, ${counted(report.interactions, "interaction")}`,
    `${" ".repeat(out.length)}  ${count(report.parameters)} parameters · ${seconds(report.seconds)}${validated}`,
  ].join("\n");
}
