import { describe, expect, test } from "vitest";
import { indexFromBytes } from "../../src/ann/index-from-bytes.ts";
import type { VectorIndex } from "../../src/ann/vector-index.ts";
import { withAttributes } from "../../src/ann/with-attributes.ts";
import { HnswIndex, hnsw } from "../../src/hnsw.ts";
import { category, exact, id, TwoTower, twoTower } from "../../src/index.ts";

const rows = Array.from({ length: 12 }, (_, i) => ({ itemId: `i${i}`, genre: `g${i % 3}` }));
const interactions = Array.from({ length: 60 }, (_, n) => ({ userId: `u${n % 9}`, itemId: `i${(n * 7) % 12}` }));
const data = { items: rows, interactions };

async function trained(seed: number, hidden: number[] = []) {
  const model = twoTower({ user: { userId: id() }, item: { itemId: id(), genre: category() }, dimension: 8, hidden });
  await model.fit(data, { epochs: 1, seed });
  return model;
}

describe.each([{ hidden: [] }, { hidden: [8] }])("an index knows its model (hidden layers: $hidden)", ({ hidden }) => {
  const other = expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringMatching(/another model/) });

  test.each([exact, hnsw])("$name: saved and loaded, it serves that model and no other", async (kind) => {
    const [model, stranger] = [await trained(1, hidden), await trained(2, hidden)];
    const index = indexFromBytes<string>(model.index(kind()).index.toBytes(), { kinds: [HnswIndex] });
    expect(model.recaller(index).recall("u1", 3).length).toBe(3);
    expect(TwoTower.load(model.save()).recaller(index).recall("u1", 3).length).toBe(3);
    expect(() => stranger.recaller(index)).toThrow(other);
    expect(() => stranger.recaller(withAttributes(index, {}))).toThrow(other);
  });

  test("is refused once its model has learnt on, but not when it was only extended", async () => {
    const model = await trained(1, hidden);
    const { index } = model.index();
    model.extend({ items: [{ itemId: "new", genre: "g9" }] });
    expect(model.recaller(index).recall("u1", 3).length).toBe(3);
    await model.fit(data, { epochs: 1, warmStart: true });
    expect(() => model.recaller(index)).toThrow(other);
  });
});

test("an index of nobody's vectors is served as ever, and an empty one becomes the model's", async () => {
  const [model, stranger] = [await trained(1), await trained(2)];
  const plain: VectorIndex<string> = new HnswIndex<string>({ dimension: 8 });
  plain.add("i1", model.embedItems([rows[1]]));
  expect(model.recaller(plain).index.model).toBeUndefined();
  const empty: VectorIndex<string> = new HnswIndex<string>({ dimension: 8 });
  model.recaller(empty).add(rows);
  expect(() => stranger.recaller(empty)).toThrow(/another model/);
});
