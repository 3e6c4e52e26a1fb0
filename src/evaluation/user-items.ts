import { TwoTowerError } from "../errors.ts";
import type { UserItems } from "../features/interactions.ts";

/** The items of one user, ascending; none for users beyond the last. */
export function itemsOf(lists: UserItems, user: number): Int32Array {
  return user < lists.offsets.length - 1
    ? lists.items.subarray(lists.offsets[user], lists.offsets[user + 1])
    : lists.items.subarray(0, 0);
}

/** The users with at least one item, ascending. */
export function usersWithItems(lists: UserItems): Int32Array {
  const users: number[] = [];
  for (let u = 0; u + 1 < lists.offsets.length; u++) if (lists.offsets[u + 1] > lists.offsets[u]) users.push(u);
  return Int32Array.from(users);
}

/** How many users have each item: its popularity. */
export function itemCounts(lists: UserItems, itemCount: number): Int32Array {
  const counts = new Int32Array(itemCount);
  const { items } = lists;
  for (let p = 0; p < items.length; p++) counts[items[p]]++;
  return counts;
}

/** Each user's items in either of the two: training and validation items, to mask both. */
export function union(a: UserItems, b: UserItems): UserItems {
  const userCount = Math.max(a.offsets.length, b.offsets.length) - 1;
  const offsets = new Int32Array(userCount + 1);
  const items = new Int32Array(a.items.length + b.items.length);
  let length = 0;
  for (let u = 0; u < userCount; u++) {
    const left = itemsOf(a, u);
    const right = itemsOf(b, u);
    for (let i = 0, j = 0; i < left.length || j < right.length; ) {
      const item = j === right.length || left[i] <= right[j] ? left[i] : right[j];
      if (left[i] === item) i++;
      if (right[j] === item) j++;
      items[length++] = item;
    }
    offsets[u + 1] = length;
  }
  return { offsets, items: items.slice(0, length) };
}

/** How many (user, item) pairs are in both: test pairs that a mask makes impossible to hit. */
export function overlap(a: UserItems, b: UserItems): number {
  let count = 0;
  const userCount = Math.min(a.offsets.length, b.offsets.length) - 1;
  for (let u = 0; u < userCount; u++) {
    const end = b.offsets[u + 1];
    for (let i = a.offsets[u], j = b.offsets[u]; i < a.offsets[u + 1]; i++) {
      while (j < end && b.items[j] < a.items[i]) j++;
      if (j < end && b.items[j] === a.items[i]) count++;
    }
  }
  return count;
}

/** Whether an ascending list has the item, by binary search. */
export function includes(ascending: Int32Array, item: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < item) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === item;
}

/** The users of each item, ascending: the same pairs turned round; O(pairs + items). */
export function itemUsers(lists: UserItems, itemCount: number): UserItems {
  const offsets = new Int32Array(itemCount + 1);
  for (const item of lists.items) offsets[item + 1]++;
  for (let i = 0; i < itemCount; i++) offsets[i + 1] += offsets[i];
  const users = new Int32Array(lists.items.length);
  const next = offsets.slice(0, itemCount);
  for (let u = 0; u + 1 < lists.offsets.length; u++)
    for (let p = lists.offsets[u]; p < lists.offsets[u + 1]; p++) users[next[lists.items[p]]++] = u;
  return { offsets, items: users };
}

/** Throws BAD_ARGUMENT if an item is not one of the catalogue's rows: the masks would write beyond their memory. */
export function checkItems(lists: UserItems, itemCount: number, what: string): void {
  const { items } = lists;
  for (let p = 0; p < items.length; p++)
    if (items[p] < 0 || items[p] >= itemCount)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        `the ${what} has item row ${items[p]}; the catalogue ends at ${itemCount - 1}`,
      );
}
