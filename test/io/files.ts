import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";
import type { FileTable } from "../../src/io/file-table.ts";

/** A folder that is gone when the tests of a file are done. */
export function folderForTests(): string {
  const folder = mkdtempSync(join(tmpdir(), "twotower-io-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let written = 0;

/** Writes a file of its own under a name that ends in `name`. */
export function fileWith(folder: string, content: string | Uint8Array, name = "rows.csv"): string {
  const path = join(folder, `${written++}-${name}`);
  writeFileSync(path, content);
  return path;
}

/** A table as plain columns, to compare with. */
export function columnsOf(table: FileTable): Record<string, unknown[]> {
  return Object.fromEntries(Array.from(table.columns, ([name, column]) => [name, column.cells()]));
}

/** Public data sets, which are not part of this repository; undefined where they are not installed. */
const data = process.env.TWOTOWER_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
export const dataFolder: string | undefined = existsSync(join(data, "ml-latest-small")) ? data : undefined;
export const absent = `(no data sets in ${data}: set TWOTOWER_DATA)`;
