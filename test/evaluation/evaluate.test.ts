import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { popularity } from "../../src/evaluation/baselines/popularity.ts";
import { random } from "../../src/evaluation/baselines/random.ts";
import { evaluate, metricAt } from "../../src/evaluation/evaluate.ts";
import { metricNames } from "../../src/evaluation/metrics.ts";
import { scoreRanker } from "../../src/evaluation/score-ranker.ts";
import { usersWithItems } from "../../src/evaluation/user-items.ts";
import { task, toLists, userItems } from "./arbitraries.ts";

describe("metrics", () => {
  test("agree with their definitions on any lists", () => {
    fc.assert(
      fc.property(task, fc.integer({ min: 1, max: 40 }), (given, k) => {
        const ranker = random(given.itemCount, { seed: given.seed });
        const evaluation = evaluate(ranker, { train: given.train, test: given.test, ks: [k] });
        const users = usersWithItems(given.test);
        const lists = ranker.rank(users, k, given.train);
        users.forEach((user, row) => {
          const list = [...lists.subarray(row * k, (row + 1) * k)];
          const relevant = new Set(toLists(given.test)[user]);
          const expected = naive(list, relevant, k);
          for (const name of metricNames)
            expect(evaluation.metrics[0].perUser[name][row], name).toBeCloseTo(expected[name], 12);
        });
        expect(metricAt(evaluation, "ndcg", k)).toBeCloseTo(average(evaluation.metrics[0].perUser.ndcg), 12);
      }),
    );
  });

  test("by hand: hits at ranks 1 and 3 of 2 test items", () => {
    const ranker = scoreRanker("by hand", 5, (_user, out) => out.set([5, 4, 3, 2, 1]));
    const evaluation = evaluate(ranker, { train: userItems([[]]), test: userItems([[0, 2]]), ks: [1, 2, 3] });
    expect(evaluation.metrics.map((at) => at.recall)).toEqual([1 / 2, 1 / 2, 1]);
    expect(evaluation.metrics.map((at) => at.precision)).toEqual([1, 1 / 2, 2 / 3]);
    expect(metricAt(evaluation, "ndcg", 3)).toBeCloseTo((1 + 1 / 2) / (1 + 1 / Math.log2(3)), 12);
    expect(metricAt(evaluation, "map", 3)).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(metricAt(evaluation, "mrr", 3)).toBe(1);
  });

  test("do not depend on how users and items are numbered", () => {
    fc.assert(
      fc.property(task, (given) => {
        // Scores without ties, so that the rule for ties cannot show.
        const score = (user: number, item: number) => Math.sin(given.seed + 31 * user + 17 * item);
        const last = given.itemCount - 1;
        const turned = (lists: number[][]) => userItems(lists.map((list) => list.map((item) => last - item)).reverse());
        const one = evaluate(
          scoreRanker("as it is", given.itemCount, (user, out) => {
            for (let i = 0; i <= last; i++) out[i] = score(user, i);
          }),
          { train: given.train, test: given.test, ks: [3, 10] },
        );
        const other = evaluate(
          scoreRanker("turned round", given.itemCount, (user, out) => {
            for (let i = 0; i <= last; i++) out[i] = score(given.userCount - 1 - user, last - i);
          }),
          { train: turned(toLists(given.train)), test: turned(toLists(given.test)), ks: [3, 10] },
        );
        for (const k of [3, 10])
          for (const name of metricNames) expect(metricAt(one, name, k)).toBeCloseTo(metricAt(other, name, k), 12);
      }),
    );
  });
});

describe("masks", () => {
  test("training items and further masks are never recommended, and everything else is", () => {
    fc.assert(
      fc.property(task, (given) => {
        const { train, itemCount } = given;
        const validation = userItems(toLists(given.test).map((list) => list.slice(0, 1)));
        evaluate(popularity(train, itemCount), {
          ...given,
          masks: [validation],
          ks: [itemCount],
          onLists: (users, lists, k) => {
            users.forEach((user, row) => {
              const shown = [...lists.subarray(row * k, (row + 1) * k)].filter((item) => item >= 0);
              const hidden = new Set([...toLists(train)[user], ...toLists(validation)[user]]);
              const allowed = Array.from({ length: itemCount }, (_, item) => item).filter((item) => !hidden.has(item));
              expect(shown.sort((a, b) => a - b)).toEqual(allowed);
            });
          },
        });
      }),
    );
  });

  test("pairs that are both masked and tested are counted", () => {
    const evaluation = evaluate(random(4, { seed: 1 }), {
      train: userItems([[0, 1], [2]]),
      test: userItems([[1, 3], [2]]),
    });
    expect(evaluation.maskedPairs).toBe(2);
  });
});

describe("slices", () => {
  // Item 0 has 3 of 6 interactions; 1 and 2 follow; 3 has one; 4 none.
  const train = userItems([[0, 1], [0, 2], [0, 3], []]);
  const evaluation = evaluate(popularity(train, 5), { train, test: userItems([[2, 3], [4], [1], [0, 4]]), ks: [2] });
  const slice = (name: string) => evaluation.slices.find((s) => s.name === name)!;

  test("head, middle, tail and cold items share out all test pairs", () => {
    expect(["head", "middle", "tail", "coldItems"].map((name) => slice(name).pairs)).toEqual([1, 1, 2, 2]);
    expect(slice("outsideTop10Percent").pairs).toBe(5);
  });

  test("users with and without training items", () => {
    expect([...slice("warmUsers").users]).toEqual([0, 1, 2]);
    expect([...slice("coldUsers").users]).toEqual([3]);
    expect(metricAt(slice("coldUsers"), "recall", 2)).toBe(0.5);
  });

  test("a slice of one's own", () => {
    const own = { name: "even rows", items: Uint8Array.of(1, 0, 1, 0, 1) };
    const { slices } = evaluate(popularity(train, 5), { train, test: userItems([[2, 3]]), slices: [own] });
    expect(slices.at(-1)).toMatchObject({ name: "even rows", pairs: 1 });
  });
});

test("exposure: one list for all covers k items, and popularity is their mean count", () => {
  const train = userItems([[], [0, 1], [0, 2], [0]]);
  const { exposure } = evaluate(popularity(train, 10), {
    train: userItems([[], [], [], []]),
    test: userItems([[5], [6], [7]]),
    ks: [2],
  });
  expect(exposure[0].coverage).toBe(0.2);
  expect(exposure[0].gini).toBeCloseTo(0.8, 12);
});

test.each([
  ["no test items", { test: userItems([[]]) }, /no user has a test item/],
  ["an item beyond the catalogue", { test: userItems([[9]]) }, /item row 9; the catalogue ends at 3/],
  ["k = 0", { ks: [0] }, /k is 0/],
  ["no k", { ks: [] }, /at least one cut-off/],
])("%s is refused", (_what, wrong, message) => {
  const right = { train: userItems([[0]]), test: userItems([[1]]) };
  expect(() => evaluate(random(4, { seed: 1 }), { ...right, ...wrong })).toThrow(message);
});

function naive(list: readonly number[], relevant: ReadonlySet<number>, k: number): Record<string, number> {
  const hit: number[] = Array.from({ length: k }, (_, r) => (relevant.has(list[r]) ? 1 : 0));
  const hits = hit.reduce((a, b) => a + b, 0);
  const gain = (values: readonly number[]) => values.reduce((sum, h, r) => sum + h / Math.log2(r + 2), 0);
  const precisionAt = (r: number) => hit.slice(0, r + 1).reduce((a, b) => a + b, 0) / (r + 1);
  return {
    recall: hits / relevant.size,
    hit: Math.min(1, hits),
    ndcg: gain(hit) / gain(new Array(Math.min(k, relevant.size)).fill(1)),
    mrr: hits > 0 ? 1 / (hit.indexOf(1) + 1) : 0,
    map: hit.reduce((sum, h, r) => sum + h * precisionAt(r), 0) / relevant.size,
    precision: hits / k,
  };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
