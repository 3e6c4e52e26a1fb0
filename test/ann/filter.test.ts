import { describe, expect, test } from "vitest";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { Random } from "../../src/tensor/random.ts";
import { clustered, nth, numbers } from "./clustered.ts";
import { exactOf, recall } from "./recall.ts";

const n = 12_000;
const d = 24;
const { items, queries } = clustered(n, d, 40);
const index = new HnswIndex<number>({ dimension: d, efConstruction: 100 });
index.addMany(numbers(n), items);
const exact = exactOf(items, d);

function bitmapOf(rows: Iterable<number>): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(n / 8));
  for (const row of rows) bitmap[row >> 3] |= 1 << (row & 7);
  return bitmap;
}

const inner = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i], 0);

describe("a filter that lets through", () => {
  test.each([1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0001])("a share of %d, at random, costs no recall", (share) => {
    const allowed = bitmapOf(new Random(7).shuffle(numbers(n)).slice(0, Math.max(1, n * share)));
    expect(recall(index, exact, queries, 10, { allowed, ef: 64 })).toBeGreaterThan(0.95);
  });

  test.each([
    ["what is near to the queries", 1],
    ["what is far from them", -1],
  ])("only %s costs no recall", (_what, sign) => {
    const centre = nth(queries, d, 0);
    const nearness = numbers(n).map((i) => inner(nth(items, d, i), centre));
    const sorted = numbers(n).sort((a, b) => sign * (nearness[b] - nearness[a]));
    for (const share of [0.5, 0.1, 0.01]) {
      const allowed = bitmapOf(sorted.slice(0, n * share));
      expect(recall(index, exact, queries, 10, { allowed, ef: 64 })).toBeGreaterThan(0.95);
    }
  });
});

test("always k results when k exist, all of them allowed and none excluded", () => {
  const random = new Random(3);
  for (let trial = 0; trial < 200; trial++) {
    const share = 2 ** random.between(-12, 0);
    const allowedRows = numbers(n).filter(() => random.next() < share);
    const excluded = numbers(n).filter(() => random.next() < 0.05);
    const open = new Set(allowedRows);
    for (const row of excluded) open.delete(row);
    const k = 1 + random.below(100);
    const query = nth(queries, d, trial % 40);
    const { rows } = index.searchRows(query, k, { allowed: bitmapOf(allowedRows), excluded, ef: 10 });
    expect(rows.length).toBe(Math.min(k, open.size));
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.every((row) => open.has(row))).toBe(true);
  }
});

test("what a user has seen, which is what is nearest to them, is passed over", () => {
  const nearest = exact.searchManyRows(queries, 4096).map(({ rows }) => rows);
  for (const seen of [1, 10, 100, 1000, 4096]) {
    let hits = 0;
    let wanted = 0;
    for (let q = 0; q < 40; q++) {
      const excluded = nearest[q].subarray(0, seen);
      const query = nth(queries, d, q);
      const truth = exact.searchRows(query, 10, { excluded }).rows;
      const found = new Set(index.searchRows(query, 10, { excluded, ef: 64 }).rows);
      hits += truth.filter((row) => found.has(row)).length;
      wanted += truth.length;
    }
    expect(wanted).toBe(400);
    // At the 4,096th place scores lie as close together as codes can tell apart.
    expect(hits / wanted).toBeGreaterThan(seen > 1000 ? 0.95 : 0.97);
  }
  const excluded = numbers(n).slice(5); // all but five
  expect(index.searchRows(nth(queries, d, 0), 10, { excluded }).rows).toEqual(
    exact.searchRows(nth(queries, d, 0), 10, { excluded }).rows,
  );
  expect(recall(index, exact, queries, 10)).toBeGreaterThan(0.97); // and is there again for the next
});
