import { rm } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { checkpointIn } from "../../files.ts";
import type { DataSchema } from "../../io/data-schema.ts";
import { type LoadedDataset, loadDataset } from "../../io/load-dataset.ts";
import { printDataSchema } from "../../io/print-schema.ts";
import { writeFileWhole } from "../../io/write-file.ts";
import { TwoTower } from "../../two-tower.ts";
import { finite } from "../arguments.ts";
import { UsageError } from "../failure.ts";
import { count, counted, metric, seconds } from "../figures.ts";
import { abortable, interruptible } from "../interrupt.ts";
import { itemsFrom } from "../items.ts";
import { checkTarget, ModelFolder, saveFolder } from "../model-folder.ts";
import { readInteractions, readSchema, showReading } from "../reading.ts";
import { schemaLines } from "../schema-text.ts";
import { stage } from "../stage.ts";
import { type OutputFlags, Terminal } from "../terminal.ts";
import { type TrainingReport, trainVisibly } from "../training.ts";
import { fitOptions, modelOptions, type TrainingFlags, withTrainingOptions } from "../training-options.ts";

interface TrainFlags extends TrainingFlags, OutputFlags {
  readonly interactions: string;
  readonly users?: string;
  readonly items?: string;
  readonly schema?: string;
  readonly minRating?: number;
  readonly out?: string;
  readonly checkpoint?: string;
  readonly warmStart?: string;
  readonly validation?: Validation;
  readonly printSchema?: boolean;
  readonly saveSchema?: string;
}

/** What is held out to choose the epoch on: a share, each user's last, a file, or nothing. */
type Validation = number | "leave-one-out" | "none" | { readonly file: string };

/** Files in, a model's folder out. */
export function addTrain(program: Command): Command {
  const command = program
    .command("train")
    .description("learn a model from interactions, and from what is known of users and items")
    .requiredOption("--interactions <file>", "who chose what: CSV, TSV, ::, JSON lines or adjacency lists; gzip or not")
    .option("--users <file>", "features of users")
    .option("--items <file>", "features of items")
    .option("--schema <file>", "what the columns mean; inferred if not given")
    .option("--min-rating <r>", "leave out interactions that are rated lower: they are no positives", finite)
    .option("--out <dir>", "folder for the model; replaced in one step at the end")
    .option(
      "--checkpoint <file>",
      "keep here after each epoch what it takes to go on; the same command then goes on from it. Removed at the end",
    )
    .option("--warm-start <model>", "go on from the weights of a trained model; new ids and categories get rows")
    .option("--print-schema", "print the schema; without --out, no more than that")
    .option("--save-schema <file>", "write the schema, to edit and pass back; without --out, no more than that")
    .option(
      "--validation <what>",
      "to choose the epoch on: a share such as 0.1, leave-one-out, a file, or none",
      validationFrom,
    );
  return withTrainingOptions(command)
    .addHelpText("after", "\nIn brackets: what holds if the option is left out.")
    .action((flags: TrainFlags) =>
      interruptible(
        (signal) => train(flags, signal),
        flags.checkpoint && `the same command goes on from ${flags.checkpoint}`,
      ),
    );
}

async function train(flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const terminal = new Terminal(flags);
  const { out, printSchema, saveSchema } = flags;
  if (out === undefined && !printSchema && saveSchema === undefined)
    throw new UsageError("required option '--out <dir>' not specified: the folder for the model");
  const options = fitOptions(flags);
  if (out !== undefined) await checkTarget(out);
  const former = flags.warmStart === undefined ? undefined : await formerModel(flags, flags.warmStart);

  const loaded = await load(terminal, flags, former?.dataSchema, signal);
  const { dataSchema } = loaded;
  if (saveSchema !== undefined) await writeFileWhole(saveSchema, printDataSchema(dataSchema));
  const schema: unknown = JSON.parse(printDataSchema(dataSchema));
  if (flags.json ? out === undefined : printSchema)
    terminal.result(schema as object, () => printDataSchema(dataSchema).trimEnd());
  if (out === undefined) return;

  const validation = await holdOut(flags.validation, dataSchema);
  const model = former?.model ?? new TwoTower(dataSchema.schema, modelOptions(flags));
  const kept = flags.checkpoint === undefined ? {} : await checkpointIn(flags.checkpoint);
  const given = { ...options, ...validation, ...kept, warmStart: former !== undefined };
  const report = await trainVisibly(terminal, model, loaded.data, given, signal);
  signal.throwIfAborted();
  const items = itemsFrom(loaded.data.items, loaded.names.item, dataSchema);
  await saveFolder(out, { model, dataSchema, items, report });
  if (flags.checkpoint !== undefined) await rm(flags.checkpoint, { force: true });
  const { belowMinRating } = loaded;
  terminal.result({ command: "train", model: out, schema, belowMinRating, ...report }, () => summary(out, report));
}

/** The model to go on from, whose schema and shape hold. */
function formerModel(flags: TrainFlags, path: string): Promise<ModelFolder> {
  for (const [flag, value] of Object.entries({ "--schema": flags.schema, ...modelOptions(flags) }))
    if (value !== undefined)
      throw new UsageError(`${flag.replace(/^(?!--)/, "--")} is settled by --warm-start ${path}: leave it out`);
  return ModelFolder.open(path);
}

function load(
  terminal: Terminal,
  flags: TrainFlags,
  former: DataSchema | undefined,
  signal: AbortSignal,
): Promise<LoadedDataset> {
  return stage(terminal, "read", async (stage) => {
    const given = flags.schema === undefined ? former : await readSchema(flags.schema);
    const loaded = await abortable(loadDataset(flags, given, showReading(stage)), signal);
    const left = loaded.belowMinRating > 0 ? `, ${counted(loaded.belowMinRating, "row")} below minRating left out` : "";
    stage.summary = [
      `${given === undefined ? "schema inferred" : `schema of ${flags.schema ?? flags.warmStart}`}${left}`,
      ...schemaLines(loaded.dataSchema).map((line) => `  ${line}`),
    ].join("\n");
    return loaded;
  });
}

async function holdOut(validation: Validation | undefined, dataSchema: DataSchema): Promise<object> {
  if (validation === undefined || validation === "none") return {};
  if (typeof validation !== "object") return { validation };
  return { validation: await readInteractions(validation.file, dataSchema) };
}

function validationFrom(text: string): Validation {
  if (text === "none" || text === "leave-one-out") return text;
  const number = Number(text);
  if (text === "" || Number.isNaN(number)) return { file: text };
  if (number > 0 && number < 1) return number;
  throw new InvalidArgumentError("Expected a share between 0 and 1, leave-one-out, a file, or none.");
}

function summary(out: string, report: TrainingReport): string {
  const validated = report.validation === null ? "" : ` · ${report.metric} ${metric(report.validation)} on validation`;
  return [
    `${out}  ${counted(report.users, "user")} × ${counted(report.items, "item")}, ${counted(report.interactions, "interaction")}`,
    `${" ".repeat(out.length)}  ${count(report.parameters)} parameters · ${seconds(report.seconds)}${validated}`,
  ].join("\n");
}
