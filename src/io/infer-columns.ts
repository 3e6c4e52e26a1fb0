import { TwoTowerError } from "../errors.ts";
import type { Ids } from "../features/ids.ts";
import { quoted } from "../features/suggest.ts";
import { secondsOf } from "../features/time.ts";
import type { InteractionColumns } from "./data-schema.ts";
import type { FileColumn, FileTable } from "./file-table.ts";
import { nounOf } from "./words.ts";

const USERS = /^(users?|uid|customer|visitor|member|reviewer|account|listener|reader)$/;
const ITEMS =
  /^(items?|iid|movie|film|product|article|book|track|song|artist|asin|isbn|anime|business|poi|venue|game|recipe|listing)$/;
const TIMES = /^(timestamp|time|date|datetime|ts)$/;
const RATINGS = /^(rating|score|stars|overall)$/;

/** Which columns of interactions hold users, items, times and ratings: by their names, or else the first two. */
export function inferInteractions(table: FileTable): InteractionColumns {
  const columns = [...table.columns.values()];
  const named = (test: RegExp): FileColumn | undefined => columns.find(({ name }) => test.test(nounOf(name)));
  const timestamp = named(TIMES);
  const rating = named(RATINGS);
  const weight = columns.find(({ name }) => name.toLowerCase() === "weight");
  const open = columns.filter((column) => ![timestamp, rating, weight].includes(column));
  const user = named(USERS) ?? open.find((column) => column !== named(ITEMS));
  const item = named(ITEMS) ?? open.find((column) => column !== user);
  if (!user || !item)
    throw new TwoTowerError(
      "BAD_FILE",
      `${table.path}: no columns for users and items among ${quoted(table.columns.keys())}; interactions need both`,
    );
  return {
    user: user.name,
    item: item.name,
    timestamp: timestamp && isMostly(timestamp, isMoment) ? timestamp.name : undefined,
    rating: rating && isMostly(rating, isNumber) ? rating.name : undefined,
    weight: weight && isMostly(weight, isNumber) ? weight.name : undefined,
  };
}

/**
 * The id column of a table of users or items: of the columns that tell all rows apart, the one that holds the most
 * ids of the interactions. Names would mislead: a map of item numbers has two columns of them.
 */
export function inferIdColumn(table: FileTable, ids: Ids, interactions: string): FileColumn {
  let best: FileColumn | undefined;
  let most = 0;
  for (const column of table.columns.values()) {
    if (column.distinct.size < table.count) continue;
    const found = idsIn(column, ids);
    if (found > most) [best, most] = [column, found];
  }
  if (best) return best;
  almostIds(table, ids)?.ids({ distinct: true }); // says which row is in the way
  throw new TwoTowerError(
    "BAD_FILE",
    `${table.path}: no column tells all rows apart and has ids of ${interactions} in it; its columns are ` +
      `${quoted(table.columns.keys())}. Is it the right file, and is each id in it once?`,
  );
}

/**
 * The column that would be the ids if no row had another's id or none: half the rows have one of their own, and half
 * of the ids of the interactions are there, or half of its own are among those.
 */
function almostIds(table: FileTable, ids: Ids): FileColumn | undefined {
  let best: FileColumn | undefined;
  let most = 0;
  for (const column of table.columns.values()) {
    if (column.distinct.size < table.count / 2) continue;
    const found = idsIn(column, ids);
    if (found > most && found >= Math.min(ids.size, column.distinct.size) / 2) [best, most] = [column, found];
  }
  return best;
}

function idsIn({ distinct }: FileColumn, ids: Ids): number {
  let found = 0;
  for (const id of ids) if (distinct.rowOf(id) !== undefined) found++;
  return found;
}

/**
 * Whether all texts are numbers as numbers are written: "02139" is a zip code. Those that are not finite count: reading
 * the column then refuses them with their line, where leaving the column out would pass over them in silence.
 */
export const isNumeric = (column: FileColumn): boolean => otherThan(column, isNumber) === 0;

/** Whether all texts are times: numbers of seconds or milliseconds, or ISO text. */
export const isTime = (column: FileColumn): boolean => otherThan(column, isMoment) === 0;

/** As `isNumeric` and `isTime` for columns whose names say so already: a slip in a few rows does not change what they are. */
const isMostly = (column: FileColumn, test: (text: string) => boolean): boolean =>
  otherThan(column, test) <= column.distinct.size / 2;

/** How many of the texts of a column are something else; in a column of lists, or without any text, too many. */
function otherThan({ distinct, isList }: FileColumn, test: (text: string) => boolean): number {
  if (isList || distinct.size === 0) return Infinity;
  let others = 0;
  for (const text of distinct) if (!test(text)) others++;
  return others;
}

const isNumber = (text: string): boolean =>
  /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i.test(text) || /^[-+]?(nan|inf|infinity)$/i.test(text);

const isMoment = (text: string): boolean => secondsOf(text, "auto") !== undefined;
