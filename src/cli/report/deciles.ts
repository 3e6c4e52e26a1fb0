import type { Slice } from "../../evaluation/slices.ts";

/** A part of the catalogue by popularity. */
export interface PopularityPart {
  readonly label: string;
  readonly slice: Slice;
  readonly items: number;
  /** Training interactions of its items. */
  readonly fewest: number;
  readonly most: number;
}

/**
 * The items that training saw in ten parts of as many items each, the most popular first (of equals the smaller row),
 * and the items that it never saw, if there are any.
 *
 * @param popularity training interactions of each item
 */
export function popularityDeciles(popularity: Int32Array): PopularityPart[] {
  const order = Array.from(popularity.keys()).sort((a, b) => popularity[b] - popularity[a] || a - b);
  const seen = order.filter((item) => popularity[item] > 0);
  const parts = Math.min(10, seen.length);
  const edge = (part: number): number => Math.round((part * seen.length) / parts);
  const deciles = Array.from({ length: parts }, (_, part) => {
    return partOf(String(part + 1), seen.slice(edge(part), edge(part + 1)), popularity);
  });
  const unseen = order.slice(seen.length);
  return unseen.length > 0 ? [...deciles, partOf("new", unseen, popularity)] : deciles;
}

function partOf(label: string, rows: readonly number[], popularity: Int32Array): PopularityPart {
  const items = new Uint8Array(popularity.length);
  for (const row of rows) items[row] = 1;
  return {
    label,
    slice: { name: `decile: ${label}`, items },
    items: rows.length,
    fewest: popularity[rows[rows.length - 1]],
    most: popularity[rows[0]],
  };
}
