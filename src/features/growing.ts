import { codedColumn } from "./coded.ts";
import type { Key } from "./declare.ts";
import { Ids } from "./ids.ts";
import { compact, type Timestamps } from "./interactions.ts";

/** Entries of one block: growing by blocks moves nothing, where doubling an array needs three times its memory. */
const BLOCK = 1 << 18;

/** A column of numbers that grows at its end. */
export class GrowingColumn<A extends Int32Array | Float32Array | Float64Array> {
  readonly #numbers: new (
    length: number,
  ) => A;
  readonly #blocks: A[] = [];
  #length = 0;

  constructor(numbers: new (length: number) => A) {
    this.#numbers = numbers;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++ % BLOCK;
    if (at === 0) this.#blocks.push(new this.#numbers(BLOCK));
    this.#blocks[this.#blocks.length - 1][at] = value;
  }

  /** All of it in one array. The column is empty afterwards. */
  take(): A {
    const whole = new this.#numbers(this.#length);
    const blocks = this.#blocks.splice(0);
    for (const [b, block] of blocks.entries())
      whole.set(block.subarray(0, Math.min(BLOCK, whole.length - b * BLOCK)) as A & number[], b * BLOCK);
    this.#length = 0;
    return whole;
  }
}

/**
 * Times in seconds: whole seconds from 1970 to 2106 take 4 bytes each, from the first block on; the first time that is
 * none makes all of them float64.
 */
export class GrowingTimes {
  #whole: GrowingColumn<Int32Array> | undefined = new GrowingColumn(Int32Array);
  #exact: GrowingColumn<Float64Array> | undefined;

  push(seconds: number): void {
    if (this.#whole && seconds >>> 0 !== seconds) {
      this.#exact = new GrowingColumn(Float64Array);
      for (const time of new Uint32Array(this.#whole.take().buffer)) this.#exact.push(time);
      this.#whole = undefined;
    }
    (this.#exact ?? this.#whole)!.push(seconds);
  }

  take(): Timestamps {
    return this.#whole ? new Uint32Array(this.#whole.take().buffer) : compact(this.#exact!.take());
  }
}

/** Ids, each text kept once and 4 bytes for each time it comes. */
export class GrowingIds {
  readonly #ids = new Ids();
  readonly #codes = new GrowingColumn(Int32Array);

  push(id: Key): void {
    this.#codes.push(this.#ids.add(id));
  }

  /** The ids as a column. */
  take(): ArrayLike<Key> {
    return codedColumn(this.#codes.take(), this.#ids);
  }
}
