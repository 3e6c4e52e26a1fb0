import { TwoTowerError } from "../errors.ts";

/** How a file keeps its rows. "adjacency": a line is a user and all its items, in order of time if there is one. */
export type Format =
  | { readonly kind: "delimited"; readonly delimiter: string; readonly quotes: boolean }
  | { readonly kind: "jsonl" }
  | { readonly kind: "adjacency" };

/** Names of formats, as an option gives them. */
export type FormatName = "csv" | "tsv" | "::" | "jsonl" | "adjacency";

/** Quotes have a meaning in CSV only: a film in a "::" file may be called `"Great Performances" Cats (1998)`. */
const FORMATS: Readonly<Record<FormatName, Format>> = {
  csv: { kind: "delimited", delimiter: ",", quotes: true },
  tsv: { kind: "delimited", delimiter: "\t", quotes: false },
  "::": { kind: "delimited", delimiter: "::", quotes: false },
  jsonl: { kind: "jsonl" },
  adjacency: { kind: "adjacency" },
};

/** Tried in this order: a comma may well occur in a title, two colons or a tab hardly. */
const DELIMITED: readonly Format[] = [
  FORMATS["::"],
  FORMATS.tsv,
  FORMATS.csv,
  { kind: "delimited", delimiter: ";", quotes: true },
  { kind: "delimited", delimiter: "|", quotes: false },
];

const BY_ENDING: readonly [ending: RegExp, format: Format][] = [
  [/\.csv$/i, FORMATS.csv],
  [/\.tsv$/i, FORMATS.tsv],
  [/\.(jsonl|ndjson)$/i, FORMATS.jsonl],
];

export const formatNamed = (name: FormatName): Format => FORMATS[name];

/** What format a file is in, by its first lines, and where these leave it open by its name. */
export function detectFormat(path: string, lines: readonly string[]): Format {
  const filled = lines.filter((line) => line.trim() !== "");
  const first = filled[0].trimStart()[0];
  if (first === "{") return FORMATS.jsonl;
  if (first === "[")
    throw new TwoTowerError("BAD_FILE", `${path} is a JSON list: write one JSON object a line instead (JSON lines)`);

  const named = BY_ENDING.find(([ending]) => ending.test(path.replace(/\.gz$/i, "")))?.[1];
  const candidates = named?.kind === "delimited" ? [named, ...DELIMITED] : DELIMITED;
  const delimited = candidates.find(
    (format) =>
      format.kind === "delimited" && filled.every((line) => fieldsIn(line, format.delimiter, format.quotes) > 1),
  );
  return delimited ?? named ?? spaced(filled) ?? FORMATS.csv;
}

/** Fields separated by spaces: rows of pairs, or users with their items. */
function spaced(lines: readonly string[]): Format | undefined {
  const rows = lines.map((line) => line.trim().split(/\s+/));
  if (rows.some((row) => row.length < 2)) return undefined;
  const users = new Set(rows.map(([user]) => user));
  const isTable = rows.every((row) => row.length === rows[0].length) && users.size < rows.length;
  return isTable ? { kind: "delimited", delimiter: " ", quotes: false } : FORMATS.adjacency;
}

function fieldsIn(line: string, delimiter: string, quotes: boolean): number {
  return (quotes ? line.replace(/"[^"]*"/g, "") : line).split(delimiter).length;
}
