import type { Command } from "commander";
import { TwoTowerError } from "../errors.ts";
import { didYouMean, quoted } from "../features/suggest.ts";
import { readTable } from "../io/read-table.ts";
import type { RecallOptions } from "../recall/recaller.ts";
import { commaSeparated, wholeNumber } from "./arguments.ts";
import { UsageError } from "./failure.ts";
import type { Items } from "./items.ts";
import type { ModelFolder } from "./model-folder.ts";

/** Flags that narrow what is recalled, for users and for items alike. */
export interface NarrowingFlags {
  readonly k: number;
  readonly exclude?: string[];
  readonly excludeFile?: string;
  readonly filter?: string;
  readonly filterFile?: string;
}

export function withNarrowing(command: Command): Command {
  return command
    .option("-k, --k <n>", "how many items, at most 4096", wholeNumber, 10)
    .option("--exclude <id,id>", "never these items", commaSeparated)
    .option("--exclude-file <file>", "never the items of this file: ids in the first column")
    .option("--filter <column=value>", "only items with this value, such as genres=Comedy")
    .option("--filter-file <file>", "only the items of this file: ids in the first column");
}

export async function narrowing(
  { exclude = [], excludeFile, filter, filterFile }: NarrowingFlags,
  folder: ModelFolder,
  items: Items,
): Promise<Pick<RecallOptions, "exclude" | "filter">> {
  if (filter !== undefined && filterFile !== undefined)
    throw new UsageError("--filter and --filter-file both say which items may come: leave one of them out");
  const excluded = excludeFile === undefined ? exclude : [...exclude, ...(await idsIn(excludeFile))];
  const allowed =
    filterFile !== undefined
      ? new Set(await idsIn(filterFile))
      : filter === undefined
        ? undefined
        : idsWith(filter, folder, items);
  return { exclude: excluded, ...(allowed && { filter: allowed }) };
}

async function idsIn(path: string): Promise<string[]> {
  const [column] = (await readTable(path)).columns.values();
  return column.ids();
}

/** The items whose column has a value, or has it among its tags. */
function idsWith(filter: string, { path, dataSchema }: ModelFolder, items: Items): Set<string> {
  const [column, value] = filter.split(/=(.*)/s);
  if (value === undefined) throw new UsageError(`--filter ${filter}: expected column=value, such as genres=Comedy`);
  if (items.size === 0)
    throw new TwoTowerError("BAD_ARGUMENT", `${path} keeps no item rows to filter by: train with --items`);
  const columns = Object.keys(items.values().next().value!.row);
  if (!columns.includes(column))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `items have no column "${column}"${didYouMean(column, columns)}; the model keeps ${quoted(columns)}`,
    );
  const tags = Object.entries(dataSchema.schema.item).find(
    ([name, declaration]) => declaration.kind === "tags" && (declaration.column ?? name) === column,
  )?.[1];
  const separator = tags?.kind === "tags" ? tags.separator : undefined;
  const has = (cell: unknown): boolean => {
    if (Array.isArray(cell)) return cell.map(String).includes(value);
    const text = String(cell);
    return separator === undefined ? text === value : text.split(separator).includes(value);
  };
  const allowed = [...items].filter(([, { row }]) => has((row as { [column: string]: unknown })[column]));
  if (allowed.length === 0) throw new TwoTowerError("BAD_ARGUMENT", `no item has ${column} = ${JSON.stringify(value)}`);
  return new Set(allowed.map(([id]) => id));
}
