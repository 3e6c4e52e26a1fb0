import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { TwoTowerError } from "../errors.ts";
import { Json } from "../io/json.ts";
import { writeFileWhole } from "../io/write-file.ts";
import { type FlagTexts, flagText, nameOf, parseFlag, tellText } from "./flag-texts.ts";

/** Flags that a file cannot give. */
const NOT_IN_FILES = ["config", "json", "quiet", "debug", "help", "print-schema", "save-schema"];

/**
 * Lets a command take flags from a file: a JSON object such as { "learning-rate": "0.01", "hidden": "128,64" }, each
 * value read as if it had been typed. What is typed beside it wins.
 */
export function withConfig(command: Command): Command {
  return command
    .option("--config <file>", "flags from a file, such as the one tune writes; those given beside it win")
    .hook("preAction", readConfig);
}

async function readConfig(command: Command): Promise<void> {
  const { config: path } = command.opts<{ readonly config?: string }>();
  if (path === undefined) return;
  const options = command.options.filter((option) => option.long && !NOT_IN_FILES.includes(nameOf(option)));
  const flags = (await readJson(path, "flags that tune wrote, or a JSON object of them")).members(options.map(nameOf));
  for (const [flag, json] of flags) {
    const option = options.find((option) => nameOf(option) === flag)!;
    const value = parseFlag(options, flag, json); // checked even if it is not used
    if (command.getOptionValueSource(option.attributeName()) === "cli") continue;
    command.setOptionValueWithSource(option.attributeName(), value, "config");
    tellText(command, option, flagText(option, json));
  }
}

export async function writeConfig(path: string, flags: FlagTexts): Promise<void> {
  await writeFileWhole(path, `${JSON.stringify(flags, null, 2)}\n`);
}

/** A JSON document of the user's. `what` is what to give instead of one that cannot be read. */
export async function readJson(path: string, what: string): Promise<Json> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new TwoTowerError("BAD_FILE", `${path} cannot be read: give ${what}`, { cause });
  });
  try {
    return new Json(JSON.parse(text), { name: path, code: "BAD_FILE" });
  } catch (cause) {
    throw new TwoTowerError("BAD_FILE", `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
