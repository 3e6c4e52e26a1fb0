import { expect, test } from "vitest";
import { HnswIndex, hnsw } from "../../src/hnsw.ts";
import { crossBatch, ExactIndex, exact, id, sampled, twoTower } from "../../src/index.ts";
import { ShardedIndex } from "../../src/scale.ts";

const model = twoTower({ user: { user: id() }, item: { item: id() }, dimension: 8 });
const interactions = Array.from({ length: 90 }, (_, i) => ({ user: i % 10, item: `i${(i * 7) % 23}` }));
await model.fit({ interactions }, { epochs: 1 });
const rows = [{ item: "i1" }, { item: "i2" }, { item: "i3" }];

test("the kind of index is what was asked for, with rows, without and with undefined", () => {
  expect(model.index().index).toBeInstanceOf(ExactIndex);
  expect(model.index(rows).index).toBeInstanceOf(ExactIndex);
  expect(model.index(hnsw()).index).toBeInstanceOf(HnswIndex);
  expect(model.index(undefined, hnsw()).index).toBeInstanceOf(HnswIndex);
  expect(model.index(rows, hnsw({ M: 8 })).index).toBeInstanceOf(HnswIndex);
  expect(model.index(rows, hnsw()).index.size).toBe(3);
});

test.each<[string, readonly unknown[]]>([
  ["a factory that is not called", [hnsw]],
  ["the same after rows", [rows, exact]],
  ["rows after the kind", [hnsw(), rows]],
  ["options instead of a kind", [rows, { M: 8 }]],
  ["a name", ["hnsw"]],
  ["no rows", [42]],
])("%s is refused", (_, args) => {
  const index = model.index.bind(model) as (...args: readonly unknown[]) => unknown;
  expect(() => index(...args)).toThrow(/^index: .*expected/);
});

test("every k up to the largest is answered", () => {
  expect(model.index().recall(1, 3000).length).toBeGreaterThan(0);
});

const vector = (i: number): Float32Array => Float32Array.from({ length: 4 }, (_, j) => Math.sin(i * 4 + j));

test("exclusions that can be read only once hold in all shards", () => {
  const sharded = new ShardedIndex(Array.from({ length: 3 }, () => new ExactIndex<number>({ dimension: 4 })));
  for (let i = 0; i < 60; i++) sharded.add(i, vector(i));
  const best = sharded.search(vector(5), 6).ids;
  for (const found of [
    sharded.search(vector(5), 6, { exclude: best.values() }),
    sharded.searchMany(vector(5), 6, { exclude: best.values() })[0],
  ])
    expect(found.ids.filter((id) => best.includes(id))).toEqual([]);
});

test("a shard cannot be there twice", () => {
  const shard = new ExactIndex<number>({ dimension: 4 });
  expect(() => new ShardedIndex([shard, shard])).toThrow("a shard is there twice");
});

test("former batches alone can be the negatives", async () => {
  const other = twoTower({ user: { user: id() }, item: { item: id() }, dimension: 8 });
  const negatives = sampled(crossBatch(32, { after: 0 }));
  const { epochs } = await other.fit({ interactions }, { epochs: 3, batchSize: 16, negatives });
  expect(epochs[2].loss).toBeGreaterThan(0);
});
