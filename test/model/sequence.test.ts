import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MISSING } from "../../src/features/columns.ts";
import { History } from "../../src/features/history.ts";
import { referenceEngine } from "../../src/kernels/reference.ts";
import { Network, type NetworkShape } from "../../src/model/network.ts";
import { Random } from "../../src/tensor/random.ts";

/** Pairs of a few users, in any order, at distinct times. */
const worlds = fc
  .array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 9 })), { minLength: 1, maxLength: 40 })
  .map((pairs) => ({
    users: Int32Array.from(pairs, ([u]) => u),
    items: Int32Array.from(pairs, ([, i]) => i),
    timestamps: Float64Array.from(pairs, (_, p) => (p * 7) % 41),
  }));
const embeddingRows = Int32Array.from({ length: 10 }, (_, i) => i + 2);

describe("runs of histories", () => {
  test("show each pair exactly the choices before it, the latest of them where there are more than the limit", () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 6 }), fc.nat(), (world, max, seed) => {
        const history = new History(world, 4, embeddingRows);
        const pairs = history.inRuns(max, new Random(seed));
        expect([...pairs].sort((a, b) => a - b)).toEqual([...world.users.keys()]); // every pair once
        const { offsets, rows, last } = history.runs(pairs, max);
        pairs.forEach((p, i) => {
          const run = offsets.findLastIndex((offset) => offset <= last[i]);
          const seen = [...rows.subarray(offsets[run] + 1, last[i] + 1)];
          const before = [...world.users.keys()]
            .filter((q) => world.users[q] === world.users[p] && world.timestamps[q] < world.timestamps[p])
            .sort((a, b) => world.timestamps[a] - world.timestamps[b])
            .map((q) => embeddingRows[world.items[q]]);
          expect(rows[offsets[run]]).toBe(MISSING);
          expect(seen).toEqual(seen.length === 0 ? [] : before.slice(-seen.length));
          expect(offsets[run + 1] - offsets[run]).toBeLessThanOrEqual(max + 1);
        });
      }),
    );
  });
});

describe("a tower that reads a list in order", () => {
  const shape = (heads: number): NetworkShape => ({
    tables: [{ name: "item", rows: 12, dimension: 8 }],
    user: [
      {
        feature: "watched",
        reads: "bag",
        table: "item",
        isKey: false,
        sequence: { pool: { layers: 2, heads, feedForward: 2 }, max: 6 },
      },
    ],
    item: [{ feature: "item", reads: "index", table: "item", isKey: true }],
    options: {
      user: { dimension: 4, hidden: [6], identity: "none", crosses: 1, layerNorm: true },
      item: { dimension: 4, hidden: [], identity: "concat" },
    },
  });

  test("says the same of a moment whether it is read alone or within a run: no token looks ahead", () => {
    const world = {
      users: Int32Array.of(0, 0, 0, 0, 0),
      items: Int32Array.of(3, 1, 4, 1, 5),
      timestamps: Float64Array.of(0, 1, 2, 3, 4),
    };
    const history = new History(world, 1, embeddingRows);
    const pairs = Int32Array.of(0, 1, 2, 3, 4);
    const network = new Network(referenceEngine(8), shape(2), new Random(1));
    const table = { count: 1, columns: {} };
    const rows = new Int32Array(5);
    const together = network.user.vectors(table, rows, { watched: history.runs(pairs, 6) });
    const apart = network.user.vectors(table, rows, { watched: history.before(pairs, 6) });
    for (const [e, value] of together.entries()) expect(value).toBeCloseTo(apart[e], 6);
    const swapped = { ...world, items: Int32Array.of(1, 3, 4, 1, 5) };
    const other = network.user.vectors(table, rows, { watched: new History(swapped, 1, embeddingRows).runs(pairs, 6) });
    expect(Math.abs(other[4 * 4] - together[4 * 4])).toBeGreaterThan(1e-9); // and the order matters
  });

  test("heads that cannot share the embedding are refused", () => {
    expect(() => new Network(referenceEngine(8), shape(3), new Random(1))).toThrow("3 heads cannot share");
  });
});
