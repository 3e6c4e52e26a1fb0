import type { Interactions } from "../features/interactions.ts";
import type { Random } from "../tensor/random.ts";

/**
 * The order of an epoch where every item is a candidate: users at random, all pairs of a user one after another. A
 * user's scores against the catalogue then serve all its positives of the batch: ML-1M has 132 a user, so a full softmax
 * costs less than one over a thousand sampled items.
 */
export class ByUser {
  readonly #starts: Int32Array; // [users + 1] into #pairs
  readonly #pairs: Int32Array; //  row numbers of the interactions, by user
  readonly #userCount: number;

  constructor({ users }: Pick<Interactions, "users">) {
    const userCount = users.reduce((most, user) => Math.max(most, user), -1) + 1;
    this.#starts = new Int32Array(userCount + 1);
    for (const user of users) this.#starts[user + 1]++;
    for (let u = 0; u < userCount; u++) this.#starts[u + 1] += this.#starts[u];
    const next = this.#starts.slice();
    this.#pairs = new Int32Array(users.length);
    for (let p = 0; p < users.length; p++) this.#pairs[next[users[p]]++] = p;
    this.#userCount = userCount;
  }

  shuffled(random: Random): Int32Array {
    const order = new Int32Array(this.#pairs.length);
    let length = 0;
    for (const user of random.shuffle(Int32Array.from({ length: this.#userCount }, (_, user) => user))) {
      const own = this.#pairs.subarray(this.#starts[user], this.#starts[user + 1]);
      order.set(own, length);
      length += own.length;
    }
    return order;
  }
}
