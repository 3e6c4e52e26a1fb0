import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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
 * an instant between two renames there is neither the old one nor the new one.
 */
export async function writeFolderWhole(path: string, fill: (draft: string) => Promise<void>): Promise<void> {
  await wellNamed(path, async () => {
    const draft = draftOf(path);
    const old = draftOf(path);
    await mkdir(draft, { recursive: true });
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

async function writeDurably(path: string, content: string | Uint8Array | Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content as Parameters<typeof file.writeFile>[0]);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** In the same folder, because only there renaming is one step. */
const draftOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);

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
  ["ENOSPC", "the disk is full: make room, or choose another place"],
  ["EISDIR", "there is a folder of that name"],
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
