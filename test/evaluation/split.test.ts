import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { givenSplit, leaveOneOut, randomSplit, type Split, take, temporalSplit } from "../../src/evaluation/split.ts";

const interactions = fc
  .array(fc.record({ user: fc.nat(5), item: fc.nat(9), time: fc.nat(20) }), { maxLength: 60 })
  .map((rows) => ({
    users: Int32Array.from(rows, (row) => row.user),
    items: Int32Array.from(rows, (row) => row.item),
    timestamps: Float64Array.from(rows, (row) => row.time),
  }));
const shares = fc.record({
  testShare: fc.double({ min: 0.01, max: 0.4, noNaN: true }),
  validationShare: fc.double({ min: 0, max: 0.4, noNaN: true }),
});

function expectPartition({ train, validation, test: held }: Split, count: number): void {
  const rows = [...train, ...validation, ...held].sort((a, b) => a - b);
  expect(rows).toEqual(Array.from({ length: count }, (_, row) => row));
}

test("every split loses nothing and duplicates nothing", () => {
  fc.assert(
    fc.property(interactions, shares, fc.boolean(), fc.integer(), (data, cut, validation, seed) => {
      const count = data.users.length;
      expectPartition(leaveOneOut(data, { validation }), count);
      expectPartition(temporalSplit(data, cut), count);
      expectPartition(temporalSplit(data, { testFrom: 12, validationFrom: 7 }), count);
      expectPartition(randomSplit(count, { ...cut, seed }), count);
    }),
  );
});

describe("leave one out", () => {
  test("takes each user's last, then second last, and leaves at least one to train on", () => {
    fc.assert(
      fc.property(interactions, (data) => {
        const split = leaveOneOut(data, { validation: true });
        for (const user of new Set(data.users)) {
          const of = (rows: Int32Array) => [...rows].filter((row) => data.users[row] === user);
          const ordered = of(Int32Array.from(data.users.keys())).sort(
            (a, b) => data.timestamps[a] - data.timestamps[b] || a - b,
          );
          expect(of(split.test)).toEqual(ordered.length > 1 ? ordered.slice(-1) : []);
          expect(of(split.validation)).toEqual(ordered.length > 2 ? ordered.slice(-2, -1) : []);
          expect(of(split.train).length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("without timestamps goes by the order of the input", () => {
    const split = leaveOneOut({ users: Int32Array.of(1, 0, 1, 0, 0) });
    expect([...split.test]).toEqual([2, 4]);
  });
});

describe("temporal split", () => {
  test("no training interaction is later than a test interaction", () => {
    fc.assert(
      fc.property(interactions, shares, (data, cut) => {
        const split = temporalSplit(data, cut);
        const times = (rows: Int32Array) => Array.from(rows, (row) => data.timestamps[row]);
        const latest = Math.max(...times(split.train), ...times(split.validation));
        for (const time of times(split.test)) expect(time).toBeGreaterThan(latest);
      }),
    );
  });

  test("shares of the whole", () => {
    const timestamps = Float64Array.from({ length: 100 }, (_, row) => 1000 - row);
    const split = temporalSplit({ users: new Int32Array(100), timestamps }, { testShare: 0.2, validationShare: 0.1 });
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([70, 10, 20]);
    expect([...split.test]).toEqual(Array.from({ length: 20 }, (_, row) => row));
  });

  test("needs timestamps, and shares below 1", () => {
    expect(() => temporalSplit({ users: Int32Array.of(0) }, { testShare: 0.5 })).toThrow(/needs timestamps/);
    const dated = { users: Int32Array.of(0), timestamps: Float64Array.of(1) };
    expect(() => temporalSplit(dated, { testShare: 1 })).toThrow(/test share 1/);
    expect(() => temporalSplit(dated, { testFrom: 5, validationFrom: 6 })).toThrow(/validation begins at 6/);
  });
});

test("a random split is as large as asked for, and the same for the same seed", () => {
  const options = { testShare: 0.25, validationShare: 0.25, seed: 7 };
  const split = randomSplit(100, options);
  expect([split.train.length, split.validation.length, split.test.length]).toEqual([50, 25, 25]);
  expect(split).toEqual(randomSplit(100, options));
  expect(split).not.toEqual(randomSplit(100, { ...options, seed: 8 }));
});

test("a given split goes by its labels", () => {
  const split = givenSplit(["test", "train", "valid", "validation"]);
  expect([[...split.train], [...split.validation], [...split.test]]).toEqual([[1], [2, 3], [0]]);
  expect(() => givenSplit(["train", "dev"])).toThrow(/row 2: the split is "dev"/);
});

test("take keeps what belongs together", () => {
  const data = { users: Int32Array.of(1, 2, 3), items: Int32Array.of(4, 5, 6), timestamps: Float64Array.of(7, 8, 9) };
  expect(take(data, Int32Array.of(0, 2))).toEqual({
    users: Int32Array.of(1, 3),
    items: Int32Array.of(4, 6),
    timestamps: Float64Array.of(7, 9),
    weights: undefined,
  });
});
