import type { UserItems } from "../features/interactions.ts";
import { discounts, emptyPerUser, type MetricsAtK, measureList, type PerUser, summarise } from "./metrics.ts";
import { restrict, type Slice } from "./slices.ts";
import { itemsOf, usersWithItems } from "./user-items.ts";

/** The metrics of one slice of the test pairs. */
export interface SliceEvaluation {
  readonly name: string;
  /** Users with test items in the slice, ascending: what the means are over. */
  readonly users: Int32Array;
  /** Test pairs in the slice. */
  readonly pairs: number;
  /** One for each cut-off, ascending. */
  readonly metrics: readonly MetricsAtK[];
}

/** Collects the metrics of one slice, list by list. */
export class SliceMeter {
  readonly #name: string;
  readonly #test: UserItems;
  readonly #users: Int32Array;
  readonly #ks: readonly number[];
  readonly #gains: Float64Array;
  readonly #perUser: readonly PerUser[];
  #row = 0;

  /** @param ks cut-offs, ascending */
  constructor(slice: Slice, test: UserItems, ks: readonly number[]) {
    this.#name = slice.name;
    this.#test = restrict(test, slice);
    this.#users = usersWithItems(this.#test);
    this.#ks = ks;
    this.#gains = discounts(ks[ks.length - 1]);
    this.#perUser = ks.map(() => emptyPerUser(this.#users.length));
  }

  /** Measures a user's list. Users come in ascending order, each once; those outside the slice are passed over. */
  add(user: number, list: Int32Array): void {
    const relevant = itemsOf(this.#test, user);
    if (relevant.length > 0) measureList(list, relevant, this.#ks, this.#gains, this.#row++, this.#perUser);
  }

  result(): SliceEvaluation {
    const metrics = this.#ks.map((k, c) => summarise(k, this.#perUser[c]));
    return { name: this.#name, users: this.#users, pairs: this.#test.items.length, metrics };
  }
}
