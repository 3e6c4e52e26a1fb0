import { readFileSync } from "node:fs";
import { Command } from "commander";

type Add = (program: Command) => Command;

/** The commands in the order of the help. Each is loaded when it is asked for: what it needs, others do not wait for. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  demo: async () => (await import("./commands/demo.ts")).addDemo,
  split: async () => (await import("./commands/split.ts")).addSplit,
  train: async () => (await import("./commands/train.ts")).addTrain,
  tune: async () => (await import("./commands/tune.ts")).addTune,
  evaluate: async () => (await import("./commands/evaluate.ts")).addEvaluate,
  compare: async () => (await import("./commands/compare.ts")).addCompare,
  report: async () => (await import("./commands/report.ts")).addReport,
  index: async () => (await import("./commands/index.ts")).addIndex,
  recall: async () => (await import("./commands/recall.ts")).addRecall,
  similar: async () => (await import("./commands/similar.ts")).addSimilar,
  serve: async () => (await import("./commands/serve.ts")).addServe,
  inspect: async () => (await import("./commands/inspect.ts")).addInspect,
};

const AFTER_HELP = `
From one file of interactions to recommendations:
  twotower split ratings.csv --out parts --validation
  twotower train --interactions parts/train.csv --validation parts/validation.csv --items movies.csv --out model
  twotower evaluate model --test parts/test.csv
  twotower report model --test parts/test.csv --out report.html
  twotower index model
  twotower recall model --user-id 42
  twotower serve model

Results go to stdout, what happens meanwhile to stderr. With --json stdout is one JSON document;
if the command fails it is { "error": { "code", "message" } }.

Exit codes: 0 done, 1 bad data or a failure, 2 a mistake on the command line, 130 interrupted (Ctrl-C).
Colours are left out where output is no terminal, and with NO_COLOR set.`;

/** The command line, for these words. Mistakes are thrown, for one place to report them. */
export async function buildProgram([word = ""]: readonly string[]): Promise<Command> {
  const program = new Command("twotower")
    .description("Two-tower recommendation recall: train on your files, evaluate, index, recall.")
    .version(versionOf())
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .addHelpText("after", AFTER_HELP);
  const all = Object.keys(COMMANDS); // help lists them, and a slip gets the nearest one suggested
  const wanted = Object.hasOwn(COMMANDS, word) ? [word] : all;
  const adders = await Promise.all(wanted.map((name) => COMMANDS[name]()));
  for (const add of adders)
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
