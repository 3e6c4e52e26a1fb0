import fc from "fast-check";
import { groupByUser, type UserItems } from "../../src/features/interactions.ts";

/** A small data set: each user's items are for training, for the test, or neither. */
export interface Task {
  readonly userCount: number;
  readonly itemCount: number;
  readonly train: UserItems;
  readonly test: UserItems;
  readonly seed: number;
}

/** Builds the CSR form from one list of items a user. */
export function userItems(lists: readonly (readonly number[])[]): UserItems {
  const users = lists.flatMap((list, user) => list.map(() => user));
  return groupByUser({ users: Int32Array.from(users), items: Int32Array.from(lists.flat()) }, lists.length);
}

/** Every user's items as plain lists. */
export function toLists({ offsets, items }: UserItems): number[][] {
  return Array.from({ length: offsets.length - 1 }, (_, u) => [...items.subarray(offsets[u], offsets[u + 1])]);
}

/** Tasks with at least one test pair, train and test disjoint for each user. */
export const task: fc.Arbitrary<Task> = fc
  .record({ userCount: fc.integer({ min: 1, max: 12 }), itemCount: fc.integer({ min: 2, max: 30 }) })
  .chain(({ userCount, itemCount }) =>
    fc.record({
      userCount: fc.constant(userCount),
      itemCount: fc.constant(itemCount),
      uses: fc.array(
        fc.array(fc.constantFrom("train", "test", "none"), { minLength: itemCount, maxLength: itemCount }),
        {
          minLength: userCount,
          maxLength: userCount,
        },
      ),
      seed: fc.integer(),
    }),
  )
  .filter(({ uses }) => uses.flat().includes("test"))
  .map(({ uses, ...rest }) => {
    const having = (use: string) => userItems(uses.map((own) => [...own.keys()].filter((item) => own[item] === use)));
    return { ...rest, train: having("train"), test: having("test") };
  });
