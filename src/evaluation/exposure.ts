/** How a ranker spreads its recommendations over the catalogue, at one cut-off. */
export interface Exposure {
  readonly k: number;
  /** Share of the catalogue's items that are in at least one user's top k. */
  readonly coverage: number;
  /** Gini coefficient of how often each item is in a top k: 0 = all items alike, → 1 = always the same few. */
  readonly gini: number;
  /** Mean number of training interactions of a recommended item. */
  readonly popularity: number;
}

/** Counts how often each item is in a top k, for several k, list by list. */
export class ExposureCounter {
  readonly #ks: readonly number[];
  readonly #shown: readonly Int32Array[]; // of each k, at the ranks beyond those of the k before

  /** @param ks cut-offs, ascending */
  constructor(ks: readonly number[], itemCount: number) {
    this.#ks = ks;
    this.#shown = ks.map(() => new Int32Array(itemCount));
  }

  /** Counts the items of a list; −1 ends it. */
  add(list: Int32Array): void {
    let r = 0;
    for (let c = 0; c < this.#ks.length; c++) {
      const shown = this.#shown[c];
      const length = Math.min(this.#ks[c], list.length);
      for (; r < length && list[r] >= 0; r++) shown[list[r]]++;
    }
  }

  /** @param popularity training interactions of each item */
  results(popularity: Int32Array): Exposure[] {
    const shown = new Int32Array(popularity.length);
    return this.#ks.map((k, c) => {
      let total = 0;
      let items = 0;
      let interactions = 0;
      for (let i = 0; i < shown.length; i++) {
        shown[i] += this.#shown[c][i];
        total += shown[i];
        if (shown[i] > 0) items++;
        interactions += shown[i] * popularity[i];
      }
      return { k, coverage: items / shown.length, gini: gini(shown), popularity: interactions / total };
    });
  }
}

/** Gini coefficient Σᵢ (2i − n − 1) xᵢ / (n Σ x) of x ascending, i from 1; 0 when all are 0. */
function gini(counts: Int32Array): number {
  const ascending = counts.slice().sort();
  const n = ascending.length;
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < n; i++) {
    sum += ascending[i];
    weighted += (2 * i + 1 - n) * ascending[i];
  }
  return sum === 0 ? 0 : weighted / (n * sum);
}
