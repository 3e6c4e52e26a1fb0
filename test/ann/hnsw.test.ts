import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { Random } from "../../src/tensor/random.ts";
import { clustered, nth, numbers, stretched } from "./clustered.ts";
import { levelZero, reach } from "./graph.ts";
import { exactOf, recall } from "./recall.ts";

describe("recall@10 against exact search", () => {
  test.each([
    [2, 2000],
    [3, 2000],
    [8, 2000],
    [17, 2000],
    [64, 4000],
    [100, 2000],
    [768, 1000],
    [2048, 500],
  ])("at d = %i, %i items, under both metrics", (d, n) => {
    const { items, queries } = clustered(n, d, 50);
    const index = new HnswIndex<number>({ dimension: d });
    index.addMany(numbers(n), items);
    expect(recall(index, exactOf(items, d), queries, 10, { ef: 64 })).toBeGreaterThan(0.97);

    const long = stretched(items, d, 2);
    const inner = new HnswIndex<number>({ dimension: d, metric: "dot" });
    inner.addMany(numbers(n), long);
    expect(recall(inner, exactOf(long, d, "dot"), queries, 10, { ef: 64 })).toBeGreaterThan(0.95);
  });

  test("at any dimension from 2 to 2,048, whatever the metric: the items that score highest", () => {
    const dimension = fc.oneof(fc.integer({ min: 2, max: 70 }), fc.integer({ min: 2, max: 2048 }));
    fc.assert(
      fc.property(dimension, fc.constantFrom("cosine", "dot"), fc.nat(), (d, metric, seed) => {
        const n = 100;
        const { items, queries } = clustered(n, d, 5, seed);
        const vectors = metric === "dot" ? stretched(items, d, 2) : items;
        const index = new HnswIndex<number>({ dimension: d, metric, M: 8, efConstruction: 40 });
        index.addMany(numbers(n), vectors);
        const exact = exactOf(vectors, d, metric);
        for (let q = 0; q < 5; q++) {
          const truth = exact.search(nth(queries, d, q), 10);
          const { scores } = index.search(nth(queries, d, q), 10, { ef: n });
          // The bound on the error of codes is one of probability: once in some thousand searches it lets a tie of 10⁻⁴ pass.
          for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(truth.scores[i], 3);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("grows with ef, to all", () => {
    const d = 32;
    const { items, queries } = clustered(3000, d, 100);
    const index = new HnswIndex<number>({ dimension: d, M: 8, efConstruction: 60 });
    index.addMany(numbers(3000), items);
    const exact = exactOf(items, d);
    const curve = [10, 30, 100, 400].map((ef) => recall(index, exact, queries, 10, { ef }));
    expect(curve).toEqual([...curve].sort());
    expect(curve.at(-1)).toBeGreaterThan(0.999);
  });

  test("whatever the scale of the vectors, and with one number that outweighs the rest", () => {
    const d = 48;
    const { items, queries } = clustered(2000, d, 50);
    for (const scale of [1e-12, 1e12]) {
      const scaled = items.map((x) => x * scale);
      const index = new HnswIndex<number>({ dimension: d, metric: "dot" });
      index.addMany(numbers(2000), scaled);
      expect(recall(index, exactOf(scaled, d, "dot"), queries, 10)).toBeGreaterThan(0.97);
    }
    const spiked = items.map((x, i) => (i % d === 7 ? x + 3 : x));
    const spikedQueries = queries.map((x, i) => (i % d === 7 ? x + 3 : x));
    const index = new HnswIndex<number>({ dimension: d });
    index.addMany(numbers(2000), spiked);
    expect(recall(index, exactOf(spiked, d), spikedQueries, 10)).toBeGreaterThan(0.97);
  });
});

describe("what is found", () => {
  test("scores are exact, in falling order, and an item finds itself", () => {
    const d = 24;
    const { items, queries } = clustered(1000, d, 20);
    const index = new HnswIndex<number>({ dimension: d });
    index.addMany(numbers(1000), items);
    for (let i = 0; i < 1000; i += 50) expect(index.search(nth(items, d, i), 1).ids).toEqual([i]);
    const exact = exactOf(items, d);
    for (let q = 0; q < 20; q++) {
      const { ids, scores } = index.search(nth(queries, d, q), 10, { ef: 200 });
      const truth = exact.search(nth(queries, d, q), 10);
      expect(ids).toEqual(truth.ids);
      for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(truth.scores[i], 5);
    }
  });

  test("many queries at once find what each finds alone", () => {
    const { items, queries } = clustered(500, 16, 9);
    const index = new HnswIndex<number>({ dimension: 16 });
    index.addMany(numbers(500), items);
    expect(index.searchMany(queries, 5)).toEqual(numbers(9).map((q) => index.search(nth(queries, 16, q), 5)));
  });

  test("all of them, when k is as many", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(), (n, seed) => {
        const { items, queries } = clustered(n, 8, 1, seed);
        const index = new HnswIndex<number>({ dimension: 8, M: 4, efConstruction: 20, seed });
        index.addMany(numbers(n), items);
        expect([...index.search(queries, 4096).ids].sort((a, b) => a - b)).toEqual(numbers(n));
      }),
      { numRuns: 20 },
    );
  });

  test("every one of a thousand equal vectors, and what lies around them", () => {
    const d = 16;
    const { items, queries } = clustered(3000, d, 50);
    for (let i = 1000; i < 2000; i++) items.copyWithin(i * d, 0, d);
    const index = new HnswIndex<number>({ dimension: d });
    index.addMany(numbers(3000), items);
    const equal = [0, ...numbers(1000).map((i) => 1000 + i)];
    expect(index.search(nth(items, d, 0), 1001, { ef: 1200 }).ids.sort((a, b) => a - b)).toEqual(equal);
    const exact = exactOf(items, d);
    const worst = (found: { scores: Float32Array }): number => found.scores[9];
    const right = numbers(50).filter((q) => {
      const query = nth(queries, d, q); // by score: which of the equal ones are found is anyone's choice
      return worst(index.search(query, 10)) >= worst(exact.search(query, 10)) - 1e-6;
    });
    expect(right.length).toBeGreaterThan(45);
  });
});

describe("the graph", () => {
  test("has mutual links, and a tree that reaches every item", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 12 }), fc.boolean(), (seed, M, equal) => {
        const random = new Random(seed);
        const index = new HnswIndex<number>({ dimension: 4, M, efConstruction: 20, seed });
        const vectors = equal
          ? new Float32Array(1200).fill(1)
          : Float32Array.from({ length: 1200 }, () => random.between(-1, 1));
        index.addMany(numbers(300), vectors);
        for (const id of random.shuffle(numbers(300)).slice(0, random.below(300))) index.remove(id);
        const { neighbours, tree, entry } = levelZero(index);
        const oneWay = [...neighbours].flatMap(([slot, others]) =>
          others.filter((other) => !neighbours.get(other)!.includes(slot)),
        );
        expect(oneWay).toEqual([]);
        if (index.size > 0) expect(reach(tree, entry)).toBe(index.size);
      }),
      { numRuns: 30 },
    );
  });

  test("is the same, byte for byte, for the same seed and order, and only then", () => {
    const { items } = clustered(600, 16, 1);
    const build = (seed: number, order: number[]): string => {
      const index = new HnswIndex<number>({ dimension: 16, seed });
      for (const i of order) index.add(i, nth(items, 16, i));
      for (const i of order.slice(0, 100)) index.remove(i);
      for (const i of order.slice(100, 200)) index.update(i, nth(items, 16, 599 - i));
      return createHash("sha256").update(index.toBytes()).digest("hex");
    };
    expect(build(1, numbers(600))).toEqual(build(1, numbers(600)));
    expect(build(1, numbers(600))).not.toEqual(build(2, numbers(600)));
    expect(build(1, numbers(600))).not.toEqual(build(1, numbers(600).reverse()));
  });
});
