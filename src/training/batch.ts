import { gather, scores } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Interactions, UserItems } from "../features/interactions.ts";
import type { Engine } from "../kernels/engine.ts";
import { log } from "../kernels/math.ts";
import type { Distinct, Judged } from "../losses/loss.ts";
import type { Candidates } from "../sampling/sampler.ts";
import { intsOf, passing, passingInts, type Tensor, tensorOf } from "../tensor/tensor.ts";
import { DistinctRows } from "./distinct-rows.ts";

/** The pairs of a step and their candidates. */
export interface Pairs {
  /** Row numbers of the interactions. */
  readonly pairs: Int32Array;
  readonly users: Int32Array;
  readonly candidates: Candidates;
}

/**
 * A batch whose candidates are shared by all its users, encoded once each: what it takes to judge it. Users are merged
 * only if `mergeUsers`: not where a row depends on the pair as well (a history) or on chance (dropout).
 */
export class SharedBatch {
  readonly users: DistinctRows;
  readonly items: DistinctRows;
  readonly #known: UserItems;
  readonly #weights: Float32Array | undefined;
  #maskColumns: Int32Array = new Int32Array(1024);

  constructor(userCount: number, itemCount: number, known: UserItems, interactions: Interactions) {
    this.users = new DistinctRows(userCount);
    this.items = new DistinctRows(itemCount);
    this.#known = known;
    this.#weights = interactions.weights;
  }

  /** Finds who and what there is to encode: `users.rows` and `items.rows`. */
  take({ users, candidates }: Pairs, merge: { readonly users: boolean; readonly items: boolean }): void {
    this.users.find(users, merge.users);
    this.items.find(candidates.items, merge.items);
  }

  /** What the loss is told, given the vectors of `users.rows` and `items.rows`. */
  judged({ pairs, candidates }: Pairs, users: Var, items: Var): Judged {
    const { engine } = users.value;
    const weights = tensorOf(engine, [pairs.length], normalisedWeights(this.#weights, pairs));
    const distinct = this.#distinct(engine, pairs, candidates, weights, users, items);
    const expanded = (vectors: Var, rows: DistinctRows, count: number): Var =>
      rows.count === count ? vectors : gather(vectors, intsOf(engine, rows.placeOf.subarray(0, count)));
    const everyone = this.users;
    const everything = this.items;
    // Losses that look at each score ask for these; they cost a matrix of b × c, so nobody else pays for them.
    return {
      distinct,
      weights,
      get positive() {
        return intsOf(engine, candidates.positive);
      },
      get correction() {
        return candidates.correction && tensorOf(engine, [candidates.items.length], candidates.correction);
      },
      get scores() {
        return scores(expanded(users, everyone, pairs.length), expanded(items, everything, candidates.items.length));
      },
      get masked() {
        const { offsets, columns } = candidates.masked;
        return columns.length > 0 ? { offsets: intsOf(engine, offsets), columns: intsOf(engine, columns) } : undefined;
      },
    };
  }

  #distinct(
    engine: Engine,
    pairs: Int32Array,
    candidates: Candidates,
    weights: Tensor,
    users: Var,
    items: Var,
  ): Distinct {
    const b = pairs.length;
    const n = this.items.count;
    const [userOf, itemOf] = [this.users.placeOf, this.items.placeOf];
    const offsets = passingInts(engine, this.users.count + 1);
    const starts = offsets.data.fill(0);
    for (let i = 0; i < b; i++) starts[userOf[i] + 1]++;
    for (let i = 0; i < this.users.count; i++) starts[i + 1] += starts[i];
    const next = starts.slice();
    const positives = passingInts(engine, b);
    const ordered = passing(engine, [b]);
    for (let i = 0, to = positives.data, weight = ordered.data, from = weights.data; i < b; i++) {
      const e = next[userOf[i]]++; // examples by user
      to[e] = itemOf[candidates.positive[i]];
      weight[e] = from[i];
    }

    const copies = passing(engine, [n]);
    const counts = copies.data.fill(0);
    const { correction } = candidates;
    const c = candidates.items.length;
    for (let j = 0; j < c; j++) counts[itemOf[j]]++;
    for (let i = 0; i < n; i++) counts[i] = counts[i] === 1 ? 0 : log(counts[i]);
    const corrections = correction && passing(engine, [n]);
    if (corrections) for (let j = 0, to = corrections.data; j < c; j++) to[itemOf[j]] = correction[j];
    const masked = this.#masked(engine);
    return { users, items, offsets, positives, weights: ordered, copies, correction: corrections, masked };
  }

  /** Which items each user is known to like. */
  #masked(engine: Engine): Distinct["masked"] {
    const { offsets: starts, items } = this.#known;
    const { places } = this.items;
    const users = this.users.rows;
    const most = users.reduce((sum, user) => sum + starts[user + 1] - starts[user], 0);
    if (this.#maskColumns.length < most) this.#maskColumns = new Int32Array(2 * most);
    const columns = this.#maskColumns;
    const ends = new Int32Array(users.length + 1);
    let length = 0;
    for (let i = 0; i < users.length; i++) {
      for (let p = starts[users[i]], end = starts[users[i] + 1]; p < end; p++) {
        columns[length] = places[items[p]];
        if (columns[length] >= 0) length++;
      }
      ends[i + 1] = length;
    }
    if (length === 0) return undefined;
    return { offsets: intsOf(engine, ends), columns: intsOf(engine, this.#maskColumns.subarray(0, length)) };
  }
}

/** The weights of the pairs, scaled to sum to 1. */
export function normalisedWeights(weights: Float32Array | undefined, pairs: Int32Array): Float64Array {
  const raw = new Float64Array(pairs.length).fill(1);
  if (weights) for (let i = 0; i < raw.length; i++) raw[i] = weights[pairs[i]];
  let total = 0;
  for (let i = 0; i < raw.length; i++) total += raw[i];
  for (let i = 0; i < raw.length; i++) raw[i] /= total;
  return raw;
}
