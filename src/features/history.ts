import type { Random } from "../tensor/random.ts";
import { type Column, MISSING } from "./columns.ts";
import type { Interactions } from "./interactions.ts";

/** A column of lists. */
export type Bags = Extract<Column, { kind: "bag" }>;

/**
 * Stretches of histories that many rows of a batch look into, each up to its own moment: run r has the embedding rows
 * rows[offsets[r]] … rows[offsets[r+1] − 1]. What batch row i may know ends with rows[last[i]]. A run begins with the
 * row of the missing, so that to have no history is something to look at too.
 */
export interface Runs {
  readonly kind: "runs";
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
  readonly last: Int32Array;
}

/** Every bag a run of its own. */
export function runsOf({ offsets, rows }: Pick<Bags, "offsets" | "rows">): Runs {
  const count = offsets.length - 1;
  const starts = offsets.map((offset, i) => offset + i);
  const tokens = new Int32Array(rows.length + count);
  for (let i = 0; i < count; i++) {
    tokens[starts[i]] = MISSING;
    tokens.set(rows.subarray(offsets[i], offsets[i + 1]), starts[i] + 1);
  }
  return {
    kind: "runs",
    offsets: starts,
    rows: tokens,
    last: Int32Array.from({ length: count }, (_, i) => starts[i + 1] - 1),
  };
}

/**
 * What each user chose, in order of time: the history that the user tower reads. While training, an interaction is
 * shown the history before it and never itself, or the model would be told the answer.
 *
 * Where order says nothing and one vector of a user answers for all its pairs, it is shown them all, as autoencoders are.
 * That is an answer told, but to a model that has to say the same of every item a user chose. (A part of Gowalla, full
 * softmax, NDCG@20: .1115; each half found from the other .1015; without histories .1067.)
 */
export class History {
  readonly #offsets: Int32Array; // [users + 1] into #items
  readonly #items: Int32Array; //   embedding rows of item ids, each user's in order of time
  readonly #position: Int32Array; // [pairs] where a pair stands in #items
  readonly #users: Int32Array; //   [pairs]
  readonly #pairs: Int32Array; //   [pairs] which pair stands at a position
  /** Whether it is known what came before what. */
  readonly timed: boolean;

  /** `embeddingRows` says which embedding row stands for each row of the item table. */
  constructor(interactions: Interactions, userCount: number, embeddingRows: Int32Array) {
    const { users, items, timestamps } = interactions;
    const order = Int32Array.from({ length: users.length }, (_, p) => p);
    if (timestamps) order.sort((a, b) => users[a] - users[b] || timestamps[a] - timestamps[b] || a - b);
    else order.sort((a, b) => users[a] - users[b] || a - b);
    this.timed = timestamps !== undefined;
    this.#users = users;
    this.#pairs = order;
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
   * The pairs in random order, but in stretches of up to `length` that one user chose one after another: what `runs`
   * can read at once.
   */
  inRuns(length: number, random: Random): Int32Array {
    const runs: [start: number, end: number][] = [];
    for (let u = 0; u + 1 < this.#offsets.length; u++) {
      const [start, end] = [this.#offsets[u], this.#offsets[u + 1]];
      for (let at = start - random.below(length); at < end; at += length)
        if (at + length > start) runs.push([Math.max(start, at), Math.min(end, at + length)]);
    }
    const order = new Int32Array(this.#pairs.length);
    let at = 0;
    for (const [start, end] of random.shuffle(runs)) {
      order.set(this.#pairs.subarray(start, end), at);
      at += end - start;
    }
    return order;
  }

  /**
   * For each pair what its user chose before it, in the order of time or else of the data. Pairs that stand one after
   * another in both share a run; a run holds up to `max` choices.
   */
  runs(pairs: Int32Array, max: number): Runs {
    const tokens: number[] = [];
    const offsets = [0];
    const last = new Int32Array(pairs.length);
    for (let from = 0, to = 0; from < pairs.length; from = to) {
      const user = this.#users[pairs[from]];
      const position = this.#position[pairs[from]];
      const continues = (i: number): boolean =>
        this.#users[pairs[i]] === user && this.#position[pairs[i]] === position + i - from;
      for (to = from + 1; to < pairs.length && to - from < max && continues(to); ) to++;
      const first = Math.max(this.#offsets[user], position + to - from - 1 - max);
      const start = tokens.push(MISSING) - 1;
      for (let at = first; at < position + to - from - 1; at++) tokens.push(this.#items[at]);
      for (let i = from; i < to; i++) last[i] = start + position + i - from - first;
      offsets.push(tokens.length);
    }
    return { kind: "runs", offsets: Int32Array.from(offsets), rows: Int32Array.from(tokens), last };
  }

  /**
   * For each pair up to `max` items its user chose before it; if not `causal`, and where no times are known, of all its
   * others the nearest ones in the order of time or else of the data.
   */
  before(pairs: Int32Array, max: number, causal = true): Bags {
    const past = causal && this.timed;
    return collect(pairs.length, (i, add) => {
      const own = this.#position[pairs[i]];
      const start = this.#offsets[this.#users[pairs[i]]];
      const end = past ? own : this.#offsets[this.#users[pairs[i]] + 1];
      const from = past ? Math.max(start, own - max) : Math.max(start, Math.min(own - (max >> 1), end - max - 1));
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
