import { TwoTowerError } from "../errors.ts";
import { badCell, type Cells, readId, readNumber, readTime } from "./cells.ts";
import { codedOf } from "./coded.ts";
import type { Ids } from "./ids.ts";
import { compact, type Interactions, type Timestamps } from "./interactions.ts";
import { show } from "./options.ts";
import { columnOf, type Source } from "./source.ts";

/** Interactions as pairs of table rows; `skipped` of those given are left out, because their user or item is unknown. */
export interface EncodedInteractions extends Interactions {
  readonly skipped: number;
}

/** One side of the pairs: the column of its ids, and whose table row is whose. */
interface Lookup {
  readonly column: string;
  readonly ids: Ids;
}

/**
 * Finds the table rows of each pair. Pairs given twice stay twice. A user or item that is not in its table throws
 * UNKNOWN_ID, or with `unknown` "skip" leaves the pair out.
 */
export function encodePairs(
  pairs: Source,
  user: Lookup,
  item: Lookup,
  unknown: "reject" | "skip",
): EncodedInteractions {
  const users = rowsOf(pairs, user, unknown);
  const items = rowsOf(pairs, item, unknown);
  const [time, weight] = [pairs.find("timestamp"), pairs.find("weight")];
  // What was collected belongs to nobody else, and in this form was checked: it is used where it lies.
  const collected = codedOf(columnOf(pairs, user.column, "").values) !== undefined;
  const timestamps = collected && time?.values instanceof Uint32Array ? time.values : readTimes(time);
  const weights =
    collected && weight?.values instanceof Float32Array && weight.values.every((value) => value > 0 && value < Infinity)
      ? weight.values
      : everyOrNone(weight, Float32Array, readWeight);

  const known = (_: number, pair: number): boolean => users[pair] >= 0 && items[pair] >= 0;
  let count = 0;
  for (let pair = 0; pair < users.length; pair++) if (known(0, pair)) count++;
  if (count === pairs.count) return { users, items, timestamps, weights, skipped: 0 };
  return {
    users: users.filter(known),
    items: items.filter(known),
    timestamps: timestamps?.filter(known),
    weights: weights?.filter(known),
    skipped: pairs.count - count,
  };
}

function readTimes(cells: Cells | undefined): Timestamps | undefined {
  const times = everyOrNone(cells, Float64Array, (given, row) => readTime(given, row, "auto"));
  return times && compact(times);
}

/** The table row of each id, −1 where it has none. */
function rowsOf(pairs: Source, { column, ids }: Lookup, unknown: "reject" | "skip"): Int32Array {
  const cells = columnOf(pairs, column, "Interactions need the ids of both sides");
  const unknownId = (pair: number): TwoTowerError =>
    new TwoTowerError(
      "UNKNOWN_ID",
      `interactions[${pair}].${column} is ${show(cells.values[pair])}, which was never seen in training; leave the row out`,
    );
  const coded = codedOf(cells.values);
  const rows = coded ? Int32Array.from(coded.ids, (id) => ids.rowOf(id) ?? -1) : new Int32Array(pairs.count);
  if (coded) {
    if (unknown === "reject" && rows.includes(-1)) throw unknownId(coded.codes.findIndex((code) => rows[code] < 0));
    const asTheyAre = rows.every((row, code) => row === code); // nobody was listed before: no copy
    return asTheyAre ? coded.codes : coded.codes.map((code) => rows[code]);
  }
  for (let pair = 0; pair < rows.length; pair++) {
    const row = ids.rowOf(readId(cells, pair));
    if (row === undefined && unknown === "reject") throw unknownId(pair);
    rows[pair] = row ?? -1;
  }
  return rows;
}

/** The numbers of a column that may be missing from all rows, but not from some. */
function everyOrNone<A extends Float64Array | Float32Array>(
  cells: Cells | undefined,
  numbers: new (length: number) => A,
  read: (cells: Cells, row: number) => number,
): A | undefined {
  if (!cells) return undefined;
  const values = new numbers(cells.values.length);
  let missing = -1;
  let known = 0;
  for (let row = 0; row < values.length; row++) {
    values[row] = read(cells, row);
    if (Number.isNaN(values[row])) missing = row;
    else known++;
  }
  if (missing >= 0 && known > 0)
    throw badCell(cells, missing, `a ${cells.column}, because other rows have one; give it in all rows or in none`);
  return known === 0 ? undefined : values;
}

/** The weight of a pair, NaN where it is missing. Throws BAD_ROW unless it is above 0. */
export function readWeight(cells: Cells, row: number): number {
  const weight = readNumber(cells, row, undefined);
  if (weight <= 0) throw badCell(cells, row, "a weight above 0; leave out rows that do not count");
  return weight;
}
