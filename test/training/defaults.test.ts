import { describe, expect, test } from "vitest";
import { each, inBatch, listwise, pairwise, uniform } from "../../src/index.ts";
import { type Circumstances, defaultsFor } from "../../src/training/defaults.ts";

const usual: Circumstances = {
  loss: listwise(),
  itemCount: 20_000,
  pairs: 100_000,
  oneVectorPerUser: true,
  negatives: undefined,
};
const layoutOf = (circumstances: Partial<Circumstances>): string =>
  defaultsFor({ ...usual, ...circumstances }).negatives.layout;

describe("if nothing is said, negatives are", () => {
  test.each([
    ["all items, for listwise", {}, "all"],
    ["shared by the batch where items are more than 20,000", { itemCount: 20_001 }, "shared"],
    ["shared by the batch where a user's vector differs from pair to pair", { oneVectorPerUser: false }, "shared"],
    ["each positive's own for other losses", { loss: pairwise() }, "own"],
    ["what the caller says", { negatives: inBatch() }, "shared"],
    ["what the caller says, of other losses too", { negatives: each(uniform(2)) }, "own"],
  ] as const)("%s", (_, circumstances, layout) => {
    expect(layoutOf(circumstances)).toBe(layout);
  });
});

test("a full softmax takes ten steps an epoch, within what is too little and what is too much for a step", () => {
  expect([1000, 100_000, 5_000_000].map((pairs) => defaultsFor({ ...usual, pairs }).batchSize)).toEqual([
    256, 10_000, 65_536,
  ]);
});
