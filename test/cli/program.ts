import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** The program as it is shipped. */
const main = join(root, "dist/cli/main.js");

/** How a process ended, and what it wrote. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program; its output goes into pipes, so no terminal watches. */
export function start(args: readonly string[], cwd?: string): ChildProcess {
  expectFresh();
  return spawn(process.execPath, [main, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs the program to its end. */
export function twotower(...args: string[]): Promise<Run> {
  return ended(start(args));
}

export function ended(child: ChildProcess): Promise<Run> {
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a command that must succeed, and reads the one JSON document it prints. */
export async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await twotower(...args, "--json");
  if (code !== 0) throw new Error(`twotower ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

let isFresh = false;

/** These tests run what was built: `npm test` builds first, a bare vitest does not. */
function expectFresh(): void {
  if (isFresh) return;
  const src = join(root, "src");
  const times = readdirSync(src, { recursive: true, encoding: "utf8" }).map(
    (file) => statSync(join(src, file)).mtimeMs,
  );
  const built = statSync(main, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built < Math.max(...times)) throw new Error("dist is older than src: run npm run build, or npm test");
  isFresh = true;
}
