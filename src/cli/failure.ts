import { CommanderError } from "commander";
import { TwoTowerError } from "../errors.ts";
import { printable } from "./terminal.ts";

/** What the shell gets to know. Documented in `twotower --help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A mistake on the command line that the parser cannot see: options that do not go together. */
export class UsageError extends Error {}

/** Ctrl-C. */
export class Interrupted extends Error {}

/** An error as the user sees it. */
export interface Failure {
  /** One line: what, where, mend. */
  readonly message: string;
  /** A stable word: one of the library's error codes, or USAGE, INTERRUPTED, INTERNAL. */
  readonly code: string;
  readonly exitCode: number;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof TwoTowerError)
    return { message: oneLine(error.message), code: error.code, exitCode: EXIT.failed };
  if (error instanceof Interrupted) return { message: error.message, code: "INTERRUPTED", exitCode: EXIT.interrupted };
  if (error instanceof CommanderError || error instanceof UsageError)
    return { message: oneLine(error.message).replace(/^error: /, ""), code: "USAGE", exitCode: EXIT.usage };
  const message = error instanceof Error ? error.message : String(error);
  return {
    message: `unexpected: ${oneLine(message)}; run again with --debug to see where`,
    code: "INTERNAL",
    exitCode: EXIT.failed,
  };
}

const oneLine = (text: string): string => printable(text.replace(/\s*\n\s*/g, " ").trim());
