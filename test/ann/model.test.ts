import fc from "fast-check";
import { expect, test } from "vitest";
import { ExactIndex } from "../../src/ann/exact.ts";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import type { ItemId, VectorIndex } from "../../src/ann/vector-index.ts";

const D = 3;

/** What an index should be: a map. */
type Model = Map<ItemId, number[]>;
/** The index under test, in a box, as loading replaces it, and to how many decimals its scores are right. */
interface Real {
  index: VectorIndex;
  readonly decimals: number;
}
type Command = fc.Command<Model, Real>;

const command = (name: string, check: (model: Model) => boolean, run: (model: Model, real: Real) => void): Command => ({
  check,
  run,
  toString: () => name,
});

function nearest(model: Model, query: readonly number[], k: number, open: (id: ItemId) => boolean): number[] {
  const length = (x: readonly number[]): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0)) || 1;
  return [...model]
    .filter(([id]) => open(id))
    .map(([, vector]) => vector.reduce((sum, value, i) => sum + value * query[i], 0) / length(vector) / length(query))
    .sort((a, b) => b - a)
    .slice(0, k);
}

const id: fc.Arbitrary<ItemId> = fc.oneof(fc.nat(30), fc.nat(9).map(String), fc.nat(5).map(BigInt));
const vector = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: D, maxLength: D });
const any = (): boolean => true;

const changes = [
  fc.tuple(id, vector).map(([id, x]) =>
    command(`add(${String(id)}, [${x}])`, any, (model, { index }) => {
      if (model.has(id)) expect(() => index.add(id, x)).toThrow(/already/);
      else {
        index.add(id, x);
        model.set(id, x);
      }
    }),
  ),
  fc.uniqueArray(fc.tuple(id, vector), { selector: ([id]) => id, maxLength: 20 }).map((pairs) =>
    command(`addMany(${pairs.length})`, any, (model, { index }) => {
      const fresh = pairs.filter(([id]) => !model.has(id));
      index.addMany(
        fresh.map(([id]) => id),
        fresh.flatMap(([, x]) => x),
      );
      for (const [id, x] of fresh) model.set(id, x);
    }),
  ),
  fc.tuple(id, vector).map(([id, x]) =>
    command(
      `update(${String(id)}, [${x}])`,
      (model) => model.has(id),
      (model, { index }) => {
        index.update(id, x);
        model.set(id, x);
      },
    ),
  ),
  id.map((id) =>
    command(`remove(${String(id)})`, any, (model, { index }) => {
      if (model.delete(id)) index.remove(id);
      else expect(() => index.remove(id)).toThrow(/no item/);
    }),
  ),
  fc
    .tuple(vector, fc.integer({ min: 1, max: 40 }), fc.array(id, { maxLength: 20 }), fc.boolean())
    .map(([query, k, some, only]) =>
      command(
        `search([${query}], ${k}, ${only ? "only" : "without"} ${some.length})`,
        any,
        (model, { index, decimals }) => {
          const chosen = new Set(some);
          const { ids, scores } = index.search(query, k, only ? { filter: chosen } : { exclude: chosen });
          const expected = nearest(model, query, k, (id) => chosen.has(id) === only);
          expect(scores.length).toBe(expected.length);
          for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, decimals);
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of ids) expect(model.has(id) && chosen.has(id) === only).toBe(true);
        },
      ),
    ),
];
const saveAndLoad = fc.constant(
  command("save and load", any, (model, real) => {
    const bytes = real.index.toBytes();
    real.index = real.index instanceof HnswIndex ? HnswIndex.fromBytes(bytes) : ExactIndex.fromBytes(bytes);
    expect(Buffer.compare(real.index.toBytes(), bytes)).toBe(0); // toEqual takes a second a megabyte
    expect(real.index.size).toBe(model.size);
    for (const id of model.keys()) expect(real.index.has(id)).toBe(true);
  }),
);
// Loading costs as much as a hundred changes: it comes once in every sixteen commands.
const commands = [...changes, ...changes, ...changes, saveAndLoad];

test.each([
  ["HnswIndex", 5, (): VectorIndex => new HnswIndex({ dimension: D, M: 3, efConstruction: 10 })],
  [
    "HnswIndex of 16-bit floats",
    3,
    (): VectorIndex => new HnswIndex({ dimension: D, M: 3, efConstruction: 10, vectors: "float16" }),
  ],
  [
    "HnswIndex of codes only",
    3,
    (): VectorIndex => new HnswIndex({ dimension: D, M: 3, efConstruction: 10, vectors: "none" }),
  ],
  ["ExactIndex", 5, (): VectorIndex => new ExactIndex({ dimension: D })],
])("whatever is done to an %s, it holds and finds what a plain map would", (_name, decimals, create) => {
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 60, size: "max" }), (sequence) => {
      fc.modelRun(() => ({ model: new Map(), real: { index: create(), decimals } }), sequence);
    }),
    { numRuns: 60 },
  );
});
