import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { TwoTowerError } from "../errors.ts";
import type { Schema } from "../features/declare.ts";
import type { Dataset } from "../features/rows.ts";
import { type DataSchema, parseDataSchema } from "../io/data-schema.ts";
import { type OnFile, pairColumns } from "../io/load-dataset.ts";
import { readTable } from "../io/read-table.ts";
import { bytes } from "./figures.ts";
import type { Stage } from "./stage.ts";

/** Moves a stage's bar as files are read. */
export function showReading(stage: Stage): OnFile {
  return (path, read, total) => stage.update(read, total, `${basename(path)}  ${bytes(total)}`);
}

/** Interactions of a file, by the schema a model was trained with: validation, test, pairs to mask. */
export async function readInteractions(path: string, dataSchema: DataSchema): Promise<Dataset<Schema>["interactions"]> {
  const table = await readTable(path, { role: "interactions", columns: dataSchema.interactions.columns });
  return pairColumns(table, dataSchema).columns as Dataset<Schema>["interactions"];
}

/** A schema that `train --save-schema` wrote, or its owner. */
export async function readSchema(path: string): Promise<DataSchema> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new TwoTowerError("BAD_FILE", `${path} cannot be read: give a schema that --save-schema wrote`, { cause });
  });
  return parseDataSchema(text, path);
}
