import { TwoTowerError } from "../errors.ts";
import { quoted } from "../features/suggest.ts";
import { wordsOf } from "./words.ts";

/** What a file is for, where the reader knows; it helps to name columns that have no header. */
export type Role = "interactions" | "users" | "items";

interface ColumnName {
  readonly name: string;
  /** From a typed header such as "release_year:float". */
  readonly type?: string | undefined;
}

export interface Header {
  readonly columns: readonly ColumnName[];
  /** Whether the first row of the file is this header, not data. */
  readonly isFirstRow: boolean;
}

const TYPE = /^(.+):(token|token_seq|float|float_seq|int|str|string)$/;
const WORDS =
  /^(id|user|item|movie|product|title|name|genres?|rating|score|time|timestamp|date|age|gender|sex|year|category|tags?)$/;

/**
 * The columns of a file by its first rows. `names` are the names the caller gives: then no header is expected, unless
 * `hasHeader` says so.
 */
export function findHeader(
  path: string,
  rows: readonly (readonly string[])[],
  options: { names?: readonly string[] | undefined; hasHeader?: boolean | undefined; role?: Role | undefined },
): Header {
  const [first] = rows;
  const { names, role } = options;
  const isFirstRow = options.hasHeader ?? (names === undefined && looksLikeHeader(rows));
  if (names && names.length !== first.length)
    throw new TwoTowerError(
      "BAD_FILE",
      `${path} has ${first.length} columns, but ${names.length} names were given for them: ${quoted(names)}`,
    );
  if (names) return { columns: names.map((name) => ({ name })), isFirstRow };
  if (!isFirstRow) return { columns: customary(rows, role).map((name) => ({ name })), isFirstRow };
  const columns = first.map((cell, i): ColumnName => {
    const [, name = cell.trim(), type] = TYPE.exec(cell.trim()) ?? [];
    return { name: name || `column${i + 1}`, type };
  });
  return { columns, isFirstRow };
}

/** Whether the first row names the columns: it has no number, and something tells it from the rows below. */
function looksLikeHeader([first, ...rest]: readonly (readonly string[])[]): boolean {
  if (first.some((cell) => isNumber(cell))) return false;
  if (
    first.every((cell) => TYPE.test(cell.trim())) ||
    first.some((cell) => wordsOf(cell).some((word) => WORDS.test(word)))
  )
    return true;
  const standsOnNumbers = first.some((_, i) => rest.length > 0 && rest.every((row) => isNumber(row[i] ?? "")));
  return standsOnNumbers || first.every((cell) => /^[A-Za-z_][A-Za-z_ .-]*$/.test(cell.trim()));
}

/** Names for columns without a header, by the shapes that public data sets come in. */
function customary(rows: readonly (readonly string[])[], role: Role | undefined): string[] {
  const width = rows[0].length;
  const all = (column: number, test: RegExp): boolean => rows.every((row) => test.test(row[column] ?? ""));
  const known = ((): readonly string[] => {
    if (role === "interactions") {
      if (width === 3 && all(2, /^\d{9,}$/)) return ["user", "item", "timestamp"];
      return width <= 4 && all(width - 1, /^[\d.]+$/) ? ["user", "item", "rating", "timestamp"] : ["user", "item"];
    }
    if (role === "users" && width === 5 && all(1, /^[MF]$/)) return ["user", "gender", "age", "occupation", "zip"]; // ML-1M
    if (role === "users" && width === 5 && all(2, /^[MF]$/)) return ["user", "age", "gender", "occupation", "zip"]; // ML-100K
    if (role === "items" && width === 3 && rows.some((row) => row[2].includes("|"))) return ["item", "title", "genres"]; // ML-1M
    return role === undefined ? [] : [role === "users" ? "user" : "item"];
  })();
  return Array.from({ length: width }, (_, i) => known[i] ?? `column${i + 1}`);
}

const isNumber = (cell: string): boolean => cell.trim() !== "" && Number.isFinite(Number(cell));
