import { TwoTowerError } from "../errors.ts";
import { show } from "../features/options.ts";
import type { FileTable } from "./file-table.ts";
import { linesOf } from "./lines.ts";

/**
 * Reads one JSON object a line into a table, which gets a column for each key that comes up. Objects inside objects
 * are passed over. Throws BAD_FILE with the line that is not an object, or whose cell does not fit its column.
 */
export async function readJsonLines(table: FileTable, text: AsyncIterable<string>): Promise<void> {
  let line = 0;
  const wrong = (problem: string, cause?: unknown): TwoTowerError =>
    new TwoTowerError("BAD_FILE", `${table.path}, line ${line}: ${problem}`, { cause });

  const addRow = (row: object): void => {
    table.lines.push(line);
    for (const [name, cell] of Object.entries(row)) {
      const column = table.columns.get(name) ?? table.addColumn(name);
      const value = cellOf(cell, (problem) => wrong(`"${name}" ${problem}`));
      if (value === undefined) continue;
      const isList = Array.isArray(value);
      if (column.isList !== isList && column.distinct.size > 0)
        throw wrong(
          `"${name}" is ${isList ? "a list" : show(value)}, but was ${isList ? "no list" : "a list"} in lines before`,
        );
      column.isList = isList;
      column.add(isList ? JSON.stringify(value) : value);
    }
    table.fill();
  };

  for await (const lines of linesOf(text))
    for (const given of lines) {
      line++;
      if (given.trim() === "") continue;
      const row = parse(given, (cause) => wrong("this is not JSON. Expected one JSON object a line", cause));
      if (typeof row !== "object" || row === null || Array.isArray(row))
        throw wrong(`expected a JSON object, not ${show(row)}`);
      addRow(row);
    }
}

function parse(text: string, wrong: (cause: unknown) => TwoTowerError): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrong(cause);
  }
}

/** A cell as text or a list of texts, undefined where there is none. */
function cellOf(cell: unknown, wrong: (problem: string) => TwoTowerError): string | string[] | undefined {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") {
    if (Number.isInteger(cell) && !Number.isSafeInteger(cell))
      throw wrong(`is ${cell}: JSON numbers past 2^53 lose digits. Write it as text, in quotes`);
    return String(cell);
  }
  if (typeof cell === "boolean") return String(cell);
  if (!Array.isArray(cell)) return undefined; // null, or an object
  return cell.map((entry) => {
    const text = cellOf(entry, wrong);
    if (typeof text !== "string") throw wrong("holds a list of something else than texts and numbers");
    return text;
  });
}
