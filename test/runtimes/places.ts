import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

export const here: string = import.meta.dirname;
export const root: string = resolve(here, "../..");
const tools = join(here, "node_modules");

/** A command that runs a JavaScript file: the words before the file's name. */
export interface Runtime {
  readonly name: string;
  readonly command: readonly [program: string, ...words: string[]];
}

/** Node as it runs the tests, the other Nodes, Deno and Bun: each a real one, from the npm registry. */
export const runtimes: readonly Runtime[] = [
  { name: "Node 20", command: ["node"] },
  { name: "Node 22", command: [join(tools, "node22/bin/node")] },
  { name: "Node 24", command: [join(tools, "node24/bin/node")] },
  { name: "Node 26", command: [join(tools, "node26/bin/node")] },
  { name: "Deno", command: [join(tools, "@deno/linux-x64-glibc/deno"), "run", "-A"] },
  { name: "Bun", command: [join(tools, "@oven/bun-linux-x64/bin/bun")] },
];

/** Why a runtime cannot be tried here, or undefined if it can. */
export function missing({ command: [program] }: Runtime): string | undefined {
  if (!program.includes("/")) return undefined;
  return existsSync(program) ? undefined : `there is no build of it for ${process.platform}-${process.arch}`;
}

/** The version a runtime says it is. */
export const versionOf = ({ command: [program] }: Runtime): string =>
  /\d+\.\d+\.\d+/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[0] ?? "?";

/** Path of Chromium, or undefined where there is none. */
export const chromiumPath: string | undefined = [process.env.TWOTOWER_CHROMIUM, "/usr/bin/chromium"].find(
  (path) => path && existsSync(path),
);
