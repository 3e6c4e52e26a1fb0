import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ExactIndex } from "../../src/ann/exact.ts";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { readIndex } from "../../src/ann/read-index.ts";
import type { VectorIndex } from "../../src/ann/vector-index.ts";
import { AttributedIndex, withAttributes } from "../../src/ann/with-attributes.ts";
import { TwoTowerError } from "../../src/errors.ts";
import { loadIndex, saveIndex } from "../../src/files.ts";
import { Random } from "../../src/tensor/random.ts";
import { clustered, nth } from "./clustered.ts";

const d = 5;
const { items, queries } = clustered(1500, d, 4);
const folder = await mkdtemp(join(tmpdir(), "twotower-stream-"));
afterAll(() => rm(folder, { recursive: true }));

function filled<I extends VectorIndex<string>>(index: I, n: number): I {
  const ids = Array.from({ length: n }, (_, i) => `item ${i}`);
  index.addMany(ids, items.subarray(0, n * d));
  for (let i = 0; i < n; i += 7) index.remove(ids[i]);
  return index;
}

const small = { dimension: d, M: 2, efConstruction: 4 } as const;
const kinds = [
  ["exact", () => new ExactIndex<string>({ dimension: d })],
  ["hnsw", () => new HnswIndex<string>(small)],
  ["hnsw, float16, inner product", () => new HnswIndex<string>({ ...small, vectors: "float16", metric: "dot" })],
  ["hnsw, codes only", () => new HnswIndex<string>({ ...small, vectors: "none" })],
  ["with attributes", () => withAttributes(new HnswIndex<string>(small), { shelf: "number" })],
] as const;

/** The same bytes cut at random places. */
async function* cut(bytes: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const to = Math.min(bytes.length, at + (random.next() < 0.3 ? random.below(4) : random.below(3000)));
    yield bytes.slice(at, to);
    at = to;
  }
}

const known = { kinds: [HnswIndex, AttributedIndex] };

describe.each(kinds)("%s", (_, create) => {
  test("its pieces are its bytes, and are read however they are cut", async () => {
    const index = filled(create(), 1400);
    const bytes = index.toBytes();
    expect(Buffer.compare(Buffer.concat([...index.pieces()]), bytes)).toBe(0);
    const random = new Random(3);
    for (let trial = 0; trial < 3; trial++) {
      const options = { byteLength: bytes.length, ...known };
      const loaded = await readIndex<string>(cut(bytes, random), options);
      expect(loaded.searchMany(queries, 20)).toEqual(index.searchMany(queries, 20));
      expect(Buffer.compare(loaded.toBytes(), bytes)).toBe(0);
    }
  });

  test("is read from a web stream", async () => {
    const index = filled(create(), 50);
    const bytes = index.toBytes();
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of index.pieces()) controller.enqueue(piece);
        controller.close();
      },
    });
    const loaded = await readIndex<string>(stream, { byteLength: bytes.length, ...known });
    expect(loaded.size).toBe(index.size);
  });

  test("goes to a file and back", async () => {
    const path = join(folder, "an.index");
    const index = filled(create(), 700);
    await saveIndex(path, index);
    expect(Buffer.compare(await readFile(path), index.toBytes())).toBe(0);
    expect((await stat(path)).size).toBe(index.toBytes().length);
    const loaded = await loadIndex(path);
    expect(loaded.search(nth(queries, d, 0), 10)).toEqual(index.search(nth(queries, d, 0), 10));
    await writeFile(path, index.toBytes().subarray(0, 5000));
    await expect(loadIndex(path)).rejects.toThrow(`${path}: `);
  });

  test("a stream that is too short, too long or wrong is an error", async () => {
    const index = filled(create(), 30);
    const bytes = index.toBytes();
    const read = (part: Uint8Array, byteLength: number) =>
      readIndex<string>(cut(part, new Random(1)), { byteLength, ...known });
    const corrupt = expect.objectContaining({ name: "TwoTowerError", code: "CORRUPT" });
    for (let length = 0; length < bytes.length; length += 1 + (length % 191)) {
      await expect(read(bytes.subarray(0, length), bytes.length), `${length}`).rejects.toThrow(corrupt);
      await expect(read(bytes.subarray(0, length), length), `${length}`).rejects.toThrow(corrupt);
    }
    await expect(read(Buffer.concat([bytes, new Uint8Array(1)]), bytes.length)).rejects.toThrow(corrupt);
    await expect(read(Buffer.concat([bytes, new Uint8Array(1)]), bytes.length + 1)).rejects.toThrow(corrupt);
    await expect(read(bytes, -1)).rejects.toThrow(/byteLength is -1/);
    for (let bit = 3; bit < bytes.length * 8; bit += 4999) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      await expect(read(flipped, bytes.length), `bit ${bit}`).rejects.toThrow(TwoTowerError);
    }
  });
});
