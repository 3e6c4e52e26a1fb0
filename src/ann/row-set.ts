import type { RowBitmap } from "./vector-index.ts";

/** Whether a row is in a bitmap; rows past its end are not. */
export const hasBit = (bitmap: RowBitmap, row: number): boolean => (((bitmap[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;

/** A set of rows that grows as needed. */
export class RowSet {
  #bits = new Uint8Array(64);

  /** The set itself, not a copy; it may end before the last row. */
  get bitmap(): RowBitmap {
    return this.#bits;
  }

  has(row: number): boolean {
    return hasBit(this.#bits, row);
  }

  add(row: number): void {
    if (row >> 3 >= this.#bits.length) {
      const wider = new Uint8Array(Math.max(this.#bits.length * 2, ((row >> 6) + 1) * 8));
      wider.set(this.#bits);
      this.#bits = wider;
    }
    this.#bits[row >> 3] |= 1 << (row & 7);
  }

  delete(row: number): void {
    this.#bits[row >> 3] &= ~(1 << (row & 7));
  }
}
