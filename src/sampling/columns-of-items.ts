/** Finds the columns of an item among the candidates: chains through arrays, so that a batch costs O(candidates). */
export class ColumnsOfItems {
  readonly #heads: Int32Array; // [items] the last column of an item; trusted only if that column holds the item
  #next: Int32Array = new Int32Array(0); //   [c] the column before it with the same item, or −1
  #items: Int32Array = new Int32Array(0);

  constructor(itemCount: number) {
    this.#heads = new Int32Array(itemCount);
  }

  index(items: Int32Array): void {
    this.#items = items;
    this.#next = new Int32Array(items.length);
    for (let j = 0; j < items.length; j++) {
      const head = this.#heads[items[j]];
      this.#next[j] = head < j && items[head] === items[j] ? head : -1;
      this.#heads[items[j]] = j;
    }
  }

  first(item: number): number {
    const head = this.#heads[item];
    return this.#items[head] === item ? head : -1;
  }

  next(column: number): number {
    return this.#next[column];
  }
}
