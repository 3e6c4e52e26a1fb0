import { type Command, InvalidArgumentError } from "commander";
import type { Schema } from "../features/declare.ts";
import type { DataSchema } from "../io/data-schema.ts";
import { type LoadedDataset, loadDataset } from "../io/load-dataset.ts";
import type { FitOptions } from "../training/fit-options.ts";
import { finite } from "./arguments.ts";
import { counted } from "./figures.ts";
import { abortable } from "./interrupt.ts";
import { readInteractions, readSchema, showReading } from "./reading.ts";
import { schemaLines } from "./schema-text.ts";
import { stage } from "./stage.ts";
import type { Terminal } from "./terminal.ts";

/** Flags of what to learn from. */
export interface DataFlags {
  readonly interactions: string;
  readonly users?: string;
  readonly items?: string;
  readonly schema?: string;
  readonly minRating?: number;
  readonly validation?: Validation;
}

/** What is held out to choose the epoch on: a share, each user's last, a file, or nothing. */
export type Validation = number | "leave-one-out" | "none" | { readonly file: string };

/** The files that the flags name. */
export function dataFiles({ interactions, users, items, schema, validation }: DataFlags): (string | undefined)[] {
  return [interactions, users, items, schema, typeof validation === "object" ? validation.file : undefined];
}

export function withDataOptions(command: Command): Command {
  return command
    .option("--interactions <file>", "who chose what: CSV, TSV, ::, JSON lines or adjacency lists; gzip or not")
    .option("--users <file>", "features of users")
    .option("--items <file>", "features of items")
    .option("--schema <file>", "what the columns mean; inferred if not given")
    .option("--min-rating <r>", "leave out interactions that are rated lower: they are no positives", finite)
    .option(
      "--validation <what>",
      "to choose the epoch on: a share such as 0.1, leave-one-out, a file, or none",
      validationFrom,
    );
}

/** Reads the files, by the schema they name, that of a former model, or what their columns look like. */
export function loadVisibly(
  terminal: Terminal,
  flags: DataFlags & { readonly warmStart?: string },
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

/** The option of `fit` that holds out what the flag asks for. */
export async function holdOut(
  validation: Validation | undefined,
  dataSchema: DataSchema,
): Promise<Pick<FitOptions<Schema>, "validation">> {
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
