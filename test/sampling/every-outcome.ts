import { Random } from "../../src/tensor/random.ts";

/**
 * Runs something random once for every outcome it can have, with that outcome's probability. Each number it draws takes
 * the values (k + ½) / grid in turn, so what it computes from them must change only between these.
 */
export function* everyOutcome<T>(
  grid: number,
  run: (random: Random) => T,
): Generator<{ value: T; probability: number }> {
  const path: number[] = [];
  while (true) {
    const random = new Scripted(path, grid);
    const value = run(random);
    path.length = random.drawn;
    yield { value, probability: grid ** -path.length };
    while (path.length > 0 && path[path.length - 1] === grid - 1) path.pop();
    if (path.length === 0) return;
    path[path.length - 1]++;
  }
}

class Scripted extends Random {
  drawn = 0;
  readonly #path: number[];
  readonly #grid: number;

  constructor(path: number[], grid: number) {
    super(0);
    this.#path = path;
    this.#grid = grid;
  }

  override next(): number {
    if (this.drawn === this.#path.length) this.#path.push(0);
    return (this.#path[this.drawn++] + 0.5) / this.#grid;
  }
}

/** Draws that go through all combinations of `length` numbers in turn: every outcome equally often. */
export class Cycling extends Random {
  readonly #grid: number;
  readonly #length: number;
  #at = 0;

  constructor(grid: number, length: number) {
    super(0);
    this.#grid = grid;
    this.#length = length;
  }

  override next(): number {
    const combination = Math.floor(this.#at / this.#length);
    const digit = Math.floor(combination / this.#grid ** (this.#at++ % this.#length)) % this.#grid;
    return (digit + 0.5) / this.#grid;
  }
}

/** All ordered choices of `count` of the values, none twice. */
export function* choices(values: readonly number[], count: number): Generator<number[]> {
  if (count === 0) yield [];
  else
    for (const value of values)
      for (const others of choices(
        values.filter((other) => other !== value),
        count - 1,
      ))
        yield [value, ...others];
}
