import { mkdir, mkdtemp, readdir, readFile, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { VectorIndex } from "../ann/vector-index.ts";
import { TwoTowerError } from "../errors.ts";
import type { Schema } from "../features/declare.ts";
import { loadIndex, loadModel, saveIndex, saveModel } from "../files.ts";
import { type DataSchema, parseDataSchema } from "../io/data-schema.ts";
import { printDataSchema } from "../io/print-schema.ts";
import { recoverFolder, writeFileWhole, writeFolderWhole } from "../io/write-file.ts";
import type { Recaller } from "../recall/recaller.ts";
import type { TwoTower } from "../two-tower.ts";
import { counted } from "./figures.ts";
import { ITEMS_FILE, type Items, itemLines, readSavedItems } from "./items.ts";
import { type KeptReport, parseKeptReport } from "./kept-report.ts";
import type { TrainingReport } from "./training.ts";

const MODEL = "model.safetensors";
const SCHEMA = "schema.json";
const REPORT = "report.json";
const INDEX = "index.safetensors";
const FILES: readonly string[] = [MODEL, SCHEMA, ITEMS_FILE, REPORT, INDEX];

/** What `train` leaves behind. */
export interface TrainedModel {
  readonly model: TwoTower<Schema>;
  readonly dataSchema: DataSchema;
  readonly items: Items;
  readonly report: TrainingReport;
}

/**
 * Refuses to put a model where something else is, for replacing a folder deletes what was in it, or where nothing can be
 * written. Before training, to lose no time.
 */
export async function checkTarget(path: string): Promise<void> {
  await checkWritable(path);
  const found = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") throw new TwoTowerError("BAD_FILE", `${path} is a file: give a folder for the model`);
    throw error;
  });
  const other = found.find((file) => !FILES.includes(file));
  if (other !== undefined)
    throw new TwoTowerError(
      "BAD_FILE",
      `${path} holds "${other}", which is no part of a model and would be lost: give a new folder`,
    );
}

/** Refuses a path that nothing can be written to. */
export async function checkWritable(path: string): Promise<void> {
  const parent = dirname(resolve(path));
  try {
    await mkdir(parent, { recursive: true });
    await rmdir(await mkdtemp(join(parent, ".twotower-"))); // permissions would not tell all: /proc takes no files from anybody
  } catch (cause) {
    throw new TwoTowerError("BAD_FILE", `${path} cannot be made: ${parent} is no folder that one may write in`, {
      cause,
    });
  }
}

/** Writes the folder, or replaces it, in one step at the end. An index of an older model goes with that model. */
export async function saveFolder(path: string, { model, dataSchema, items, report }: TrainedModel): Promise<void> {
  await writeFolderWhole(resolve(path), async (draft) => {
    await saveModel(join(draft, MODEL), model);
    await writeFileWhole(join(draft, SCHEMA), printDataSchema(dataSchema));
    const kept: KeptReport = { ...report, itemRows: items.size };
    await writeFileWhole(join(draft, REPORT), `${JSON.stringify(kept, null, 2)}\n`);
    if (items.size > 0) await writeFileWhole(join(draft, ITEMS_FILE), itemLines(items, dataSchema));
  });
}

/** A model's folder, open: the model is loaded, the rest comes when asked for. */
export class ModelFolder {
  readonly path: string;
  readonly model: TwoTower<Schema>;
  readonly dataSchema: DataSchema;

  private constructor(path: string, model: TwoTower<Schema>, dataSchema: DataSchema) {
    this.path = path;
    this.model = model;
    this.dataSchema = dataSchema;
  }

  static async open(path: string): Promise<ModelFolder> {
    await recoverFolder(resolve(path));
    if (!(await exists(path)))
      throw new TwoTowerError("BAD_FILE", `${path} does not exist: make it with "twotower train --out ${path}"`);
    if (!(await exists(join(path, MODEL))))
      throw new TwoTowerError("BAD_FILE", `${path} has no ${MODEL}: it is no folder that "twotower train" made`);
    const schemaPath = join(path, SCHEMA);
    const schema = await readFile(schemaPath, "utf8").catch(() => {
      throw new TwoTowerError("BAD_FILE", `${schemaPath} cannot be read: copy the whole folder of the model`);
    });
    return new ModelFolder(path, await loadModel(join(path, MODEL)), parseDataSchema(schema, schemaPath));
  }

  /** Item rows and names; none if the model was trained without a file of items. Throws CORRUPT if they got lost. */
  async items(): Promise<Items> {
    const path = join(this.path, ITEMS_FILE);
    if (await exists(path)) return readSavedItems(path, this.dataSchema);
    const rows = (await this.report())?.itemRows ?? 0;
    if (rows === 0) return new Map();
    throw new TwoTowerError(
      "CORRUPT",
      `${path} is missing, and the model was trained with ${counted(rows, "item row")}: restore a copy of the folder, or train again`,
    );
  }

  /** The saved index, if there is one. */
  async index(): Promise<VectorIndex<string> | undefined> {
    const path = join(this.path, INDEX);
    return (await exists(path)) ? loadIndex(path) : undefined;
  }

  /** What searches the saved index, or without one the items of training, compared one by one. */
  async recaller(): Promise<Recaller<Schema>> {
    const index = await this.index();
    return index === undefined ? this.model.index() : this.model.recaller(index);
  }

  async saveIndex(index: VectorIndex<string>, items: Items): Promise<void> {
    if (items.size > 0) await writeFileWhole(join(this.path, ITEMS_FILE), itemLines(items, this.dataSchema));
    await saveIndex(join(this.path, INDEX), index);
  }

  async report(): Promise<KeptReport | undefined> {
    const path = join(this.path, REPORT);
    const text = await readFile(path, "utf8").catch(() => undefined);
    return text === undefined ? undefined : parseKeptReport(text, path);
  }

  /** The files and their sizes in bytes. */
  async files(): Promise<{ readonly name: string; readonly bytes: number }[]> {
    const names = (await readdir(this.path)).sort();
    return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(this.path, name))).size })));
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
