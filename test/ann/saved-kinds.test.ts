import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ExactIndex } from "../../src/ann/exact.ts";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { indexFromBytes } from "../../src/ann/index-from-bytes.ts";
import { readIndex } from "../../src/ann/read-index.ts";
import { ShardedIndex } from "../../src/ann/sharded.ts";
import type { VectorIndex } from "../../src/ann/vector-index.ts";
import { AttributedIndex, withAttributes } from "../../src/ann/with-attributes.ts";
import { loadIndex, saveIndex } from "../../src/files.ts";
import { encodeSafetensors } from "../../src/tensor/safetensors.ts";
import { clustered, nth, numbers } from "./clustered.ts";

const d = 6;
const n = 200;
const { items, queries } = clustered(n, d, 3);
const graph = (): HnswIndex<string> => new HnswIndex({ dimension: d, M: 4, efConstruction: 20 });
const folder = await mkdtemp(join(tmpdir(), "twotower-kinds-"));
afterAll(() => rm(folder, { recursive: true }));

function filled(index: VectorIndex<string>): VectorIndex<string> {
  const ids = numbers(n).map(String);
  const price = numbers(n).map((i) => ({ price: i }));
  index.addMany(ids, items, price);
  return index;
}

const exact = filled(new ExactIndex<string>({ dimension: d }));
const hnsw = filled(graph());
const shards = filled(new ShardedIndex([graph(), graph()]));
const priced = filled(withAttributes(graph(), { price: "number" }));
const pricedShards = filled(withAttributes(new ShardedIndex([graph(), graph()]), { price: "number" }));

describe("a saved index is read where its kind is known", () => {
  test.each([
    ["exact", exact, []],
    ["a graph", hnsw, [HnswIndex]],
    ["exact, where a graph would do too", exact, [AttributedIndex, HnswIndex]],
    ["shards of graphs", shards, [ShardedIndex, HnswIndex]],
    ["a graph with attributes", priced, [HnswIndex, AttributedIndex]],
    ["shards of graphs with attributes", pricedShards, [AttributedIndex, ShardedIndex, HnswIndex]],
  ])("%s", async (_, index, kinds) => {
    const bytes = index.toBytes();
    const expected = index.searchMany(queries, 9);
    const stream = new Blob([new Uint8Array(bytes)]).stream();
    const path = join(folder, "an.index");
    await saveIndex(path, index);
    for (const loaded of [
      indexFromBytes<string>(bytes, { kinds }),
      await readIndex<string>(stream, { byteLength: bytes.length, kinds }),
      await loadIndex(path), // which knows them all
    ]) {
      expect(loaded.constructor).toBe(index.constructor);
      expect(loaded.searchMany(queries, 9)).toEqual(expected);
    }
  });

  test("attributes come back with it", async () => {
    const path = join(folder, "priced.index");
    await saveIndex(path, pricedShards);
    const where = { price: { min: 190 } };
    const expected = pricedShards.search(nth(queries, d, 0), 10, { where });
    expect(expected.ids.length).toBe(10);
    expect((await loadIndex(path)).search(nth(queries, d, 0), 10, { where })).toEqual(expected);
    const inside = { kinds: [HnswIndex, ShardedIndex] };
    const loaded = AttributedIndex.fromBytes<string>(pricedShards.toBytes(), inside);
    expect(loaded.search(nth(queries, d, 0), 10, { where })).toEqual(expected);
  });
});

describe("where it is not, the error says what to import", () => {
  const wrong = (part: string) => expect.objectContaining({ code: "BAD_FILE", message: expect.stringContaining(part) });
  test.each([
    ["a graph", hnsw, [], 'import { HnswIndex } from "twotower/hnsw" and pass { kinds: [HnswIndex] }'],
    ["attributes", priced, [HnswIndex], 'import { AttributedIndex } from "twotower/recall"'],
    ["shards", shards, [HnswIndex], 'import { ShardedIndex } from "twotower/scale"'],
    ["a graph inside", priced, [AttributedIndex], 'import { HnswIndex } from "twotower/hnsw"'],
  ])("%s", async (_, index, kinds, message) => {
    const bytes = index.toBytes();
    expect(() => indexFromBytes(bytes, { kinds })).toThrow(wrong(message));
    const stream = new Blob([new Uint8Array(bytes)]).stream();
    await expect(readIndex(stream, { byteLength: bytes.length, kinds })).rejects.toThrow(wrong(message));
  });

  test("another version of a kind that is known, and what is no index", () => {
    const file = (format: string) => encodeSafetensors({}, { format });
    const kinds = [HnswIndex];
    expect(() => indexFromBytes(file("twotower hnsw index 9"), { kinds })).toThrow(wrong("twotower hnsw index 3 was"));
    for (const format of ["twotower-model", "twotower constructor 1"])
      expect(() => indexFromBytes(file(format), { kinds })).toThrow(wrong("a saved index was expected"));
    expect(() => indexFromBytes(encodeSafetensors({}, {}))).toThrow(wrong("something else"));
  });

  test.each([
    ["no list", HnswIndex],
    ["a factory", [() => hnsw]],
    ["a name", ["hnsw"]],
    ["nothing", [undefined]],
  ])("kinds: %s", (_, kinds) => {
    expect(() => indexFromBytes(exact.toBytes(), { kinds: kinds as never })).toThrow(
      /^kinds: expected a list of classes/,
    );
  });
});
