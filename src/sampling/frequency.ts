import { between, expectKinds, type Kind, oneOf, wholeBetween } from "../features/kinds.ts";

/** How often an item comes up as somebody's positive: counted in the training data, or estimated as batches come. */
export type Frequency = "counted" | Streaming;

/** Options of `streaming`. */
export interface StreamingOptions {
  readonly by: "count" | "gap";
  readonly hashes: number;
  readonly slots: number;
  readonly rate: number;
  readonly initial: number;
}

/** Frequencies estimated on a stream; made by `streaming`. */
export interface Streaming extends StreamingOptions {
  /** What estimates them, in one training. */
  build(): StreamingFrequency;
}

/**
 * Frequencies estimated on a stream, in memory that does not grow with the catalogue (Yi et al. 2019, algorithms 2
 * and 3): for data that never ends, or whose popularities drift.
 *
 * `by`      "count" (default): moving average of how many times a batch holds the item, which is what a sampled
 *           softmax must divide by. "gap": moving average of the steps between two batches that hold it, as in the
 *           paper; the estimate is the probability to be in a batch, which stops at 1 where an item is there thrice.
 * `hashes`  tables of `slots` entries each; items that share an entry in one rarely do in all. Default 2 of 65,536.
 * `rate`    of the moving average, α: larger follows faster and trembles more. Default 0.01.
 * `initial` gap that every item starts from, B₀. Default 100 batches.
 */
export function streaming(given: Partial<StreamingOptions> = {}): Streaming {
  const share: Kind = [(n) => typeof n === "number" && n > 0 && n < 1, "a number between 0 and 1"];
  expectKinds("streaming", given, {
    by: oneOf("count", "gap"),
    hashes: wholeBetween(1, 16),
    slots: wholeBetween(1, 1 << 24),
    rate: share,
    initial: between(1, Number.MAX_VALUE),
  });
  const { by = "count", hashes = 2, slots = 1 << 16, rate = 0.01, initial = 100 } = given;
  const options = { by, hashes, slots, rate, initial };
  return { ...options, build: () => new StreamingFrequency(options) };
}

/** Learns from batch after batch how many times the next one will hold each item. */
export class StreamingFrequency {
  readonly #options: StreamingOptions;
  /** By hash and slot: A, the last step that had an item of the slot; and B, the average gap, or the average count. */
  readonly last: Float64Array;
  readonly average: Float64Array;
  /** t, from 1. */
  step = 0;

  constructor(options: StreamingOptions) {
    this.#options = options;
    const size = options.hashes * options.slots;
    this.last = new Float64Array(size);
    this.average = new Float64Array(size).fill(options.by === "gap" ? options.initial : 1 / options.initial);
  }

  /** Takes in the items of a batch. */
  observe(items: Int32Array): void {
    this.step++;
    const counts = new Map<number, number>();
    for (let h = 0; h < this.#options.hashes; h++)
      for (const item of items) {
        const slot = this.#slot(item, h);
        counts.set(slot, (counts.get(slot) ?? 0) + 1);
      }
    for (const [slot, count] of counts) {
      const { rate } = this.#options;
      this.average[slot] =
        this.#options.by === "gap"
          ? (1 - rate) * this.average[slot] + rate * (this.step - this.last[slot]) // B ← (1−α) B + α (t − A)
          : this.#decayed(slot, this.step - 1) * (1 - rate) + rate * count;
      this.last[slot] = this.step; // A ← t
    }
  }

  /** How many times a batch is expected to hold the item: collisions only make it seem more frequent, so the least of all hashes. */
  expected(item: number): number {
    let least = Infinity;
    for (let h = 0; h < this.#options.hashes; h++) {
      const slot = this.#slot(item, h);
      least = Math.min(least, this.#options.by === "gap" ? 1 / this.average[slot] : this.#decayed(slot, this.step));
    }
    return least;
  }

  /** The average count after the batches without the item that have passed since: each is a count of 0. */
  #decayed(slot: number, step: number): number {
    return this.average[slot] * power(1 - this.#options.rate, Math.max(0, step - this.last[slot]));
  }

  #slot(item: number, h: number): number {
    let x = Math.imul(item + 1, 0x9e3779b1) ^ Math.imul(h + 1, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d); // lowbias32 (Wellons): nearby rows must not share slots in step
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return h * this.#options.slots + (((x ^ (x >>> 16)) >>> 0) % this.#options.slots);
  }
}

/** base ^ n by squaring: the same bits on every engine. */
function power(base: number, n: number): number {
  let result = 1;
  for (; n > 0; n = Math.floor(n / 2), base *= base) if (n % 2 === 1) result *= base;
  return result;
}
