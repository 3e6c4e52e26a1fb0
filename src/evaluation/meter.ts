import type { UserItems } from "../features/interactions.ts";
import {
  emptyPerUser,
  type Gains,
  gains,
  type Hit,
  type MetricsAtK,
  measure,
  type PerUser,
  summarise,
} from "./metrics.ts";
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

/** Collects the metrics of one slice, user by user. */
export class SliceMeter {
  readonly #slice: Slice;
  readonly #test: UserItems;
  readonly #users: Int32Array;
  readonly #ks: readonly number[];
  readonly #gains: Gains;
  readonly #perUser: readonly PerUser[];
  #row = 0;

  /** @param ks cut-offs, ascending */
  constructor(slice: Slice, test: UserItems, ks: readonly number[]) {
    this.#slice = slice;
    this.#test = restrict(test, slice);
    this.#users = usersWithItems(this.#test);
    this.#ks = ks;
    this.#gains = gains(ks[ks.length - 1]);
    this.#perUser = ks.map(() => emptyPerUser(this.#users.length));
  }

  /** Measures a user's hits. Users come in ascending order, each once; those outside the slice are passed over. */
  add(user: number, hits: readonly Hit[]): void {
    if (user !== this.#users[this.#row]) return;
    const relevant = itemsOf(this.#test, user).length;
    const { items } = this.#slice;
    const own = items === undefined ? hits : hits.filter(({ item }) => items[item] === 1);
    measure(own, relevant, this.#ks, this.#gains, this.#perUser, this.#row++);
  }

  result(): SliceEvaluation {
    const metrics = this.#ks.map((k, c) => summarise(k, this.#perUser[c]));
    return { name: this.#slice.name, users: this.#users, pairs: this.#test.items.length, metrics };
  }
}
