import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addCompare } from "./commands/compare.ts";
import { addDemo } from "./commands/demo.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addIndex } from "./commands/index.ts";
import { addInspect } from "./commands/inspect.ts";
import { addRecall } from "./commands/recall.ts";
import { addReport } from "./commands/report.ts";
import { addSimilar } from "./commands/similar.ts";
import { addSplit } from "./commands/split.ts";
import { addTrain } from "./commands/train.ts";
import { addTune } from "./commands/tune.ts";

const COMMANDS = [
  addDemo,
  addSplit,
  addTrain,
  addTune,
  addEvaluate,
  addCompare,
  addReport,
  addIndex,
  addRecall,
  addSimilar,
  addInspect,
];

const AFTER_HELP = `
From one file of interactions to recommendations:
  twotower split ratings.csv --out parts --validation
  twotower train --interactions parts/train.csv --validation parts/validation.csv --items movies.csv --out model
  twotower evaluate model --test parts/test.csv
  twotower report model --test parts/test.csv --out report.html
  twotower index model
  twotower recall model --user-id 42

Results go to stdout, what happens meanwhile to stderr. With --json stdout is one JSON document;
if the command fails it is { "error": { "code", "message" } }.

Exit codes: 0 done, 1 bad data or a failure, 2 a mistake on the command line, 130 interrupted (Ctrl-C).
Colours are left out where output is no terminal, and with NO_COLOR set.`;

/** The whole command line. Mistakes are thrown, for one place to report them. */
export function buildProgram(): Command {
  const program = new Command("twotower")
    .description("Two-tower recommendation recall: train on your files, evaluate, index, recall.")
    .version(versionOf())
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .addHelpText("after", AFTER_HELP);
  for (const add of COMMANDS)
    add(program)
      .option("--json", "one JSON document on stdout, with stable field names")
      .option("--quiet", "nothing on stderr but errors")
      .option("--debug", "show where an error came from");
  return program;
}

function versionOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}
