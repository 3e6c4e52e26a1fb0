import { describe, expect, test } from "vitest";
import { ExactIndex } from "../../src/ann/exact.ts";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import type { ItemId, VectorIndex } from "../../src/ann/vector-index.ts";
import type { ErrorCode } from "../../src/errors.ts";

const error = (code: ErrorCode, message: RegExp) =>
  expect.objectContaining({ name: "TwoTowerError", code, message: expect.stringMatching(message) });

const kinds = [
  {
    name: "ExactIndex",
    create: (metric: "cosine" | "dot" = "cosine"): VectorIndex => new ExactIndex({ dimension: 2, metric }),
  },
  {
    name: "HnswIndex",
    create: (metric: "cosine" | "dot" = "cosine"): VectorIndex => new HnswIndex({ dimension: 2, metric }),
  },
];

/** Four points of a compass. */
function compass(index: VectorIndex): VectorIndex {
  index.addMany(["north", "east", "south", "west"], [0, 1, 2, 0, 0, -3, -4, 0]);
  return index;
}

describe.each(kinds)("$name", ({ create }) => {
  test("finds the nearest first, by cosine", () => {
    const { ids, scores } = compass(create()).search([1, 2], 3);
    expect(ids).toEqual(["north", "east", "west"]);
    for (const [i, cosine] of [2, 1, -1].entries()) expect(scores[i]).toBeCloseTo(cosine / Math.sqrt(5), 6);
  });

  test("finds the largest first, by inner product", () => {
    const { ids, scores } = compass(create("dot")).search([3, 2], 4);
    expect(ids).toEqual(["east", "north", "south", "west"]);
    expect([...scores]).toEqual([6, 2, -6, -12]);
  });

  test("knows ids of three types apart", () => {
    const index = create();
    index.add(1, [1, 0]);
    index.add("1", [0, 1]);
    index.add(1n, [-1, 0]);
    expect(index.size).toBe(3);
    expect(index.search([0, 1], 1).ids).toEqual(["1"]);
    expect(index.search([-1, 0.1], 1).ids).toEqual([1n]);
  });

  test("keeps vectors: scaled to length 1 under cosine, as they are under the inner product", () => {
    expect([...compass(create()).vector("west")]).toEqual([-1, 0]);
    expect([...compass(create("dot")).vector("west")]).toEqual([-4, 0]);
  });

  test("gives out rows in order, keeps them on update, and reuses them", () => {
    const index = compass(create());
    expect(["north", "east", "south", "west"].map((id) => index.rowOf(id))).toEqual([0, 1, 2, 3]);
    index.update("east", [0, -1]);
    expect(index.rowOf("east")).toBe(1);
    index.remove("south");
    expect(index.rowOf("south")).toBeUndefined();
    expect(index.idOf(2)).toBeUndefined();
    index.add("centre", [1, 1]);
    expect(index.rowOf("centre")).toBe(2);
    expect(index.rows).toBe(4);
  });

  test("filters by a set, by a test and by a bitmap, and excludes", () => {
    const index = compass(create());
    expect(index.search([1, 2], 4, { filter: new Set<ItemId>(["west", "east", "nowhere"]) }).ids).toEqual([
      "east",
      "west",
    ]);
    expect(index.search([1, 2], 4, { filter: (id) => String(id).endsWith("th") }).ids).toEqual(["north", "south"]);
    expect(index.search([1, 2], 4, { exclude: ["north", "nowhere", "north"] }).ids).toEqual(["east", "west", "south"]);
    expect(index.search([1, 2], 4, { exclude: ["north"] }).ids).toEqual(["east", "west", "south"]);
    expect([...index.searchRows([1, 2], 4, { allowed: Uint8Array.of(0b1011), excluded: [0, 99, -1] }).rows]).toEqual([
      1, 3,
    ]);
    expect(index.search([1, 2], 4, { filter: new Set() }).ids).toEqual([]);
    expect(index.search([1, 2], 4).ids.length).toBe(4); // no filter leaves a trace
  });

  test("holds nothing, then one item, then nothing again", () => {
    const index = create();
    expect(index.search([1, 2], 5).ids).toEqual([]);
    index.add("only", [1, 1]);
    expect(index.search([1, 2], 5).ids).toEqual(["only"]);
    index.remove("only");
    expect(index.size).toBe(0);
    expect(index.search([1, 2], 5, { filter: () => true }).ids).toEqual([]);
    index.add("only", [1, 1]);
    expect(index.search([1, 2], 5).ids).toEqual(["only"]);
  });

  test("takes vectors of zeros", () => {
    const index = compass(create());
    index.add("nowhere", [0, 0]);
    expect(index.search([0, 1], 5).ids.indexOf("nowhere")).toBeLessThan(4);
    expect([...index.search([0, 0], 5).scores]).toEqual([0, 0, 0, 0, 0]);
  });

  test("refuses what makes no sense, says why, and stays as it was", () => {
    const index = compass(create());
    const before = index.toBytes();
    expect(() => index.add("new", [1, 2, 3])).toThrow(error("SHAPE_MISMATCH", /3 numbers where 2/));
    expect(() => index.addMany(["a", "b"], [1, 2, 3])).toThrow(error("SHAPE_MISMATCH", /3 numbers where 2 × 2/));
    expect(() => index.addMany(["a", "b"], [1, 2, 3, Number.NaN])).toThrow(
      error("BAD_ARGUMENT", /number 1 of vector 1 is NaN/),
    );
    expect(() => index.add("new", [1, Number.POSITIVE_INFINITY])).toThrow(error("BAD_ARGUMENT", /Infinity/));
    expect(() => index.add("new", [1, 1e300])).toThrow(error("BAD_ARGUMENT", /1e\+300/));
    expect(() => index.add("north", [1, 2])).toThrow(error("BAD_ARGUMENT", /"north" is in the index already/));
    expect(() => index.addMany(["a", "a"], [1, 2, 3, 4])).toThrow(error("BAD_ARGUMENT", /"a" is twice/));
    expect(() => index.add(Number.NaN, [1, 2])).toThrow(error("BAD_ARGUMENT", /NaN/));
    expect(() => index.add(undefined as unknown as string, [1, 2])).toThrow(error("BAD_ARGUMENT", /undefined/));
    expect(() => index.update("nowhere", [1, 2])).toThrow(error("UNKNOWN_ID", /"nowhere"/));
    expect(() => index.update("north", [1])).toThrow(error("SHAPE_MISMATCH", /1 numbers/));
    expect(() => index.remove("nowhere")).toThrow(error("UNKNOWN_ID", /"nowhere"/));
    expect(() => index.vector("nowhere")).toThrow(error("UNKNOWN_ID", /"nowhere"/));
    expect(() => index.search([1], 1)).toThrow(error("SHAPE_MISMATCH", /the query/));
    expect(() => index.search([1, Number.NaN], 1)).toThrow(error("BAD_ARGUMENT", /the query: number 1 is NaN/));
    expect(() => index.searchMany([1, 2, 3], 1)).toThrow(error("SHAPE_MISMATCH", /the queries/));
    expect(() => index.add("new", "12" as never)).toThrow(error("SHAPE_MISMATCH", /"12", not the numbers/));
    expect(() => index.search([1, 2], 1, { exlude: ["north"] } as never)).toThrow(
      error("BAD_ARGUMENT", /there is no option "exlude"; the options are ef, filter, exclude, where/),
    );
    for (const ids of [{ exclude: "north" }, { filter: "north" }])
      expect(() => index.search([1, 2], 1, ids as never)).toThrow(
        error("BAD_ARGUMENT", /; a list of ids was expected/),
      );
    for (const k of [0, -1, 1.5, Number.NaN, 1e9])
      expect(() => index.search([1, 2], k)).toThrow(error("BAD_ARGUMENT", /^k is/));
    for (const ef of [0, -1, 0.5])
      expect(() => index.search([1, 2], 1, { ef })).toThrow(error("BAD_ARGUMENT", /^ef is/));
    expect(index.toBytes()).toEqual(before);
  });
});

test.each([
  { dimension: 1 },
  { dimension: 2049 },
  { dimension: 2.5 },
  { dimension: 8, M: 1 },
  { dimension: 8, M: 129 },
  { dimension: 8, efConstruction: 4 },
  { dimension: 8, metric: "euclidean" as "cosine" },
])("no graph of %o", (options) => {
  expect(() => new HnswIndex(options)).toThrow(error("BAD_ARGUMENT", /expected/));
});

test("no index of an option that does not exist", () => {
  for (const Index of [ExactIndex, HnswIndex])
    expect(() => new Index({ dimension: 4, metirc: "dot" } as never)).toThrow(error("BAD_ARGUMENT", /"metirc"/));
});
