import type { Random } from "../tensor/random.ts";
import { type Column, MISSING, type Table, UNKNOWN } from "./columns.ts";

/** Which features of which rows a view hides: hidden[i · k + f] for row i of the batch and feature f. */
export type Mask = Uint8Array;

/** Two masks that hide each feature of each row in exactly one of the views. */
export type Masks = readonly [first: Mask, second: Mask];

/** Random halves: each row hides ⌊k/2⌋ of its features, drawn anew, in one view and the others in the other. */
export function randomMasks(rows: number, k: number, random: Random): Masks {
  const first = new Uint8Array(rows * k);
  const order = Int32Array.from({ length: k }, (_, f) => f);
  for (let i = 0; i < rows; i++) for (const f of random.shuffle(order).subarray(0, k >> 1)) first[i * k + f] = 1;
  return complementary(first);
}

/**
 * Correlated masks: a seed feature, drawn for the batch, is hidden together with the ⌊k/2⌋ that tell most about it,
 * so that the other view cannot be guessed from what is left; the complement in the other view.
 * `information` is [k, k], from `mutualInformation`. With two features the whole set would be hidden: then the seed
 * alone is.
 */
export function correlatedMasks(rows: number, k: number, information: Float64Array, random: Random): Masks {
  const seed = random.below(k);
  const others = Array.from({ length: k }, (_, f) => f).filter((f) => f !== seed);
  others.sort((a, b) => information[seed * k + b] - information[seed * k + a] || a - b);
  const hidden = new Uint8Array(k);
  for (const f of [seed, ...others.slice(0, Math.min(k >> 1, k - 2))]) hidden[f] = 1;
  return complementary(Uint8Array.from({ length: rows * k }, (_, e) => hidden[e % k]));
}

const complementary = (first: Mask): Masks => [first, first.map((hidden) => 1 - hidden)];

/**
 * The columns of some rows as a view shows them, row i for rows[i]. A hidden feature reads a learnt default: the
 * embedding of the missing, of an id that of the unknown, and of a number its mean. Of several values each is dropped
 * at the given rate, all of them never: what is left of nothing is the missing.
 */
export function viewOf(
  table: Table,
  rows: Int32Array,
  features: readonly string[],
  idFeature: string,
  mask: Mask,
  dropRate: number,
  random: Random,
): { [feature: string]: Column } {
  const view: { [feature: string]: Column } = {};
  for (const [f, feature] of features.entries()) {
    const isHidden = (i: number): boolean => mask[i * features.length + f] === 1;
    view[feature] = seen(table.columns[feature], rows, isHidden, feature === idFeature ? UNKNOWN : MISSING, () =>
      dropRate > 0 ? random.next() >= dropRate : true,
    );
  }
  return view;
}

function seen(
  column: Column,
  rows: Int32Array,
  isHidden: (i: number) => boolean,
  instead: number,
  isKept: () => boolean,
): Column {
  if (column.kind === "index")
    return { kind: "index", rows: rows.map((row, i) => (isHidden(i) ? instead : column.rows[row])) };
  if (column.kind === "number") {
    const { width } = column;
    const values = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries())
      if (!isHidden(i)) values.set(column.values.subarray(row * width, (row + 1) * width), i * width);
      else if (width % 2 === 0) values[(i + 1) * width - 1] = 1; // the indicator of the missing: one more than z, or z, z², √z
    return { kind: "number", width, values };
  }
  const offsets = new Int32Array(rows.length + 1);
  const shown: number[] = [];
  for (const [i, row] of rows.entries()) {
    const start = shown.length;
    if (!isHidden(i))
      for (let at = column.offsets[row]; at < column.offsets[row + 1]; at++) if (isKept()) shown.push(column.rows[at]);
    if (shown.length === start) shown.push(instead);
    offsets[i + 1] = shown.length;
  }
  return { kind: "bag", offsets, rows: Int32Array.from(shown) };
}
