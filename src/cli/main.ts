#!/usr/bin/env node
import { CommanderError } from "commander";
import { EXIT, failureOf, Interrupted } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { printableJson } from "./terminal.ts";

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
});

const words = process.argv.slice(2);
const flags = new Set(words);
try {
  const program = await buildProgram(words);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError && isHelp(error)) process.exitCode = error.exitCode && EXIT.usage;
  else report(error);
}

/** Help and the version have been written already; help that nobody asked for, after a bare `twotower`, is still an error. */
function isHelp({ code }: CommanderError): boolean {
  return code.startsWith("commander.help") || code === "commander.version";
}

function report(error: unknown): void {
  const { message, code, exitCode } = failureOf(error);
  process.stderr.write(`${flags.has("--debug") && error instanceof Error ? error.stack : `twotower: ${message}`}\n`);
  if (flags.has("--json")) process.stdout.write(`${printableJson({ error: { code, message } })}\n`);
  process.exitCode = exitCode;
  if (error instanceof Interrupted) process.exit(); // reading may still go on, for nobody
}
