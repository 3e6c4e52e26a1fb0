import { TwoTowerError } from "../errors.ts";
import type { Key } from "./declare.ts";
import type { TimeUnit } from "./declare-number.ts";
import { show } from "./options.ts";
import { secondsOf } from "./time.ts";

/** Larger numbers are slips, not data; and the squares of these can still be added up. */
const LARGEST = 1e150;

/** Which table some cells belong to, as messages call it. */
export type TableName = "users" | "items" | "interactions";

/** The cells of one column, and where they came from. */
export interface Cells {
  readonly table: TableName;
  readonly column: string;
  readonly values: ArrayLike<unknown>;
}

/** `users[17].age`, or `users[17]["zip code"]`; rows count from 0. */
function placeOf({ table, column }: Cells, row: number): string {
  return `${table}[${row}]${/^[A-Za-z_$][\w$]*$/.test(column) ? `.${column}` : `[${JSON.stringify(column)}]`}`;
}

/** A BAD_ROW error about one cell: where, what stands there, and what should. */
export function badCell(cells: Cells, row: number, expected: string): TwoTowerError {
  return new TwoTowerError("BAD_ROW", `${placeOf(cells, row)} is ${show(cells.values[row])}: expected ${expected}`);
}

/** The text of a name, which is how names compare, or undefined if the cell holds no name. */
function nameText(cell: unknown): string | undefined {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return Number.isFinite(cell) ? String(cell) : undefined;
  return typeof cell === "bigint" || typeof cell === "boolean" ? String(cell) : undefined;
}

/** The id in a cell. Throws BAD_ROW if there is none: a row without an id belongs to nobody. */
export function readId(cells: Cells, row: number): Key {
  const cell = cells.values[row];
  if (typeof cell === "string" || typeof cell === "bigint") return cell;
  if (typeof cell === "number" && Number.isFinite(cell)) return cell;
  throw badCell(cells, row, "an id, which is text or a finite number");
}

/** The category in a cell, undefined where it is missing. */
export function readCategory(cells: Cells, row: number, pattern: RegExp | undefined): string | undefined {
  const cell = cells.values[row];
  if (cell === null || cell === undefined) return undefined;
  const text = nameText(cell);
  if (text === undefined)
    throw badCell(cells, row, "text, a finite number, true or false, or null where it is missing");
  return pattern ? pattern.exec(text)?.[1] : text;
}

/** The names listed in a cell, none where it is missing. Text is split, and its parts trimmed. */
export function readNames(cells: Cells, row: number, separator: string): readonly string[] {
  const cell = cells.values[row];
  if (cell === null || cell === undefined) return [];
  if (typeof cell === "string")
    return cell
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== "");
  const names =
    Array.isArray(cell) || ArrayBuffer.isView(cell) ? Array.from(cell as ArrayLike<unknown>, nameText) : [undefined];
  if (names.every((name) => name !== undefined)) return names;
  throw badCell(cells, row, `a list of texts or numbers, text split by "${separator}", or null where it is missing`);
}

/** The number in a cell, or in the text it holds; NaN where it is missing. */
export function readNumber(cells: Cells, row: number, pattern: RegExp | undefined): number {
  const cell = cells.values[row];
  if (cell === null || cell === undefined) return NaN;
  if (typeof cell === "number" && !pattern && Math.abs(cell) <= LARGEST) return cell;
  if (typeof cell === "string" || pattern) {
    const text = pattern ? pattern.exec(nameText(cell) ?? "")?.[1] : (cell as string);
    if (text === undefined || text.trim() === "") return NaN;
    const number = Number(text);
    if (Math.abs(number) <= LARGEST) return number;
  }
  throw badCell(cells, row, "a finite number (at most 1e150), or null where it is missing");
}

/** The time in a cell as seconds since 1970, NaN where it is missing. */
export function readTime(cells: Cells, row: number, unit: TimeUnit): number {
  const cell = cells.values[row];
  if (cell === null || cell === undefined || cell === "") return NaN;
  const seconds = secondsOf(cell, unit);
  if (seconds !== undefined && Math.abs(seconds) <= LARGEST) return seconds;
  throw badCell(cells, row, 'a Date, seconds or milliseconds since 1970, or text like "2026-11-24T02:10:00Z"');
}
