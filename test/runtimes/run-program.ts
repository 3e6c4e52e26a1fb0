import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What program/program.js returns: `bits` must be the same everywhere, to the last one. */
export interface Result {
  readonly seconds: number;
  /** How many really computed. */
  readonly threads: number;
  readonly bits: {
    readonly losses: readonly number[];
    readonly weights: string;
    readonly graph: string;
    readonly exact: string;
    readonly topK: { readonly graph: readonly [id: string, score: number][][] };
    readonly loaded: { readonly same: boolean; readonly model: boolean };
    readonly goneOn: readonly [string, string];
  };
}

/** Runs program/program.js in a runtime, in the folder of the app. */
export async function runProgram(
  [program, ...words]: readonly [string, ...string[]],
  app: string,
  options: { readonly threads: number },
): Promise<Result> {
  const { stdout } = await promisify(execFile)(program, [...words, "main.js", JSON.stringify(options)], { cwd: app });
  return JSON.parse(stdout);
}
