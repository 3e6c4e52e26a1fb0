import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { TwoTowerError } from "../errors.ts";

/**
 * Writes a file so that at any moment, even if the power fails, there is either the old one or the new one whole:
 * into another file beside it, which takes its name when all is on the disk. Makes the folder if need be.
 */
export async function writeFileWhole(path: string, content: string | Uint8Array | Iterable<Uint8Array>): Promise<void> {
  await wellNamed(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const draft = draftOf(path);
    try {
      await writeDurably(draft, content);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await flushFolder(dirname(path));
  });
}

/**
 * Writes a folder of files so that nobody ever finds half of one. `fill` gets a draft folder to write into, which takes
 * the name when all is there; if it throws, nothing has changed. Systems cannot exchange two folders in one step: for
 * an instant between two renames there is neither the old one nor the new one. Whoever is killed right then leaves
 * both behind, whole, and `recoverFolder` puts the new one in place.
 */
export async function writeFolderWhole(path: string, fill: (draft: string) => Promise<void>): Promise<void> {
  await wellNamed(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await recoverFolder(path);
    await removeLeftovers(path);
    const draft = draftOf(path);
    const old = oldOf(draft);
    await mkdir(draft);
    try {
      await fill(draft);
      await flushFolder(draft);
      const hadOld = await renameIfThere(path, old); // a folder that is not empty cannot be renamed over
      try {
        await rename(draft, path);
      } catch (error) {
        if (hadOld) await rename(old, path);
        throw error;
      }
      await flushFolder(dirname(path));
      await rm(old, { recursive: true, force: true });
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
  });
}

/**
 * Mends a folder whose writer was killed between its two renames. Only then is the folder gone while its old version
 * stands beside a draft, and only a draft that is complete has come so far.
 */
export async function recoverFolder(path: string): Promise<void> {
  for (let tries = 0; tries < 40 && !(await isThere(path)); tries++) {
    const found = await leftovers(path);
    const old = found.find(({ name }) => name.endsWith(OLD));
    if (old === undefined) return; // there never was such a folder
    if (isRunning(old.writer)) {
      await setTimeout(25); // it is just about to rename
      continue;
    }
    const draft = found.find(({ name }) => name.endsWith(DRAFT) && oldOf(name) === old.name);
    await rename(join(dirname(path), (draft ?? old).name), path);
  }
}

/** Removes what writers of `path` left that were killed: drafts, and old versions when the new one is in place. */
export async function removeLeftovers(path: string): Promise<void> {
  for (const { name, writer } of await leftovers(path))
    if (!isRunning(writer)) await rm(join(dirname(path), name), { recursive: true, force: true });
}

/** The drafts and old versions of `path` that stand beside it, and the processes that put them there. */
async function leftovers(path: string): Promise<{ readonly name: string; readonly writer: number }[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  return names.flatMap((name) => {
    const [, own, writer] = /^\.(.+)\.(\d+)-[0-9a-f]{8}\.(?:tmp|old)$/.exec(name) ?? [];
    return own === basename(path) ? [{ name, writer: Number(writer) }] : [];
  });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Signal 0 is not sent; it only tells whether it could be. */
function isRunning(process_: number): boolean {
  try {
    return process.kill(process_, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // somebody else's
  }
}

async function writeDurably(path: string, content: string | Uint8Array | Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content as Parameters<typeof file.writeFile>[0]);
    await file.sync();
  } finally {
    await file.close();
  }
}

const DRAFT = ".tmp";
const OLD = ".old";

/** In the same folder, because only there renaming is one step. */
const draftOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}${DRAFT}`);

/** Where what a draft replaces stands meanwhile. */
const oldOf = (draft: string): string => `${draft.slice(0, -DRAFT.length)}${OLD}`;

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** A new name is on the disk when its folder is. Windows cannot open folders, and needs no such thing. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission is denied: choose another place"],
  ["EPERM", "permission is denied: choose another place"],
  ["EROFS", "the disk is read-only: choose another place"],
  ["ENOENT", "no file can be made there: choose another place"],
  ["ENOSPC", "the disk is full: make room, or choose another place"],
  ["EISDIR", "there is a folder of that name"],
  ["ENAMETOOLONG", "the name is longer than the file system allows"],
  ["ENOTDIR", "part of the path is a file, not a folder"],
  ["EEXIST", "part of the path is a file, not a folder"],
]);

async function wellNamed(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const problem = PROBLEMS.get((cause as NodeJS.ErrnoException).code ?? "");
    throw problem === undefined ? cause : new TwoTowerError("BAD_FILE", `cannot write ${path}: ${problem}`, { cause });
  }
}
