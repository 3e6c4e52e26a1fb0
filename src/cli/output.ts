import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { TwoTowerError } from "../errors.ts";
import { UsageError } from "./failure.ts";
import { checkWritable } from "./model-folder.ts";

/** What a command reads, and folders that keep files of their own: nothing it writes may come in their way. */
export interface Occupied {
  readonly inputs: readonly (string | undefined)[];
  readonly folders?: readonly (string | undefined)[];
}

/**
 * Refuses a file to write that is one the command reads or lies in a folder such as a model's, or that cannot be
 * written. Before long work, to lose neither time nor data.
 */
export async function checkOutput(option: string, path: string, { inputs, folders = [] }: Occupied): Promise<void> {
  const own = await realPlace(path);
  const found = await stat(path).catch(() => undefined);
  for (const input of inputs)
    if (input !== undefined && own === (await realPlace(input)))
      throw new UsageError(`${input} would be written over: give another ${option}`);
  for (const folder of folders) {
    if (folder === undefined) continue;
    const place = await realPlace(folder);
    if (own === place) throw new UsageError(`${path} would be written over: give another ${option}`);
    if (own.startsWith(place.endsWith(sep) ? place : place + sep))
      throw new UsageError(
        found
          ? `${path} would be written over, a file of ${folder}: give another ${option}`
          : `${path} would be in ${folder}, which keeps only files of its own: give another ${option}`,
      );
  }
  if (found && !found.isFile())
    throw new TwoTowerError(
      "BAD_FILE",
      `cannot write ${path}: ${found.isDirectory() ? "there is a folder of that name" : "it is no plain file"}`,
    );
  await checkWritable(path);
}

/** Where a path leads, links followed, also if only the first part of it is there. */
async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  const parent = dirname(whole);
  return realpath(whole).catch(async () => (parent === whole ? whole : join(await realPlace(parent), basename(whole))));
}
