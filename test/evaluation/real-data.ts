import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { groupByUser, type Interactions, type UserItems } from "../../src/features/interactions.ts";

/** Where the public data sets lie that are not part of this repository. */
const folder = process.env.TWOTOWER_DATA ?? resolve(import.meta.dirname, "../../../shared/data");

/** The path of a data set's file, or undefined where it is not installed. */
export function dataFile(path: string): string | undefined {
  const file = join(folder, path);
  return existsSync(file) ? file : undefined;
}

/** The independent evaluator, where installed. */
export const evaluator: string | undefined = dataFile("evaluate.mjs");

/** Said beside a skipped test. */
export const absent: string = `(skipped: not found in ${folder}; set TWOTOWER_DATA)`;

/** Reads "user item item …" lines. */
export function readPairs(file: string): Pick<Interactions, "users" | "items"> {
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  const users: number[] = [];
  const items: number[] = [];
  for (const line of text.split("\n")) {
    const [user, ...own] = line.split(/\s+/).filter(Boolean).map(Number);
    for (const item of own) {
      users.push(user);
      items.push(item);
    }
  }
  return { users: Int32Array.from(users), items: Int32Array.from(items) };
}

/** Training and test pairs of a split that comes as two files. */
export function readSplit(
  trainFile: string,
  testFile: string,
): { train: UserItems; test: UserItems; itemCount: number } {
  const [train, test] = [readPairs(trainFile), readPairs(testFile)];
  const count = (rows: Iterable<number>[]) => rows.flatMap((r) => [...r]).reduce((a, b) => Math.max(a, b), -1) + 1;
  const userCount = count([train.users, test.users]);
  return {
    train: groupByUser(train, userCount),
    test: groupByUser(test, userCount),
    itemCount: count([train.items, test.items]),
  };
}

/** What the independent evaluator prints; it runs beside us, so ask first and compute ours meanwhile. */
export async function runEvaluator(args: readonly string[]): Promise<{ readonly [figure: string]: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [evaluator as string, ...args]);
  return JSON.parse(stdout);
}

/** Gives the evaluator texts as files: `withFiles({ train: "0 1 2\n" }, ({ train }) => …)`. */
export async function withFiles<K extends string>(
  texts: Record<K, string>,
  use: (paths: Record<K, string>) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "twotower-evaluation-"));
  try {
    const paths = {} as Record<K, string>;
    for (const name of Object.keys(texts) as K[]) {
      paths[name] = join(directory, name);
      writeFileSync(paths[name], texts[name]);
    }
    await use(paths);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
