import { describe, expect, test } from "vitest";
import { ExactIndex } from "../../src/ann/exact.ts";
import { readIndex } from "../../src/ann/read-index.ts";
import { mergeTopK, ShardedIndex } from "../../src/ann/sharded.ts";
import { sharedIndex } from "../../src/ann/shared-index.ts";
import { withAttributes } from "../../src/ann/with-attributes.ts";
import { clustered, nth, numbers } from "./clustered.ts";

const n = 900;
const d = 8;
const { items, queries } = clustered(n, d, 20);
const exacts = (count: number) => Array.from({ length: count }, () => new ExactIndex<number>({ dimension: d }));

test("mergeTopK takes the best of all, and no more than there are", () => {
  const merged = mergeTopK(
    [
      { ids: ["a", "b"], scores: Float32Array.of(0.9, 0.25) },
      { ids: ["c", "d", "e"], scores: Float32Array.of(0.75, 0.5, 0.25) },
      { ids: [], scores: new Float32Array(0) },
    ],
    4,
  );
  expect(merged).toEqual({ ids: ["a", "c", "d", "b"], scores: Float32Array.of(0.9, 0.75, 0.5, 0.25) });
  expect(mergeTopK([merged], 9).ids).toEqual(merged.ids);
  expect(mergeTopK([], 3).ids).toEqual([]);
});

describe("shards are searched as one index", () => {
  const whole = new ExactIndex<number>({ dimension: d });
  const sharded = new ShardedIndex(exacts(3));
  for (const index of [whole, sharded]) {
    index.addMany(numbers(n), items);
    for (let i = 0; i < n; i += 5) index.remove(i);
    index.update(7, nth(items, d, 0));
    index.add(5, nth(items, d, 5));
  }

  test("whatever the filter", () => {
    const some = new Set(numbers(n).filter((i) => i % 2 === 0));
    for (const options of [{}, { filter: some }, { filter: (id: number) => id < 100 }, { exclude: [1, 2, 3] }])
      expect(sharded.searchMany(queries, 15, options)).toEqual(whole.searchMany(queries, 15, options));
    expect(sharded.search(nth(queries, d, 0), 15)).toEqual(whole.search(nth(queries, d, 0), 15));
  });

  test("by rows, which name the same items", () => {
    expect(sharded.rows).toBeLessThanOrEqual(n + 3);
    for (const id of [1, 5, 7, 899]) expect(sharded.idOf(sharded.rowOf(id)!)).toBe(id);
    const allowed = new Uint8Array(Math.ceil(sharded.rows / 8));
    for (let id = 1; id < n; id += 2)
      if (sharded.has(id)) allowed[sharded.rowOf(id)! >> 3] |= 1 << (sharded.rowOf(id)! & 7);
    const options = { allowed, excluded: [sharded.rowOf(1)!, sharded.rowOf(3)!] };
    const { rows, scores } = sharded.searchRows(nth(queries, d, 1), 20, options);
    const filter = (id: number) => id % 2 === 1 && id !== 1 && id !== 3;
    const expected = whole.search(nth(queries, d, 1), 20, { filter });
    expect(Array.from(rows, (row) => sharded.idOf(row))).toEqual(expected.ids);
    expect(scores).toEqual(expected.scores);
    expect(sharded.search(nth(queries, d, 1), 20, { filter: allowed, exclude: [1, 3] })).toEqual(expected);
  });

  test("with attributes over all of them", () => {
    const index = withAttributes(new ShardedIndex(exacts(4)), { price: "number" });
    index.addMany(
      numbers(100),
      items.subarray(0, 100 * d),
      numbers(100).map((i) => ({ price: i })),
    );
    const { ids } = index.search(nth(queries, d, 0), 100, { where: { price: { min: 90 } } });
    expect(ids.sort((a, b) => a - b)).toEqual(numbers(10).map((i) => 90 + i));
  });

  test("saved and loaded, piece by piece", async () => {
    const bytes = sharded.toBytes();
    const loaded = await readIndex<number>(new Blob([new Uint8Array(bytes)]).stream(), {
      byteLength: bytes.length,
      kinds: [ShardedIndex],
    });
    expect(loaded.searchMany(queries, 9)).toEqual(sharded.searchMany(queries, 9));
  });

  test("all items or none, each where there is room", () => {
    const index = new ShardedIndex(exacts(3));
    index.addMany(numbers(10), items.subarray(0, 10 * d));
    const bad = Float32Array.from(items.subarray(0, 6 * d));
    bad[5 * d] = Number.NaN;
    expect(() => index.addMany([20, 21, 22, 23, 24, 25], bad)).toThrow(/NaN/);
    expect(index.size).toBe(10);
    expect(() => index.addMany([30, 3], items.subarray(0, 2 * d))).toThrow(/item "3" is in the index already/);
    expect(() => index.addMany([30, 30], items.subarray(0, 2 * d))).toThrow(/twice/);
    expect(() => index.remove(99)).toThrow(/no item "99"/);
    expect(() => new ShardedIndex([])).toThrow(/at least one/);
    expect(() => new ShardedIndex([...exacts(1), new ExactIndex({ dimension: 2 }) as never])).toThrow(/one dimension/);
  });
});

test("shards of graphs, each with threads of its own, search together, for one query and for many", async () => {
  const shared = await Promise.all([1, 2].map(() => sharedIndex<number>({ dimension: d, M: 8, threads: 2 })));
  const index = new ShardedIndex(shared.map(({ index }) => index));
  index.addMany(numbers(n), items);
  const truth = new ExactIndex<number>({ dimension: d });
  truth.addMany(numbers(n), items);
  const expected = truth.searchMany(queries, 10);
  let hits = 0;
  for (const [q, { ids }] of index.searchMany(queries, 10).entries())
    hits += ids.filter((id) => expected[q].ids.includes(id)).length;
  expect(hits / expected.length / 10).toBeGreaterThan(0.98);
  const single = (options = {}): unknown => expected.map((_, q) => index.search(nth(queries, d, q), 10, options));
  expect(single()).toEqual(index.searchMany(queries, 10));
  const filter = (id: number): boolean => id % 3 > 0;
  const exclude = (function* () {
    yield 1;
    yield 2;
  })();
  expect(index.search(nth(queries, d, 0), 10, { filter, exclude })).toEqual(
    index.searchMany(queries, 10, { filter, exclude: [1, 2] })[0],
  );
  const one = index.searchRows(nth(queries, d, 3), 10);
  expect(Array.from(one.rows, (row) => index.idOf(row))).toEqual(index.search(nth(queries, d, 3), 10).ids);
  const broken = (id: number): boolean => {
    if (id === n - 1) throw new Error("no answer");
    return true;
  };
  expect(() => index.search(nth(queries, d, 0), 10, { filter: broken })).toThrow("no answer");
  const before = single();
  for (const { stop } of shared) stop();
  expect(single()).toEqual(before);
});
