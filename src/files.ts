/**
 * twotower/files: models and indexes in files, for Node. A file is replaced in one step: at any moment there is the
 * old one or the new one, whole.
 */
import { stat } from "node:fs/promises";
import { expectIndex } from "./ann/arguments.ts";
import { HnswIndex } from "./ann/hnsw.ts";
import { indexFromBytes } from "./ann/index-from-bytes.ts";
import { readIndex } from "./ann/read-index.ts";
import { ShardedIndex } from "./ann/sharded.ts";
import type { VectorIndex } from "./ann/vector-index.ts";
import { AttributedIndex } from "./ann/with-attributes.ts";
import { TwoTowerError } from "./errors.ts";
import type { Schema } from "./features/declare.ts";
import { expectKind } from "./features/kinds.ts";
import { readBytes } from "./io/bytes.ts";
import { writeFileWhole } from "./io/write-file.ts";
import { TwoTower } from "./two-tower.ts";

/** Writes a trained model to one safetensors file. Throws BAD_ARGUMENT before the first `fit`, BAD_FILE if it cannot. */
export async function saveModel<S extends Schema>(path: string, model: TwoTower<S>): Promise<void> {
  if (!(model instanceof TwoTower))
    throw new TwoTowerError("BAD_ARGUMENT", "saveModel: the second argument is no model");
  await writeFileWhole(pathOf(path), model.save());
}

/** The model of a file. Throws BAD_FILE if it is missing or no model, CORRUPT if any of its bytes has changed. */
export async function loadModel(path: string): Promise<TwoTower<Schema>> {
  const bytes = await wholeFile(path);
  return named(path, () => TwoTower.load(bytes));
}

/**
 * Writes an index, exact or approximate, with attributes or without, in shards or whole, to one safetensors file, piece by piece: there is
 * no second copy of it, and it must not change until this is done.
 */
export async function saveIndex(path: string, index: VectorIndex<string>): Promise<void> {
  expectIndex(index);
  await writeFileWhole(pathOf(path), index.pieces());
}

const kinds = [HnswIndex, AttributedIndex, ShardedIndex];

/** The index of a file, of whatever kind it was saved as, read piece by piece to where it stays. Throws as `loadModel` does. */
export async function loadIndex(path: string): Promise<VectorIndex<string>> {
  pathOf(path);
  try {
    if (/\.gz$/i.test(path)) return indexFromBytes(await wholeFile(path), { kinds }); // how long it is inside, only reading tells
    const byteLength = await stat(path).then(
      ({ size }) => size,
      () => 0, // reading says why
    );
    return await readIndex<string>(readBytes(path), { byteLength, kinds });
  } catch (cause) {
    throw inFile(path, cause);
  }
}

/**
 * Options of `fit` that keep a checkpoint in a file after each epoch, and go on from the one that is there:
 *   await model.fit(data, { ...options, ...(await checkpointIn("run.checkpoint")) });
 * Run the same program again after it was interrupted. Remove the file once the model is saved.
 */
export async function checkpointIn(path: string): Promise<{
  /** What the file held, if there was one. */
  readonly resume: Uint8Array | undefined;
  /** Replaces the file. */
  readonly onCheckpoint: (checkpoint: Uint8Array) => Promise<void>;
}> {
  const exists = await stat(pathOf(path)).then(
    () => true,
    () => false,
  );
  return {
    resume: exists ? await wholeFile(path) : undefined,
    onCheckpoint: (checkpoint) => writeFileWhole(path, checkpoint),
  };
}

/** Throws BAD_ARGUMENT unless a path is text. */
function pathOf(path: string): string {
  expectKind("the path of the file", path, [(text) => typeof text === "string" && text !== "", "text"]);
  return path;
}

async function wholeFile(path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readBytes(pathOf(path))) pieces.push(piece);
  const { buffer, byteOffset, length } = Buffer.concat(pieces);
  return new Uint8Array(buffer, byteOffset, length); // a plain one: a Buffer's `slice` would not copy
}

function named<T>(path: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw inFile(path, cause);
  }
}

/** Says which file it was that was wrong. */
function inFile(path: string, cause: unknown): unknown {
  if (!(cause instanceof TwoTowerError) || cause.message.startsWith(path)) return cause;
  return new TwoTowerError(cause.code, `${path}: ${cause.message}`, { cause });
}
