import { type FileTable, NO_VALUE } from "./file-table.ts";

/** Lines that are encoded at a time. */
const CHUNK = 4096;

/** Rows of a table as CSV, header first, all columns kept: whatever the format was that they came in. */
export function* csvLines(table: FileTable, rows: Int32Array): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const columns = Array.from(table.columns.values(), ({ codes, distinct }) => ({
    codes,
    fields: Array.from(distinct, field),
  }));
  yield encoder.encode(`${Array.from(table.columns.keys(), field).join(",")}\n`);
  for (let from = 0; from < rows.length; from += CHUNK) {
    let text = "";
    for (const row of rows.subarray(from, from + CHUNK)) {
      for (let c = 0; c < columns.length; c++) {
        const { codes, fields } = columns[c];
        const code = codes[row];
        text += `${c === 0 ? "" : ","}${code === NO_VALUE ? "" : fields[code]}`;
      }
      text += "\n";
    }
    yield encoder.encode(text);
  }
}

/** Quoted where it must be (RFC 4180). */
const field = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
