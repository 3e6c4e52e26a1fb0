import type { UserItems } from "../features/interactions.ts";
import { expectKind, holds } from "../features/kinds.ts";
import { log } from "../kernels/math.ts";
import type { Random } from "../tensor/random.ts";
import { type Distribution, distributionOf } from "./distribution.ts";
import type { Drawn, Negatives, OwnLayout } from "./negatives.ts";
import type { Candidates } from "./sampler.ts";

const TRIES = 10;

/** Negatives of every positive's own: each(uniform(3)) is the classical 1 : 3. */
export function each(drawn: Drawn): Negatives {
  expectKind("each: the argument", drawn, [(value) => holds(value, "alpha", "number"), "uniform(n) or popularity(n)"]);
  return {
    layout: "own",
    drawn,
    build: (facts) => new OwnNegatives(drawn.count, distributionOf(drawn, facts), facts.known),
  };
}

/** Every positive with k negatives drawn for it alone, none of which its user is known to like. */
class OwnNegatives implements OwnLayout {
  readonly #count: number;
  readonly #from: Distribution;
  readonly #known: UserItems;

  constructor(count: number, from: Distribution, known: UserItems) {
    this.#count = count;
    this.#from = from;
    this.#known = known;
  }

  /** Columns: the positive, then its negatives. */
  candidates(users: Int32Array, positives: Int32Array, random: Random): Candidates {
    const b = positives.length;
    const k = 1 + this.#count;
    const items = new Int32Array(b * k);
    const correction = new Float32Array(b * k);
    const offsets = new Int32Array(b + 1);
    const columns: number[] = [];
    for (let i = 0; i < b; i++) {
      const user = users[i];
      const expected = this.#count * this.#accepted(user);
      items[i * k] = positives[i];
      for (let j = 1; j < k; j++) {
        const item = this.#draw(user, random);
        items[i * k + j] = item;
        if (this.#knows(user, item)) columns.push(j); // a user who likes nearly all: nothing was found
      }
      for (let j = 0; j < k; j++)
        correction[i * k + j] = -log(Math.max(1e-12, expected * this.#from.probability(items[i * k + j])));
      offsets[i + 1] = columns.length;
    }
    const masked = { offsets, columns: Int32Array.from(columns) };
    return { layout: "own", items, positive: new Int32Array(b), correction, masked };
  }

  /** Draws until the item is none that the user is known to like, at most TRIES times. */
  #draw(user: number, random: Random): number {
    let item = this.#from.draw(random);
    for (let tries = 1; tries < TRIES && this.#knows(user, item); tries++) item = this.#from.draw(random);
    return item;
  }

  /**
   * By what factor drawing again raises the probability of an unknown item: with a share m of the draws known,
   * q + m q + m² q + … for TRIES draws.
   */
  #accepted(user: number): number {
    const { offsets, items } = this.#known;
    let m = 0;
    for (let p = offsets[user]; p < offsets[user + 1]; p++) m += this.#from.probability(items[p]);
    let sum = 0;
    for (let tries = 0, share = 1; tries < TRIES; tries++, share *= m) sum += share;
    return sum;
  }

  /** Binary search in the user's ascending list. */
  #knows(user: number, item: number): boolean {
    const { offsets, items } = this.#known;
    let low = offsets[user];
    let high = offsets[user + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (items[middle] < item) low = middle + 1;
      else high = middle;
    }
    return low < offsets[user + 1] && items[low] === item;
  }
}
