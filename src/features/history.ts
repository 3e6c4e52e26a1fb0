import type { Column } from "./columns.ts";
import type { Interactions } from "./interactions.ts";

/** A column of lists. */
export type Bags = Extract<Column, { kind: "bag" }>;

/**
 * What each user chose, in order of time: the history that the user tower reads. While training, an interaction is
 * shown the history before it and never itself, or the model would be told the answer.
 */
export class History {
  readonly #offsets: Int32Array; // [users + 1] into #items
  readonly #items: Int32Array; //   embedding rows of item ids, each user's in order of time
  readonly #position: Int32Array; // [pairs] where a pair stands in #items
  readonly #users: Int32Array; //   [pairs]
  readonly #timed: boolean;

  /** `embeddingRows` says which embedding row stands for each row of the item table. */
  constructor(interactions: Interactions, userCount: number, embeddingRows: Int32Array) {
    const { users, items, timestamps } = interactions;
    const order = Int32Array.from({ length: users.length }, (_, p) => p);
    if (timestamps) order.sort((a, b) => users[a] - users[b] || timestamps[a] - timestamps[b] || a - b);
    else order.sort((a, b) => users[a] - users[b] || a - b);
    this.#timed = timestamps !== undefined;
    this.#users = users;
    this.#items = Int32Array.from(order, (p) => embeddingRows[items[p]]);
    this.#position = new Int32Array(users.length);
    this.#offsets = new Int32Array(userCount + 1);
    for (const [position, p] of order.entries()) {
      this.#position[p] = position;
      this.#offsets[users[p] + 1] = position + 1;
    }
    for (let u = 0; u < userCount; u++) this.#offsets[u + 1] = Math.max(this.#offsets[u], this.#offsets[u + 1]);
  }

  /** The last `max` items of each user. */
  of(users: Int32Array, max: number): Bags {
    return collect(users.length, (i, add) => {
      const end = this.#offsets[users[i] + 1];
      for (let at = Math.max(this.#offsets[users[i]], end - max); at < end; at++) add(this.#items[at]);
    });
  }

  /**
   * For each pair up to `max` items its user chose before it; where no timestamps are known, of all its others the ones
   * nearest in the order of the data.
   */
  before(pairs: Int32Array, max: number): Bags {
    return collect(pairs.length, (i, add) => {
      const own = this.#position[pairs[i]];
      const start = this.#offsets[this.#users[pairs[i]]];
      const end = this.#timed ? own : this.#offsets[this.#users[pairs[i]] + 1];
      const from = this.#timed
        ? Math.max(start, own - max)
        : Math.max(start, Math.min(own - (max >> 1), end - max - 1));
      for (let at = from, taken = 0; at < end && taken < max; at++)
        if (at !== own) {
          add(this.#items[at]);
          taken++;
        }
    });
  }
}

function collect(count: number, fill: (i: number, add: (row: number) => void) => void): Bags {
  const offsets = new Int32Array(count + 1);
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    fill(i, (row) => rows.push(row));
    offsets[i + 1] = rows.length;
  }
  return { kind: "bag", offsets, rows: Int32Array.from(rows) };
}
