import { expectKinds, wholeBetween } from "../features/kinds.ts";
import { type CrossBatch, countOf } from "./negatives.ts";

/**
 * The last `count` positives of former batches, by the vectors they had then: negatives that cost no encoding
 * (cross-batch negative sampling, Wang et al. 2021). `after` so many steps; 1,000 by default.
 */
export function crossBatch(count: number, options: { readonly after?: number } = {}): CrossBatch {
  expectKinds("crossBatch", options, { after: wholeBetween(0, Number.MAX_SAFE_INTEGER) });
  const { after = 1000 } = options;
  return { kind: "crossBatch", count: countOf("crossBatch", count), after, build: () => new Memory(count) };
}

/**
 * The bank M of cross-batch negative sampling (Wang et al. 2021): the last items that were positives, first in, first
 * out, and the vectors they had when they were. Vectors drift slowly once the first steps are over, so old ones serve
 * as negatives; they take no gradient.
 */
export class Memory {
  readonly capacity: number;
  /** Item rows, [filled]. */
  items: Int32Array;
  /** Their vectors, [filled, d]. */
  vectors: Float32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.items = new Int32Array(0);
    this.vectors = new Float32Array(0);
  }

  /** Appends the positives of a batch, and forgets the oldest. */
  add(items: Int32Array, vectors: ArrayLike<number>): void {
    const d = vectors.length / items.length;
    const forgotten = Math.max(0, this.items.length + items.length - this.capacity);
    const kept = Math.max(0, this.items.length - forgotten);
    const skipped = Math.max(0, items.length - this.capacity);
    const length = kept + items.length - skipped;
    const nextItems = new Int32Array(length);
    const nextVectors = new Float32Array(length * d);
    nextItems.set(this.items.subarray(this.items.length - kept));
    nextVectors.set(this.vectors.subarray(this.vectors.length - kept * d));
    nextItems.set(items.subarray(skipped), kept);
    for (let at = kept * d, from = skipped * d; at < nextVectors.length; at++, from++) nextVectors[at] = vectors[from];
    this.items = nextItems;
    this.vectors = nextVectors;
  }
}
