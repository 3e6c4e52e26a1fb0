import { styleText } from "node:util";

/** Flags that every command has. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Where a command writes: results to stdout, what happens meanwhile to stderr. */
export class Terminal {
  readonly #json: boolean;
  readonly quiet: boolean;
  /** Whether a person watches stderr: then bars, else plain lines. */
  readonly isWatched: boolean = process.stderr.isTTY === true && process.env.TERM !== "dumb";

  constructor({ json = false, quiet = false }: OutputFlags) {
    this.#json = json;
    this.quiet = quiet;
  }

  /** What the command was asked for: with --json exactly one document, else text for people. */
  result(document: object, text: () => string): void {
    process.stdout.write(`${this.#json ? printableJson(document, 2) : text()}\n`);
  }

  /** A line on what happens. */
  note(line: string): void {
    if (!this.quiet) process.stderr.write(`${line}\n`);
  }

  /** Styles text for stdout, if a terminal shows it and nobody minds (https://no-color.org). */
  style(style: Style, text: string): string {
    return styled(process.stdout, style, text);
  }

  /** As `style`, for notes. */
  noteStyle(style: Style, text: string): string {
    return styled(process.stderr, style, text);
  }
}

/**
 * Text from somebody's data, without what a terminal would obey: a title must not clear the screen, break a table's row or
 * turn its direction around.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** A document as JSON, with escapes for what JSON would let through and a terminal obey: a reader gets the same text. */
export function printableJson(document: object, indent?: number): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(document, null, indent).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escaped);
}

function styled(stream: NodeJS.WriteStream, style: Style, text: string): string {
  const plain = stream.isTTY !== true || Boolean(process.env.NO_COLOR) || process.env.TERM === "dumb";
  return plain ? text : styleText(style, text);
}
