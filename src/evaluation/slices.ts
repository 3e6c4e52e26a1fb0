import type { UserItems } from "../features/interactions.ts";
import { itemsOf } from "./user-items.ts";

/**
 * A part of the test pairs that is measured by itself. The lists stay the same, over the whole catalogue;
 * only which test items count changes. Recall in the tail is therefore: of a user's tail items, how many are in the list.
 */
export interface Slice {
  readonly name: string;
  /** 1 for each item whose test pairs count; absent = all. */
  readonly items?: Uint8Array | undefined;
  /** Whether a user's test pairs count; absent = all. */
  readonly users?: ((user: number) => boolean) | undefined;
}

/**
 * The slices every evaluation reports, by the number of training interactions of an item, n(i). Items are ordered
 * by n, most popular first (of equals the smaller row), and cut where the running sum of n passes 1/3 and 2/3:
 *
 *   head    the few items that make the first third of all training interactions
 *   middle  the second third
 *   tail    the last third: most of the catalogue, as far as n(i) > 0
 *   outsideTop10Percent  all but the tenth of the catalogue's items with the largest n: the usual "long tail"
 *   coldItems  n(i) = 0: only features can place them
 *   warmUsers, coldUsers  users with and without training interactions
 */
export function popularitySlices(train: UserItems, popularity: Int32Array): Slice[] {
  const itemCount = popularity.length;
  const order = Array.from(popularity.keys()).sort((a, b) => popularity[b] - popularity[a] || a - b);
  const [head, middle, tail, outside, cold] = Array.from({ length: 5 }, () => new Uint8Array(itemCount));

  const total = train.items.length;
  const top = Math.ceil(itemCount / 10);
  let before = 0; // interactions of the items before this one
  order.forEach((item, place) => {
    const part = popularity[item] === 0 ? cold : before * 3 < total ? head : before * 3 < total * 2 ? middle : tail;
    part[item] = 1;
    if (place >= top) outside[item] = 1;
    before += popularity[item];
  });

  const isWarm = (user: number) => itemsOf(train, user).length > 0;
  return [
    { name: "head", items: head },
    { name: "middle", items: middle },
    { name: "tail", items: tail },
    { name: "outsideTop10Percent", items: outside },
    { name: "coldItems", items: cold },
    { name: "warmUsers", users: isWarm },
    { name: "coldUsers", users: (user) => !isWarm(user) },
  ];
}

/** The test pairs that belong to the slice. */
export function restrict(test: UserItems, slice: Slice): UserItems {
  const { items, users } = slice;
  if (!items && !users) return test;
  const offsets = new Int32Array(test.offsets.length);
  const kept = new Int32Array(test.items.length);
  let length = 0;
  for (let u = 0; u + 1 < offsets.length; u++) {
    const end = users === undefined || users(u) ? test.offsets[u + 1] : 0;
    for (let p = test.offsets[u]; p < end; p++) {
      kept[length] = test.items[p];
      length += items === undefined ? 1 : items[kept[length]]; // a jump that nobody can foresee costs more than writing
    }
    offsets[u + 1] = length;
  }
  return { offsets, items: kept.slice(0, length) };
}
