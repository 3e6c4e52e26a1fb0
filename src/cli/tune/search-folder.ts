import { createReadStream } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { TwoTowerError } from "../../errors.ts";
import { checkpointIn } from "../../files.ts";
import { removeLeftovers, writeFileWhole } from "../../io/write-file.ts";
import { Checksum } from "../../tensor/checksum.ts";
import type { FlagTexts } from "../flag-texts.ts";

/** A set of flags, and what is known of it. */
export interface Trial {
  /** What was drawn; what is the same for all trials is not among it. */
  readonly flags: FlagTexts;
  /** The metric after each epoch so far. */
  readonly curve: number[];
  seconds: number;
  /** Whether it stopped by itself: it got no better, or reached the whole length. */
  isOver: boolean;
  /** Why it cannot be trained. */
  failure?: string;
}

/** What must be the same for a search to go on: by name, as texts. */
export type SearchTask = { readonly [name: string]: string };

const VERSION = 1;
const SEARCH = "search.json";
/** The files of a search, and drafts of them that somebody left who was killed. */
const OWN = /^\.?(search\.json|trial-\d+\.checkpoint)(?:$|\.\d+-)/;

/**
 * Where a search keeps what it needs to go on: the trials' curves, written after every epoch, and a checkpoint of each
 * trial that may go on. The curves are written first, so that a checkpoint never knows more than they do.
 */
export class SearchFolder {
  readonly path: string;
  readonly trials: readonly Trial[];
  readonly #task: SearchTask;

  private constructor(path: string, task: SearchTask, trials: readonly Trial[]) {
    this.path = path;
    this.#task = task;
    this.trials = trials;
  }

  /** Goes on with the search in a folder, or begins one. Throws BAD_FILE if another search is in it. */
  static async open(path: string, task: SearchTask, drawn: readonly FlagTexts[]): Promise<SearchFolder> {
    const file = join(path, SEARCH);
    const names = await readdir(path).catch(notThere);
    const others = names.filter((name) => !OWN.test(name));
    if (others.length > 0)
      throw new TwoTowerError(
        "BAD_FILE",
        `${path} holds "${others[0]}", which is no part of a search: give a new folder`,
      );
    for (const name of new Set(names.map((name) => OWN.exec(name)![1]))) await removeLeftovers(join(path, name));
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) {
      const trials = drawn.map((flags) => ({ flags, curve: [], seconds: 0, isOver: false }));
      const folder = new SearchFolder(path, task, trials);
      await folder.save();
      return folder;
    }
    const saved = parsed(text, file);
    const changes = [...new Set([...Object.keys(saved.task), ...Object.keys(task)])]
      .filter((name) => saved.task[name] !== task[name])
      .map((name) =>
        name.startsWith("the ")
          ? `${name} has changed`
          : `${name} was ${saved.task[name] ?? "not given"} and is ${task[name] ?? "not given"}`,
      );
    if (changes.length > 0)
      throw new TwoTowerError(
        "BAD_FILE",
        `${path} keeps another search: ${changes.join("; ")}. Pass what was passed then, or give another --state, or remove it`,
      );
    return new SearchFolder(path, task, saved.trials);
  }

  async save(): Promise<void> {
    const content = { version: VERSION, task: this.#task, trials: this.trials };
    await writeFileWhole(join(this.path, SEARCH), `${JSON.stringify(content, null, 1)}\n`);
  }

  /** What keeps a trial's checkpoint, and the one that is there. */
  checkpoint(trial: number): ReturnType<typeof checkpointIn> {
    return checkpointIn(this.checkpointPath(trial));
  }

  async forget(trial: number): Promise<void> {
    await rm(this.checkpointPath(trial), { force: true });
  }

  checkpointPath(trial: number): string {
    return join(this.path, `trial-${trial + 1}.checkpoint`);
  }
}

const notThere = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return []; // writing says what is wrong, if anything
  throw error;
};

function parsed(text: string, file: string): { readonly task: SearchTask; readonly trials: Trial[] } {
  const mend = "restore a copy, or remove the folder to begin anew";
  try {
    const saved = JSON.parse(text) as { version: number; task: SearchTask; trials: Trial[] };
    if (saved.version === VERSION) return saved;
    throw new TwoTowerError(
      "BAD_FILE",
      `${file} is of version ${saved.version}; this release reads ${VERSION}: ${mend}`,
    );
  } catch (cause) {
    if (cause instanceof TwoTowerError) throw cause;
    throw new TwoTowerError("CORRUPT", `${file} is not JSON: ${mend}`, { cause });
  }
}

/** A file's checksum, read piece by piece. */
export async function fileChecksum(path: string): Promise<string> {
  const sum = new Checksum();
  for await (const piece of createReadStream(path)) sum.add(piece as Buffer);
  return sum.digits();
}
