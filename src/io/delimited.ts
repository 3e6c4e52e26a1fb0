import { Readable } from "node:stream";
import Papa from "papaparse";
import { TwoTowerError } from "../errors.ts";
import { quoted } from "../features/suggest.ts";
import type { FileTable } from "./file-table.ts";
import type { Format } from "./format.ts";

type Delimited = Extract<Format, { kind: "delimited" }>;

/** A single row longer than this is a quote that nobody closed; reading on would take the whole file for one field. */
const LONGEST_ROW = 1 << 24;

/** The first rows of a text. */
export function firstRows(text: string, { delimiter, quotes }: Delimited, count: number): string[][] {
  const parsed = Papa.parse<string[]>(text, { ...settings(delimiter, quotes), preview: count + 1 });
  return parsed.data.filter((row) => !isBlank(row)).slice(0, count);
}

/** Reads rows into a table, `skip` of them not: the header. Throws BAD_FILE with the line of a row that does not fit. */
export function readDelimited(
  table: FileTable,
  text: AsyncIterable<string>,
  format: Delimited,
  skip: number,
): Promise<void> {
  const columns = [...table.columns.values()];
  const names = quoted(table.columns.keys());
  let line = 1;
  let fed = 0;
  const wrong = (at: number, problem: string): TwoTowerError =>
    new TwoTowerError("BAD_FILE", `${table.path}, line ${at}: ${problem}`);

  const addRow = (row: readonly string[]): void => {
    const start = line++;
    if (isBlank(row)) return;
    if (format.quotes) for (const field of row) line += newlinesIn(field);
    if (skip > 0) {
      skip--;
      return;
    }
    if (row.length < columns.length)
      throw wrong(start, `${row.length} field${row.length === 1 ? "" : "s"}, expected ${columns.length}: ${names}`);
    if (row.length > columns.length && row.slice(columns.length).some((field) => field !== ""))
      // a last "," is harmless
      throw wrong(start, `${row.length} fields, expected ${columns.length}: ${names}. ${tooManyMend(format)}`);
    table.lines.push(start);
    for (let i = 0; i < columns.length; i++) columns[i].add(unquoted(row[i].trim(), format));
  };

  async function* counted(): AsyncGenerator<string> {
    for await (const chunk of text) {
      fed += chunk.length;
      if (chunk !== "") yield chunk;
    }
  }

  return new Promise((resolve, reject) => {
    const stream = Readable.from(counted());
    const fail = (error: unknown): void => {
      stream.destroy();
      reject(error);
    };
    Papa.parse<string[]>(stream, {
      ...settings(format.delimiter, format.quotes),
      chunk({ data, errors, meta }) {
        const quote = errors.find(({ type }) => type === "Quotes");
        data.forEach((row, i) => {
          if (quote && quote.row === i)
            throw wrong(line, 'a quoted field is not closed, or has a quote inside that is not doubled ("")');
          addRow(row);
        });
        if (fed - meta.cursor > LONGEST_ROW) throw wrong(line, "a quoted field is never closed");
      },
      complete: () => resolve(),
      error: fail,
    });
  });
}

function settings(delimiter: string, quotes: boolean): { delimiter: string; newline: "\n"; fastMode?: boolean } {
  return { delimiter, newline: "\n", ...(quotes ? {} : { fastMode: true }) };
}

const isBlank = (row: readonly string[]): boolean => row.length === 1 && row[0].trim() === "";

/** Some tools quote in TSV too: a field that is quoted as a whole is taken at what it means. */
function unquoted(field: string, { quotes }: Delimited): string {
  if (quotes || !field.startsWith('"') || !/^"(?:[^"]|"")*"$/.test(field)) return field;
  return field.slice(1, -1).replaceAll('""', '"');
}

function newlinesIn(field: string): number {
  return field.includes("\n") ? field.split("\n").length - 1 : 0;
}

const tooManyMend = ({ quotes }: Delimited): string =>
  quotes ? "A field that contains the separator must be in quotes" : "A field must not contain the separator";
