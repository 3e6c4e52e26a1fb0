import type { UserItems } from "../features/interactions.ts";
import { log } from "../kernels/math.ts";
import type { Random } from "../tensor/random.ts";
import { type Distribution, popularityDistribution, uniformDistribution } from "./distribution.ts";
import type { Drawn, Negatives } from "./negatives.ts";

/** What a sampler needs to know of the training data. */
export interface TrainingFacts {
  readonly itemCount: number;
  /** Interactions of each item: how often it comes up as somebody's positive. */
  readonly counts: Float64Array;
  /** What each user is known to like: never a negative of that user. */
  readonly known: UserItems;
}

/** The candidates of a batch of b positives. */
export interface Candidates {
  /** "shared": every user is scored against all of `items`; "own": user i against its own k consecutive items. */
  readonly layout: "shared" | "own";
  /** Item rows: [c] where shared, [b · k] where own. */
  readonly items: Int32Array;
  /** The column of each user's positive, [b]. */
  readonly positive: Int32Array;
  /** −log Q of each of `items`; undefined where every candidate is certain or equally likely. */
  readonly correction: Float32Array | undefined;
  /** Columns of row i that are known positives of its user: columns[offsets[i] … offsets[i+1]). */
  readonly masked: { readonly offsets: Int32Array; readonly columns: Int32Array };
}

/** Turns the positives of a batch into candidates. */
export class Sampler {
  readonly #negatives: Negatives;
  readonly #facts: TrainingFacts;
  readonly #distributions: readonly Distribution[];
  readonly #total: number; // interactions in all
  readonly #columnsOf: ColumnsOfItems;

  constructor(negatives: Negatives, facts: TrainingFacts) {
    this.#negatives = negatives;
    this.#facts = facts;
    const drawn = negatives.layout === "own" ? [negatives.drawn] : negatives.layout === "shared" ? negatives.drawn : [];
    this.#distributions = drawn.map((each) => distributionOf(each, facts));
    this.#total = facts.counts.reduce((sum, count) => sum + count, 0);
    this.#columnsOf = new ColumnsOfItems(facts.itemCount);
  }

  /** Candidates for the pairs (users[i], items[i]). */
  candidates(users: Int32Array, items: Int32Array, random: Random): Candidates {
    const { layout } = this.#negatives;
    if (layout === "shared") return this.#shared(users, items, this.#negatives.drawn, random);
    if (layout === "own") return this.#own(users, items, this.#negatives.drawn.count, random);
    return this.#all(users, items);
  }

  /** Columns: the b positives themselves, then what is drawn. */
  #shared(users: Int32Array, positives: Int32Array, drawn: readonly Drawn[], random: Random): Candidates {
    const b = positives.length;
    const items = new Int32Array(drawn.reduce((sum, { count }) => sum + count, b));
    items.set(positives);
    let column = b;
    for (const [s, { count }] of drawn.entries())
      for (let n = 0; n < count; n++) items[column++] = this.#distributions[s].draw(random);

    // Qⱼ = how many times the batch is expected to offer item j: b · (its share of interactions) + Σ draws · probability.
    // For in-batch + uniform this is Yang 2020's mixture up to a constant factor, which a softmax does not see.
    const correction = new Float32Array(items.length);
    for (const [j, item] of items.entries()) {
      let expected = (b * this.#facts.counts[item]) / this.#total;
      for (const [s, { count }] of drawn.entries()) expected += count * this.#distributions[s].probability(item);
      correction[j] = -log(expected);
    }
    const positive = Int32Array.from({ length: b }, (_, i) => i);
    return { layout: "shared", items, positive, correction, masked: this.#knownColumns(users, items, positive) };
  }

  /** Columns: the positive, then k negatives drawn for it. */
  #own(users: Int32Array, positives: Int32Array, count: number, random: Random): Candidates {
    const b = positives.length;
    const k = 1 + count;
    const [distribution] = this.#distributions;
    const items = new Int32Array(b * k);
    for (let i = 0; i < b; i++) {
      items[i * k] = positives[i];
      for (let j = 1; j < k; j++) items[i * k + j] = this.#unknownItem(users[i], distribution, random);
    }
    const correction = Float32Array.from(items, (item) => -log(distribution.probability(item) || 1e-12));
    const nothing = { offsets: new Int32Array(b + 1), columns: new Int32Array(0) };
    return { layout: "own", items, positive: new Int32Array(b), correction, masked: nothing };
  }

  /** Columns: the whole catalogue. */
  #all(users: Int32Array, positives: Int32Array): Candidates {
    const items = Int32Array.from({ length: this.#facts.itemCount }, (_, item) => item);
    const masked = this.#knownColumns(users, items, positives);
    return { layout: "shared", items, positive: positives, correction: undefined, masked };
  }

  /** Draws until the item is none the user is known to like; after 10 tries takes what comes (a user who likes nearly all). */
  #unknownItem(user: number, distribution: Distribution, random: Random): number {
    let item = distribution.draw(random);
    for (let tries = 1; tries < 10 && this.#knows(user, item); tries++) item = distribution.draw(random);
    return item;
  }

  /** Binary search in the user's ascending list. */
  #knows(user: number, item: number): boolean {
    const { offsets, items } = this.#facts.known;
    let low = offsets[user];
    let high = offsets[user + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (items[middle] < item) low = middle + 1;
      else high = middle;
    }
    return low < offsets[user + 1] && items[low] === item;
  }

  /** For each user the columns that hold something it is known to like, its positive of this batch apart. */
  #knownColumns(users: Int32Array, items: Int32Array, positive: Int32Array): Candidates["masked"] {
    const { known } = this.#facts;
    const offsets = new Int32Array(users.length + 1);
    const columns: number[] = [];
    this.#columnsOf.index(items);
    for (const [i, user] of users.entries()) {
      for (let p = known.offsets[user]; p < known.offsets[user + 1]; p++)
        for (let j = this.#columnsOf.first(known.items[p]); j !== -1; j = this.#columnsOf.next(j))
          if (j !== positive[i]) columns.push(j);
      offsets[i + 1] = columns.length;
    }
    return { offsets, columns: Int32Array.from(columns) };
  }
}

/**
 * Items that nobody chose are never drawn: as negatives and never positives they would teach the row of unknown ids that
 * what is new is bad. (Demo, films that come out after training: Recall@100 of .02 with them, .38 without.)
 */
function distributionOf(drawn: Drawn, { itemCount, counts }: TrainingFacts): Distribution {
  return drawn.kind === "uniform" && counts.every((count) => count > 0)
    ? uniformDistribution(itemCount)
    : popularityDistribution(counts, drawn.alpha);
}

/** Finds the columns of an item among the candidates: chains through arrays, so that a batch costs O(candidates). */
class ColumnsOfItems {
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
