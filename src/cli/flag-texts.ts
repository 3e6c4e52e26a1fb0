import { type Command, CommanderError, Option } from "commander";
import type { Json } from "../io/json.ts";

/** Flags as they would be typed, by their long names without dashes; true for those that take no value. */
export type FlagTexts = { readonly [flag: string]: string | true };

/** The long name of an option, without dashes. */
export const nameOf = (option: Option): string => (option.long as string).slice(2);

/** The value that the command line's own parser makes of a flag in a file; what it refuses is named with its place. */
export function parseFlag(options: readonly Option[], flag: string, json: Json): unknown {
  const option = options.find((option) => nameOf(option) === flag)!;
  const text = flagText(option, json);
  if (text === true) return true;
  try {
    return option.parseArg ? option.parseArg(text, undefined) : text;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    const [first = "", ...rest] = cause.message.replace(/\.$/, "");
    throw json.error(`is ${JSON.stringify(json.value)}: ${first.toLowerCase()}${rest.join("")}`, { cause });
  }
}

/** A flag in a file as text. Numbers may stand there as numbers. */
export function flagText(option: Option, json: Json): string | true {
  if (option.isBoolean()) {
    if (json.value !== true) throw json.expected("true, or leave the flag out");
    return true;
  }
  return typeof json.value === "number" ? String(json.number()) : json.text();
}

/** A command's options, with values checked by the given command's parsers but kept as the text they were. */
export function asTexts(command: Command, options: readonly Option[]): Command {
  for (const { flags, description, parseArg } of options)
    command.addOption(
      new Option(flags, description).argParser((text: string) => {
        parseArg?.(text, undefined);
        return text;
      }),
    );
  return command;
}

/**
 * The options of a command that were given, as texts. To be called before it parses: commander keeps values alone, but
 * tells of each text as it comes. Who takes an option from elsewhere tells of it too, by `tellText`.
 */
export function rememberTexts(command: Command): () => FlagTexts {
  const texts = new Map<string, string | true>();
  for (const option of command.options)
    for (const event of [`option:${option.name()}`, textEvent(option)])
      command.on(event, (text?: string | null) => texts.set(nameOf(option), text ?? true));
  return () => Object.fromEntries(texts);
}

export function tellText(command: Command, option: Option, text: string | true): void {
  (command as Command & Pick<NodeJS.EventEmitter, "emit">).emit(textEvent(option), text); // its types leave that out
}

const textEvent = (option: Option): string => `text:${option.name()}`;

/** Flags as they are typed. */
export function typed(flags: FlagTexts): string {
  return Object.entries(flags)
    .map(([flag, text]) => (text === true ? `--${flag}` : `--${flag} ${text}`))
    .join(" ");
}
