import { expect, test } from "vitest";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { clustered, nth, numbers } from "./clustered.ts";
import { levelZero, reach } from "./graph.ts";
import { exactOf, recall } from "./recall.ts";

const n = 1500;
const d = 32;
const ROUNDS = 10;

test("replacing every item ten times over leaves the index as good as new, and no larger", () => {
  const { items, queries } = clustered(n * (ROUNDS + 1), d, 500);
  const index = new HnswIndex<number>({ dimension: d, efConstruction: 100 });
  index.addMany(numbers(n), items.subarray(0, n * d));
  const bytes = index.byteLength;
  for (let i = n; i < n * (ROUNDS + 1); i++) {
    index.remove(i - n);
    index.add(i, nth(items, d, i));
  }
  expect(index.byteLength).toBe(bytes);
  expect(index.rows).toBe(n);

  const { neighbours, entry } = levelZero(index);
  expect(reach(neighbours, entry)).toBe(n);

  // A fresh index of what is left, in the same rows, so that both are measured alike.
  const left = new Float32Array(n * d);
  for (let row = 0; row < n; row++) left.set(index.vector(index.idOf(row)!), row * d);
  const fresh = new HnswIndex<number>({ dimension: d, efConstruction: 100 });
  fresh.addMany(numbers(n), left);
  const exact = exactOf(left, d);
  for (const ef of [10, 20, 40])
    expect(recall(index, exact, queries, 10, { ef })).toBeGreaterThan(
      recall(fresh, exact, queries, 10, { ef }) - 0.005,
    );
});

test("shrinking to a tenth, and moving every vector, leave no item behind", () => {
  const { items, queries } = clustered(2 * n, d, 100);
  const index = new HnswIndex<number>({ dimension: d, efConstruction: 100 });
  index.addMany(numbers(n), items.subarray(0, n * d));
  for (let i = 0; i < n; i++) index.update(i, nth(items, d, n + i));
  const moved = exactOf(items.subarray(n * d), d);
  expect(recall(index, moved, queries, 10, { ef: 40 })).toBeGreaterThan(0.97);

  for (let i = 0; i < n; i++) if (i % 10 !== 0) index.remove(i);
  const { neighbours, entry } = levelZero(index);
  expect(reach(neighbours, entry)).toBe(n / 10);
  for (let i = 0; i < n; i += 10) expect(index.search(nth(items, d, n + i), 1).ids).toEqual([i]);
});
