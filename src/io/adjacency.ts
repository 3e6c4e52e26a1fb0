import { TwoTowerError } from "../errors.ts";
import { show } from "../features/options.ts";
import type { FileTable } from "./file-table.ts";
import { linesOf } from "./lines.ts";

/**
 * Reads lines of a user and its items, "42 7 12 9", into the two columns of a table: a row for each item, in the
 * order of the line. A user without items has no rows.
 */
export async function readAdjacency(table: FileTable, text: AsyncIterable<string>): Promise<void> {
  const [users, items] = table.columns.values();
  let line = 0;
  for await (const lines of linesOf(text))
    for (const given of lines) {
      line++;
      const [user, ...chosen] = given.trim().split(/[ \t]+/);
      if (/[,;]|::/.test(user))
        throw new TwoTowerError(
          "BAD_FILE",
          `${table.path}, line ${line}: expected a user and its items separated by spaces, not ${show(given)}`,
        );
      for (const item of chosen) {
        table.lines.push(line);
        users.add(user);
        items.add(item);
      }
    }
}
