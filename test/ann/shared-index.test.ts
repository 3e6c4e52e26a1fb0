import { afterEach, describe, expect, test, vi } from "vitest";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { type SharedIndexOptions, sharedIndex } from "../../src/ann/shared-index.ts";
import { clustered, nth, numbers } from "./clustered.ts";
import { levelZero, reach } from "./graph.ts";
import { exactOf, recall } from "./recall.ts";

const n = 3000;
const d = 16;
const { items, queries } = clustered(n, d, 200);
const small = { dimension: d, M: 8, efConstruction: 40 } as const;

async function built(threads: number, options: Partial<SharedIndexOptions> = {}) {
  const shared = await sharedIndex<number>({ ...small, ...options, threads });
  shared.index.addMany(numbers(n), items);
  return shared;
}

afterEach(() => vi.unstubAllGlobals());

describe("threads build one graph", () => {
  test("to the byte the same with one, two and three of them", async () => {
    const all = await Promise.all([1, 2, 3].map((threads) => built(threads)));
    expect(all.map(({ threads }) => threads)).toEqual([1, 2, 3]);
    const [one, ...others] = all.map(({ index }) => index.toBytes());
    for (const other of others) expect(Buffer.compare(one, other)).toBe(0);
    for (const { stop } of all) stop();
  });

  test.each([{ metric: "dot" }, { vectors: "float16" }, { vectors: "none", metric: "dot" }] as const)(
    "with %o too",
    async (options) => {
      const [one, two] = [await built(1, options), await built(2, options)];
      expect(Buffer.compare(one.index.toBytes(), two.index.toBytes())).toBe(0);
      two.stop();
    },
  );

  test("without SharedArrayBuffer the same, by one", async () => {
    const two = await built(2);
    const expected = two.index.toBytes();
    two.stop();
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const alone = await built(2);
    expect(alone.threads).toBe(1);
    expect(Buffer.compare(alone.index.toBytes(), expected)).toBe(0);
  });

  test("sound, all in one piece, and as good as one built item by item", async () => {
    const { index, stop } = await built(2);
    const plain = new HnswIndex<number>(small);
    plain.addMany(numbers(n), items);
    const exact = exactOf(items, d);
    for (const ef of [10, 20, 40])
      expect(recall(index, exact, queries, 10, { ef })).toBeGreaterThan(
        recall(plain, exact, queries, 10, { ef }) - 0.015,
      );
    const { neighbours, tree, entry } = levelZero(index);
    expect(reach(neighbours, entry)).toBe(n);
    expect(reach(tree, entry)).toBe(n);
    expect([...tree.values()].flat().length).toBe(2 * (n - 1));
    expect(HnswIndex.fromBytes<number>(index.toBytes()).size).toBe(n); // which checks every link
    stop();
  });

  test("and goes on after it, by single items, in bulk, and with its threads sent home", async () => {
    const run = async (threads: number): Promise<Uint8Array> => {
      const { index, stop } = await built(threads);
      for (let i = 0; i < 2000; i++) index.remove(i);
      index.update(2001, nth(items, d, 0));
      index.addMany(
        numbers(1900).map((i) => n + i),
        items.subarray(0, 1900 * d),
      );
      stop();
      index.addMany(
        numbers(1100).map((i) => 2 * n + i),
        items.subarray(0, 1100 * d),
      );
      index.add(-1, nth(items, d, 7));
      expect(reach(levelZero(index).neighbours, levelZero(index).entry)).toBe(n - 2000 + 3001);
      return index.toBytes();
    };
    expect(Buffer.compare(await run(1), await run(2))).toBe(0);
  });
});

describe("a block of queries", () => {
  test("finds what the queries find one by one, filtered or not", async () => {
    const { index, stop } = await built(2);
    const filter = new Set(numbers(n).filter((i) => i % 3 === 0));
    for (const options of [{}, { ef: 100 }, { filter }, { exclude: [1, 2, 3, 40] }, { filter, exclude: [3, 6] }]) {
      const one = Array.from({ length: queries.length / d }, (_, q) => index.search(nth(queries, d, q), 12, options));
      expect(index.searchMany(queries, 12, options)).toEqual(one);
    }
    expect(index.searchMany(new Float32Array(0), 3)).toEqual([]);
    expect(() => index.searchMany(queries, 0)).toThrow(/k is 0/);
    stop();
    expect(index.searchMany(queries, 12).length).toBe(queries.length / d);
  });

  test("larger than what is written at once", async () => {
    const { index, stop } = await built(2);
    const many = new Float32Array(9000 * d).map((_, i) => queries[i % queries.length]);
    const found = index.searchMany(many, 3, { ef: 10 });
    expect(found[8999]).toEqual(index.search(nth(many, d, 8999), 3, { ef: 10 }));
    expect(index.searchMany(many.subarray(0, 700 * d), 2900, { ef: 2900 })[650].ids.length).toBe(2900);
    stop();
  });
});
