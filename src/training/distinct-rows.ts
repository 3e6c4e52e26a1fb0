/**
 * Finds what comes more than once among row numbers, in O(rows): a mark for each row of the table, wiped after use.
 * Its arrays are its own and used again, so that a step allocates nothing that lasts.
 */
export class DistinctRows {
  readonly #places: Int32Array; // [table] where a row stands among the distinct ones; −1 = nowhere
  #rows: Int32Array = new Int32Array(0);
  #placeOf: Int32Array = new Int32Array(0);
  #count = 0;

  constructor(tableRows: number) {
    this.#places = new Int32Array(tableRows).fill(-1);
  }

  /** Takes the rows of a batch; with `merge` false each is counted as another one. Valid until the next call. */
  find(rows: Int32Array, merge: boolean): void {
    for (let i = 0; i < this.#count; i++) this.#places[this.#rows[i]] = -1;
    if (this.#rows.length < rows.length) {
      this.#rows = new Int32Array(rows.length);
      this.#placeOf = new Int32Array(rows.length);
    }
    this.#count = 0;
    for (let i = 0; i < rows.length; i++) {
      let place = merge ? this.#places[rows[i]] : -1;
      if (place < 0) {
        place = this.#count++;
        this.#rows[place] = rows[i];
        this.#places[rows[i]] = place;
      }
      this.#placeOf[i] = place;
    }
  }

  /** How many distinct rows there are. */
  get count(): number {
    return this.#count;
  }

  /** The distinct rows, in the order they first came. */
  get rows(): Int32Array {
    return this.#rows.subarray(0, this.#count);
  }

  /** Where the i-th row given stands among the distinct ones. An array, as `places` is: loops look at all of it. */
  get placeOf(): Int32Array {
    return this.#placeOf;
  }

  /** Where each row of the table stands among the distinct ones; −1 where it did not come. */
  get places(): Int32Array {
    return this.#places;
  }
}
