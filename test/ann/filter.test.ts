import { describe, expect, test } from "vitest";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { Random } from "../../src/tensor/random.ts";
import { clustered, nth, numbers, stretched } from "./clustered.ts";
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

// At ef 64 an index this small scores all that is let through, down from half of it; at ef 20 it walks the graph.
describe.each([
  [64, 0.95],
  [20, 0.9],
])("at ef %d a filter that lets through", (ef, least) => {
  test.each([1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0001])("a share of %d, at random, costs no recall", (share) => {
    const allowed = bitmapOf(new Random(7).shuffle(numbers(n)).slice(0, Math.max(1, n * share)));
    expect(recall(index, exact, queries, 10, { allowed, ef })).toBeGreaterThan(least);
  });

  test.each([
    ["what is near to a query", [0], 1],
    ["what is far from a query", [0], -1],
    ["what is near to some items", numbers(20).map((i) => i * 500 * d), 1],
  ] as const)("only %s costs no recall", (_what, centres, sign) => {
    const from = centres.length === 1 ? queries : items;
    const nearness = numbers(n).map((i) =>
      Math.max(...centres.map((at) => sign * inner(nth(items, d, i), from.subarray(at, at + d)))),
    );
    const sorted = numbers(n).sort((a, b) => nearness[b] - nearness[a]);
    for (const share of [0.7, 0.5, 0.3, 0.1, 0.01]) {
      const allowed = bitmapOf(sorted.slice(0, n * share));
      expect(recall(index, exact, queries, 10, { allowed, ef })).toBeGreaterThan(least);
    }
  });

  test("only what is far from the very query costs no recall", () => {
    for (let q = 0; q < 40; q += 8) {
      const query = nth(queries, d, q);
      const nearness = numbers(n).map((i) => inner(nth(items, d, i), query));
      const sorted = numbers(n).sort((a, b) => nearness[a] - nearness[b]);
      for (const share of [0.9, 0.5, 0.3]) {
        const allowed = bitmapOf(sorted.slice(0, n * share));
        expect(recall(index, exact, query, 10, { allowed, ef })).toBeGreaterThanOrEqual(least);
      }
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
    expect(hits / wanted).toBeGreaterThan(0.97);
  }
  const excluded = numbers(n).slice(5); // all but five
  expect(index.searchRows(nth(queries, d, 0), 10, { excluded }).rows).toEqual(
    exact.searchRows(nth(queries, d, 0), 10, { excluded }).rows,
  );
  expect(recall(index, exact, queries, 10)).toBeGreaterThan(0.97); // and is there again for the next
});

// Of so few each is scored; in a shell about the query none is much nearer than others, so codes alone cannot choose.
describe.each(["cosine", "dot"] as const)("what little a filter lets through is found, under %s", (metric) => {
  test.each([
    ["float32", 0.99, 0.99],
    ["float16", 0.98, 0.9],
    ["none", 0.85, 0.2],
  ] as const)("keeping %s", (vectors, leastSpread, leastInShell) => {
    const m = 3000;
    const some = metric === "cosine" ? items.subarray(0, m * d) : stretched(items.subarray(0, m * d), d, 4);
    const index = new HnswIndex<number>({ dimension: d, metric, vectors, M: 4, efConstruction: 8 });
    index.addMany(numbers(m), some);
    const all = exactOf(some, d, metric);
    for (const k of [10, 200]) {
      let spread = 0;
      let inShell = 0;
      for (let q = 0; q < 20; q++) {
        const query = nth(queries, d, q);
        const order = [...all.searchRows(query, m).rows];
        spread += recall(index, all, query, k, { allowed: bitmapOf(order.filter((_, i) => i % 7 === q % 7)) });
        inShell += recall(index, all, query, k, { allowed: bitmapOf(order.slice(1500, 1800 + 40 * q)) });
      }
      expect(spread / 20).toBeGreaterThan(leastSpread);
      expect(inShell / 20).toBeGreaterThan(leastInShell);
    }
  });
});
