import type { ItemId } from "./vector-index.ts";

/** A page of so many rows is split: no addition waits until more than these have moved. */
const FULL = 1024;
/** Bits of the hash that choose a page; one of ids that agree in all of them grows instead. */
const DEEPEST = 16;

/** Pairs of a hash and a row plus 1, each in the first free place from its own on; 0 where there is none. */
interface Page {
  readonly depth: number;
  size: number;
  pairs: Int32Array;
}

const newPage = (depth: number, places: number): Page => ({ depth, size: 0, pairs: new Int32Array(2 * places) });

/**
 * In which rows ids of a hash are: extendible hashing (Fagin et al. 1979). A Map of a million ids stands still for 150 ms
 * when it doubles, and every garbage collection looks at all of it.
 */
export class RowHash {
  /** By the last bits of the hash; several stand for the same page until it is split. */
  #pages: Page[] = [newPage(0, 16)];

  /** The row of this hash for which `isIt` holds. */
  find(hash: number, isIt: (row: number) => boolean): number | undefined {
    const { pairs } = this.#pageOf(hash);
    for (let at = place(hash); ; at += 2) {
      const row = pairs[(at + 1) & (pairs.length - 1)] - 1;
      if (row < 0) return undefined;
      if (pairs[at & (pairs.length - 1)] === hash && isIt(row)) return row;
    }
  }

  add(hash: number, row: number): void {
    const page = this.#pageOf(hash);
    put(page, hash, row);
    if (page.size >= FULL && page.depth < DEEPEST) this.#split(page, hash);
    else if (page.size * 4 > page.pairs.length) {
      const wider = newPage(page.depth, page.pairs.length);
      move(page, () => wider);
      page.pairs = wider.pairs;
    }
  }

  /** Takes out a row that is there; those that had to give way to it move up. */
  delete(hash: number, row: number): void {
    const page = this.#pageOf(hash);
    const { pairs } = page;
    const last = pairs.length - 1;
    let free = place(hash);
    while (pairs[(free + 1) & last] !== row + 1) free += 2;
    page.size--;
    for (let at = free + 2; pairs[(at + 1) & last] !== 0; at += 2) {
      if (((at - place(pairs[at & last])) & last) < ((at - free) & last)) continue;
      pairs.copyWithin(free & last, at & last, (at & last) + 2);
      free = at;
    }
    pairs[(free + 1) & last] = 0;
  }

  /** Two pages for one, by the next bit of the hash. */
  #split(page: Page, hash: number): void {
    const step = 1 << page.depth;
    if (step === this.#pages.length) this.#pages = [...this.#pages, ...this.#pages];
    const halves = [newPage(page.depth + 1, 2 * FULL), newPage(page.depth + 1, 2 * FULL)];
    move(page, (hash) => halves[(hash >>> page.depth) & 1]);
    for (let at = hash & (step - 1); at < this.#pages.length; at += step)
      this.#pages[at] = halves[(at >>> page.depth) & 1];
  }

  #pageOf(hash: number): Page {
    return this.#pages[hash & (this.#pages.length - 1)];
  }
}

/** Where pairs of a hash begin in a page: by its first bits, as the last ones chose the page. */
const place = (hash: number): number => (hash >>> DEEPEST) * 2;

function put(page: Page, hash: number, row: number): void {
  const last = page.pairs.length - 1;
  let at = place(hash);
  while (page.pairs[(at + 1) & last] !== 0) at += 2;
  page.pairs[at & last] = hash;
  page.pairs[(at + 1) & last] = row + 1;
  page.size++;
}

function move({ pairs }: Page, to: (hash: number) => Page): void {
  for (let at = 0; at < pairs.length; at += 2)
    if (pairs[at + 1] !== 0) put(to(pairs[at]), pairs[at], pairs[at + 1] - 1);
}

/** 32 bits that look random, of an id. */
export function hashOf(id: ItemId): number {
  let hash = 0;
  if (typeof id === "number" && id === (id | 0)) hash = id;
  else for (let text = String(id), i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return hash ^ (hash >>> 15);
}
