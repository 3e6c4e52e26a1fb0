import { TwoTowerError } from "../errors.ts";
import { log } from "../kernels/math.ts";
import type { Random } from "../tensor/random.ts";
import { ColumnsOfItems } from "./columns-of-items.ts";
import type { Memory } from "./cross-batch.ts";
import { type Distribution, distributionOf } from "./distribution.ts";
import type { StreamingFrequency } from "./frequency.ts";
import type { CrossBatch, Negatives, OwnItems, OwnLayout, TrainingFacts } from "./negatives.ts";

/** The candidates of a batch of b positives, in columns. */
export interface Candidates {
  /** "shared": every user is scored against all of `items`; "own": user i against its own k consecutive items. */
  readonly layout: "shared" | "own";
  /** Item rows to encode: [c] where shared, [b · k] where own. */
  readonly items: Int32Array;
  /** Where shared, the next m columns: vectors of former batches, [m, d]. */
  readonly remembered?: Float32Array | undefined;
  /** Where shared, the last k columns, each user's own: item rows to encode, [b · k]. */
  readonly own?: Int32Array | undefined;
  /** The column of each user's positive, [b]. */
  readonly positive: Int32Array;
  /**
   * −log Q: of each column, or [b · k] where all are own. Q is how many times the column's item is expected among the
   * negatives of a row; undefined where every item is there once.
   */
  readonly correction: Float32Array | undefined;
  /** Columns of row i that are no negatives of its user: columns[offsets[i] … offsets[i+1]). Found when asked for. */
  readonly masked: { readonly offsets: Int32Array; readonly columns: Int32Array };
}

const IMPOSSIBLE = 1e-12; // Q of what is never drawn, such as the one positive of a batch of one; its log is finite

/** Turns the positives of a batch into candidates. */
export class Sampler {
  readonly #negatives: Negatives;
  readonly #facts: TrainingFacts;
  readonly #drawn: { readonly count: number; readonly from: Distribution }[] = [];
  readonly #total: number; // interactions in all
  readonly #columnsOf: ColumnsOfItems;
  readonly #each: OwnLayout | undefined;
  readonly #crossBatch: CrossBatch | undefined;
  readonly #own: { readonly count: number; readonly of: OwnItems }[] = [];
  /** What a checkpoint has to keep. */
  readonly memory: Memory | undefined;
  readonly frequency: StreamingFrequency | undefined;
  step = 0;
  #hadSome = false;
  readonly #corrections: Float32Array; // [items] −log Q, NaN where not yet known
  #sizes = { b: 0, m: 0 }; // of the batch they are for
  #catalogue: Catalogue | undefined; // of a full softmax

  constructor(negatives: Negatives, facts: TrainingFacts) {
    this.#negatives = negatives;
    this.#facts = facts;
    this.#total = facts.counts.reduce((sum, count) => sum + count, 0);
    this.#columnsOf = new ColumnsOfItems(facts.itemCount);
    this.#corrections = new Float32Array(facts.itemCount).fill(Number.NaN);
    if (negatives.layout === "own") this.#each = negatives.build(facts);
    if (negatives.layout !== "shared") return;
    for (const source of negatives.sources)
      if ("alpha" in source) this.#drawn.push({ count: source.count, from: distributionOf(source, facts) });
      else if (source.kind === "crossBatch") this.#crossBatch = source;
      else this.#own.push({ count: source.count, of: source.build(facts) });
    this.memory = this.#crossBatch?.build();
    if (negatives.frequency !== "counted") this.frequency = negatives.frequency.build();
  }

  /** Candidates for the pairs (users[i], items[i]). */
  candidates(users: Int32Array, items: Int32Array, random: Random): Candidates {
    for (const { of } of this.#own) of.prepare?.(users, this.step, random);
    this.step++;
    if (this.#each) return this.#each.candidates(users, items, random);
    if (this.#negatives.layout === "all") return this.#all(users, items);
    return this.#shared(users, items, random);
  }

  /** Starts an epoch: an interrupted training takes up at such a place, and must find what it would have found. */
  startEpoch(): void {
    for (const { of } of this.#own) of.forget?.();
  }

  /** After an epoch: throws BAD_ARGUMENT where no batch of it had a negative, for then nothing was learnt. */
  expectNegatives(): void {
    if (this.#hadSome || this.#negatives.layout !== "shared") return;
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      "negatives: no batch of the first epoch had any; add uniform(n), or let crossBatch() start at once, { after: 0 }",
    );
  }

  /** What must be kept to go on later: a few numbers, and arrays by name. */
  get state(): { readonly numbers: readonly number[]; readonly arrays: ReadonlyMap<string, StateArray> } {
    const { memory, frequency } = this;
    const arrays = new Map<string, StateArray>();
    if (memory) arrays.set("memory.items", memory.items).set("memory.vectors", memory.vectors);
    if (frequency) arrays.set("frequency.last", frequency.last).set("frequency.average", frequency.average);
    return { numbers: [this.step, frequency?.step ?? 0], arrays };
  }

  /** Goes on as the sampler did whose `state` this was. */
  set state({ numbers, arrays }) {
    const { memory, frequency } = this;
    this.step = numbers[0];
    if (memory) {
      memory.items = arrays.get("memory.items") as Int32Array;
      memory.vectors = arrays.get("memory.vectors") as Float32Array;
    }
    if (frequency) {
      frequency.step = numbers[1];
      frequency.last.set(arrays.get("frequency.last") as Float64Array);
      frequency.average.set(arrays.get("frequency.average") as Float64Array);
    }
  }

  /** After the towers: the vectors [·, d] that the positives of the batch have now, among those of `items` or of `own`. */
  remember(
    positives: Int32Array,
    { positive, items, own }: Pick<Candidates, "positive" | "items" | "own">,
    d: number,
    ofItems: ArrayLike<number>,
    ofOwn?: ArrayLike<number>,
  ): void {
    if (!this.memory) return;
    const k = (own?.length ?? 0) / positives.length;
    const vectors = new Float32Array(positives.length * d);
    for (let i = 0; i < positives.length; i++) {
      const inItems = positive[i] < items.length;
      const from = (inItems ? positive[i] : i * k) * d;
      for (let e = 0; e < d; e++) vectors[i * d + e] = inItems ? ofItems[from + e] : (ofOwn?.[from + e] ?? 0);
    }
    this.memory.add(positives, vectors);
  }

  /**
   * Columns: the b positives themselves, what is drawn, what is remembered; then each user's own. Without in-batch
   * negatives each positive is the first of its user's own.
   */
  #shared(users: Int32Array, positives: Int32Array, random: Random): Candidates {
    const b = positives.length;
    const inBatch = this.#negatives.layout === "shared" && this.#negatives.inBatch;
    const others = inBatch ? b : 0;
    const items = new Int32Array(this.#drawn.reduce((sum, { count }) => sum + count, others));
    if (inBatch) items.set(positives);
    let column = others;
    for (const { count, from } of this.#drawn) for (let n = 0; n < count; n++) items[column++] = from.draw(random);

    const memory = this.#crossBatch && this.step > this.#crossBatch.after ? this.memory : undefined;
    const shared = memory ? concatenated(items, memory.items) : items;
    this.frequency?.observe(positives);
    const own = this.#ownColumns(users, inBatch ? undefined : positives, random);
    const correction = new Float32Array(shared.length + own.count); // an own one is there for sure: −log 1
    for (let j = 0; j < shared.length; j++)
      correction[j] = this.#correctionOf(shared[j], b, others, memory?.items.length ?? 0);
    const positive = new Int32Array(b);
    for (let i = 0; i < b; i++) positive[i] = inBatch ? i : shared.length;
    const masked = this.#lazily(() => this.#masked(users, shared, positive, own));
    if (own.count > 0) masked(); // it fills the empty ones of `own`
    this.#hadSome ||= shared.length > (inBatch ? 1 : 0) || masked().columns.length < b * (own.count - own.first);
    return {
      layout: "shared",
      items,
      remembered: memory && memory.items.length > 0 ? memory.vectors : undefined,
      own: own.count > 0 ? own.items : undefined,
      positive,
      correction,
      get masked() {
        return masked();
      },
    };
  }

  /** −log Q of an item. Kept from batch to batch while Q depends on nothing else than the sizes b and m. */
  #correctionOf(item: number, b: number, others: number, m: number): number {
    if (this.frequency) return -log(Math.max(IMPOSSIBLE, this.#expected(item, b, others, m)));
    if (this.#sizes.b !== b || this.#sizes.m !== m) {
      this.#sizes = { b, m };
      this.#corrections.fill(Number.NaN);
    }
    if (Number.isNaN(this.#corrections[item]))
      this.#corrections[item] = -log(Math.max(IMPOSSIBLE, this.#expected(item, b, others, m)));
    return this.#corrections[item];
  }

  /**
   * Q of an item: how many times the negatives of a row are expected to hold it,
   *   (b − 1 + m) · (its share of interactions) + Σ draws · probability,
   * because the other b − 1 positives of a batch come from the interactions without the row's own, and the m
   * remembered ones from earlier batches. For in-batch + uniform this is Yang 2020's mixture, times the columns.
   */
  #expected(item: number, b: number, others: number, m: number): number {
    const { counts } = this.#facts;
    const positives = Math.max(0, others - 1) + m;
    let expected = this.frequency
      ? (this.frequency.expected(item) * positives) / b
      : (positives * counts[item]) / Math.max(1, this.#total - 1);
    for (const { count, from } of this.#drawn) expected += count * from.probability(item);
    return expected;
  }

  /** Each user's own columns: its positive, where that is not shared, and its own negatives; −1 where there is none. */
  #ownColumns(users: Int32Array, positives: Int32Array | undefined, random: Random): OwnColumns {
    const first = positives ? 1 : 0;
    const count = this.#own.reduce((sum, { count }) => sum + count, first);
    const items = new Int32Array(users.length * count).fill(-1);
    if (count === 0) return { first, count, items };
    for (const [i, user] of users.entries()) {
      let at = i * count;
      if (positives) items[at++] = positives[i];
      for (const { count, of } of this.#own) {
        items.set(of.draw(user, random), at);
        at += count;
      }
    }
    return { first, count, items };
  }

  /** Columns: every item that anybody chose; see `distributionOf` for why not the others. */
  #all(users: Int32Array, positives: Int32Array): Candidates {
    const { chosen, columns } = (this.#catalogue ??= catalogueOf(this.#facts));
    const positive = positives.map((item) => columns[item]);
    const masked = this.#lazily(() =>
      this.#masked(users, chosen, positive, { first: 0, count: 0, items: new Int32Array(0) }),
    );
    return {
      layout: "shared",
      items: chosen,
      positive,
      correction: undefined,
      get masked() {
        return masked();
      },
    };
  }

  /** Masks cost a look at everything that the users of a batch like; most losses never ask. */
  #lazily(find: () => Candidates["masked"]): () => Candidates["masked"] {
    let found: Candidates["masked"] | undefined;
    return () => (found ??= find());
  }

  /**
   * For each user the columns that are no negatives: what it is known to like, its positive of this batch apart;
   * shared columns of an item that is one of its own, which then is counted once and for sure; own columns that are
   * empty, known or there already.
   */
  #masked(users: Int32Array, shared: Int32Array, positive: Int32Array, own: OwnColumns): Candidates["masked"] {
    const { known } = this.#facts;
    const offsets = new Int32Array(users.length + 1);
    const columns = new IntList();
    this.#columnsOf.index(shared);
    let liked: Int32Array = new Int32Array(0);
    const likedColumns = new IntList(); // of the user of the row before: in runs it is this one's too
    for (const [i, user] of users.entries()) {
      if (i === 0 || user !== users[i - 1]) {
        liked = known.items.subarray(known.offsets[user], known.offsets[user + 1]);
        likedColumns.length = 0;
        for (let p = 0; p < liked.length; p++) this.#eachColumn(liked[p], likedColumns);
      }
      for (let p = 0; p < likedColumns.length; p++)
        if (likedColumns.values[p] !== positive[i]) columns.push(likedColumns.values[p]);
      for (let n = own.first; n < own.count; n++) {
        const at = i * own.count + n;
        const item = own.items[at];
        const isNegative = item >= 0 && !liked.includes(item) && !own.items.subarray(at - n, at).includes(item);
        if (isNegative) this.#eachColumn(item, columns);
        else {
          columns.push(shared.length + n);
          if (item < 0) own.items[at] = 0; // something to encode; its score is masked
        }
      }
      offsets[i + 1] = columns.length;
    }
    return { offsets, columns: columns.values.slice(0, columns.length) };
  }

  #eachColumn(item: number, found: IntList): void {
    for (let j = this.#columnsOf.first(item); j !== -1; j = this.#columnsOf.next(j)) found.push(j);
  }
}

/** Arrays that a sampler's state is made of. */
type StateArray = Int32Array | Float32Array | Float64Array;

/** A list that grows: an array of plain numbers would take twice the time. */
class IntList {
  values: Int32Array<ArrayBuffer> = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}

/** `count` further columns of each user, the `first` of them its positive; items [b · count]. */
interface OwnColumns {
  readonly first: number;
  readonly count: number;
  readonly items: Int32Array;
}

interface Catalogue {
  /** Items that anybody chose, ascending. */
  readonly chosen: Int32Array;
  /** [items] where an item stands among them. */
  readonly columns: Int32Array;
}

function catalogueOf({ itemCount, counts }: TrainingFacts): Catalogue {
  const columns = new Int32Array(itemCount).fill(-1);
  const chosen = Int32Array.from(columns.keys()).filter((item) => counts[item] > 0);
  for (let column = 0; column < chosen.length; column++) columns[chosen[column]] = column;
  return { chosen, columns };
}

function concatenated(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
