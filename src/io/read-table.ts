import { TwoTowerError } from "../errors.ts";
import { readAdjacency } from "./adjacency.ts";
import type { OnBytes } from "./bytes.ts";
import { firstRows, readDelimited } from "./delimited.ts";
import { FileTable } from "./file-table.ts";
import { detectFormat, type Format, type FormatName, formatNamed } from "./format.ts";
import { findHeader, type Role } from "./header.ts";
import { readJsonLines } from "./json-lines.ts";
import { type Encoding, NotUtf8, readText } from "./text.ts";

export interface ReadOptions {
  /** What the file is for: names the columns of files that have no header, if they look like a known data set. */
  readonly role?: Role | undefined;
  /** Names of the columns, for files without a header. */
  readonly columns?: readonly string[] | undefined;
  /** Whether the first row is a header; found out if absent. */
  readonly header?: boolean | undefined;
  /** Found out by content and name if absent. */
  readonly format?: FormatName | undefined;
  readonly onBytes?: OnBytes | undefined;
}

/** Enough text to know a file by. */
const HEAD = 1 << 16;
const SAMPLE_ROWS = 50;

/**
 * Reads a file of rows: CSV, TSV, "::"-separated as MovieLens has it, JSON lines, or a user with its items on each line;
 * gzip or not, UTF-8 or ISO-8859-1. It is read in one stream, and keeps columns, not rows.
 * Throws BAD_FILE if it is missing, empty, cut short, or has a row that does not fit: the line is named.
 */
export async function readTable(path: string, options: ReadOptions = {}): Promise<FileTable> {
  try {
    return await read(path, "utf-8", options);
  } catch (error) {
    if (error instanceof NotUtf8) return read(path, "iso-8859-1", options);
    throw error;
  }
}

async function read(path: string, encoding: Encoding, options: ReadOptions): Promise<FileTable> {
  const pieces = readText(path, encoding, options.onBytes);
  const { head, text } = await peek(pieces);
  const lines = head.split("\n").slice(0, SAMPLE_ROWS + 1);
  if (lines.length > 1) lines.pop(); // it may be cut off in the middle
  if (lines.every((line) => line.trim() === ""))
    throw new TwoTowerError("BAD_FILE", `${path} is empty: it has no rows`);

  const format = options.format ? formatNamed(options.format) : detectFormat(path, lines);
  const table = await parse(path, format, head, text, options);
  if (table.count === 0) throw new TwoTowerError("BAD_FILE", `${path} is empty: it has a header but no rows`);
  return table;
}

async function parse(
  path: string,
  format: Format,
  head: string,
  text: AsyncIterable<string>,
  options: ReadOptions,
): Promise<FileTable> {
  switch (format.kind) {
    case "jsonl": {
      const table = new FileTable(path, format, []);
      await readJsonLines(table, text);
      return table;
    }
    case "adjacency": {
      const [user, item] = options.columns ?? ["user", "item"];
      const table = new FileTable(path, format, [{ name: user }, { name: item }]);
      await readAdjacency(table, text);
      return table;
    }
    case "delimited": {
      const rows = firstRows(head, format, SAMPLE_ROWS);
      const { columns, isFirstRow } = findHeader(path, rows, {
        ...options,
        names: options.columns,
        hasHeader: options.header,
      });
      const table = new FileTable(path, format, columns);
      await readDelimited(table, text, format, isFirstRow ? 1 : 0);
      return table;
    }
  }
}

/** The beginning of a text, and all of it once more. */
async function peek(pieces: AsyncGenerator<string>): Promise<{ head: string; text: AsyncGenerator<string> }> {
  let head = "";
  while (head.length < HEAD) {
    const next = await pieces.next();
    if (next.done) break;
    head += next.value;
  }
  async function* text(): AsyncGenerator<string> {
    yield head;
    yield* pieces;
  }
  return { head: head.slice(0, HEAD), text: text() };
}
