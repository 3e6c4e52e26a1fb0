import { FIRST_KNOWN, UNKNOWN } from "./columns.ts";
import type { Key } from "./declare.ts";
import { Ids } from "./ids.ts";

/** How often each value was seen. */
export class ValueCounts {
  readonly #values = new Ids();
  #counts = new Uint32Array(16);

  add(value: Key, times = 1): void {
    const row = this.#values.add(value);
    if (row === this.#counts.length) {
      const counts = new Uint32Array(row * 2);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#counts[row] += times;
  }

  /**
   * The values seen at least `minCount` times, at most `maxSize` of them, most frequent first; equally frequent ones
   * in the order of their text, so that the order of the rows leaves no trace in a model. Those of `known` stand before
   * them, in the rows they have.
   */
  vocabulary(
    { minCount = 1, maxSize = Infinity }: { minCount?: number; maxSize?: number | undefined },
    known: Vocabulary = new Vocabulary([]),
  ): Vocabulary {
    const kept: { value: string; count: number }[] = [];
    for (const [row, value] of Array.from(this.#values).entries())
      if (this.#counts[row] >= minCount && known.rowOf(value) === UNKNOWN)
        kept.push({ value, count: this.#counts[row] });
    kept.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    const values = known.toJSON();
    return new Vocabulary([
      ...values,
      ...kept.slice(0, Math.max(0, maxSize - values.length)).map(({ value }) => value),
    ]);
  }
}

/** Which embedding row a value has. Rows 0 and 1 are kept for values unknown and missing. */
export class Vocabulary {
  readonly #known: Ids;

  /** The known values, in the order of their rows. */
  constructor(values: Iterable<Key>) {
    this.#known = new Ids(values);
  }

  /** Embedding rows, the two kept ones included. */
  get size(): number {
    return FIRST_KNOWN + this.#known.size;
  }

  /** The embedding row of a value; UNKNOWN if fitting did not see it. */
  rowOf(value: Key): number {
    const row = this.#known.rowOf(value);
    return row === undefined ? UNKNOWN : FIRST_KNOWN + row;
  }

  /** The value that has an embedding row; undefined for the two kept rows and past the end. */
  valueOf(row: number): string | undefined {
    return row < FIRST_KNOWN || row >= this.size ? undefined : this.#known.idOf(row - FIRST_KNOWN);
  }

  /** The known values; `new Vocabulary(list)` is the way back. */
  toJSON(): string[] {
    return this.#known.toJSON();
  }
}

/**
 * The width of an embedding nobody chose a width for: four times the fourth root of the number of values, rounded up
 * to whole SIMD registers of 4 floats, at most 64. 2 values get 8, 20 get 12, 1,000 get 24. The fourth root is a rule
 * of thumb of TensorFlow's feature columns; the factor is ours, because narrow embeddings cost us nothing.
 */
export function defaultDimension(values: number): number {
  return Math.min(64, 4 * Math.max(1, Math.ceil(Math.sqrt(Math.sqrt(values)))));
}
