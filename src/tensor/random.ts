/**
 * A seeded stream of random numbers: xoshiro128** (Blackman and Vigna 2018), 32-bit integer arithmetic only,
 * so that every engine draws the same. There is no other source of randomness in this library.
 */
export class Random {
  readonly #s: Uint32Array = new Uint32Array(4);

  /** Any number is a seed; 1 and 1.5 are different seeds. */
  constructor(seed: number) {
    const words = new Uint32Array(new Float64Array([seed]).buffer);
    let x = (words[0] ^ Math.imul(words[1], 0x9e3779b9)) | 0;
    for (let i = 0; i < 4; i++) {
      // splitmix32: neighbouring seeds give unrelated states
      x = (x + 0x9e3779b9) | 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#s[i] = z ^ (z >>> 15);
    }
  }

  /** A whole number in [0, 2³²). */
  bits(): number {
    const s = this.#s;
    const scrambled = Math.imul(s[1], 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** A number in [0, 1), a multiple of 2⁻³². */
  next(): number {
    return this.bits() * 2 ** -32;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number in [0, n), n ≤ 2³². */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Shuffles in place (Fisher and Yates); returns its argument. */
  shuffle<T extends Int32Array | unknown[]>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }

  /** The four words of state, to continue exactly where a checkpoint stopped. */
  get state(): readonly number[] {
    return [...this.#s];
  }

  set state(words: readonly number[]) {
    this.#s.set(words);
  }

  /** Continues the stream whose `state` this was. */
  static fromState(state: readonly number[]): Random {
    const random = new Random(0);
    random.state = state;
    return random;
  }
}
