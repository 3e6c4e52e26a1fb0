import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExactIndex } from "../../src/ann/exact.ts";
import { HnswIndex } from "../../src/ann/hnsw.ts";
import { TwoTowerError } from "../../src/errors.ts";
import { Random } from "../../src/tensor/random.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/tensor/safetensors.ts";
import { clustered, nth, numbers } from "./clustered.ts";

const d = 5;
const { items, queries } = clustered(400, d, 10);

function example(n = 300): HnswIndex {
  const index = new HnswIndex({ dimension: d, M: 4, efConstruction: 20, seed: 9 });
  const ids = numbers(n).map((i) => (i % 3 === 0 ? i : i % 3 === 1 ? `item ${i}` : BigInt(i)));
  index.addMany(ids, items.subarray(0, n * d));
  for (let i = 0; i < n; i += 7) index.remove(ids[i]);
  return index;
}

const corrupt = expect.objectContaining({ name: "TwoTowerError", code: "CORRUPT" });

describe("what was saved is loaded", () => {
  test("finds the same", () => {
    const index = example();
    const loaded = HnswIndex.fromBytes(index.toBytes());
    expect(loaded.size).toBe(index.size);
    expect(loaded.searchMany(queries, 20)).toEqual(index.searchMany(queries, 20));
  });

  test("and goes on as the saved one would have, to the byte", () => {
    const index = example();
    const loaded = HnswIndex.fromBytes(index.toBytes());
    for (const each of [index, loaded]) {
      for (let i = 300; i < 400; i++) each.add(`later ${i}`, nth(items, d, i));
      each.remove("item 1");
      each.update("item 4", nth(items, d, 2));
    }
    expect(Buffer.compare(loaded.toBytes(), index.toBytes())).toBe(0);
  });

  test("under the inner product, and when empty", () => {
    const index = new HnswIndex({ dimension: d, metric: "dot" });
    expect(HnswIndex.fromBytes(index.toBytes()).search(nth(queries, d, 0), 3).ids).toEqual([]);
    index.add(
      "x",
      nth(items, d, 0).map((x) => 3 * x),
    );
    expect(HnswIndex.fromBytes(index.toBytes()).search(nth(items, d, 0), 3).scores[0]).toBeCloseTo(3, 5);
  });

  test("with its vectors where Python finds them: in slots, and nothing left of those removed", () => {
    const { vectors, slots } = Object.fromEntries(decodeSafetensors(example().toBytes()).tensors);
    expect(vectors.shape).toEqual([512, d]);
    const slot = Number(slots.data[1]);
    expect(vectors.data.subarray(slot * d, (slot + 1) * d)).toEqual(example().vector("item 1"));
    const norms = numbers(512).map((i) => Math.hypot(...(vectors.data as Float32Array).subarray(i * d, (i + 1) * d)));
    expect(norms.filter((norm) => norm > 0).length).toBe(example().size);
  });
});

describe("damage is found", () => {
  const tiny = new HnswIndex({ dimension: 2, M: 2, efConstruction: 4 }); // a chunk has room for 256 all the same
  tiny.addMany(["a", 1, 2n], [1, 2, 3, 4, 5, 6]);
  const bytes = tiny.toBytes();

  test("every flipped bit", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => HnswIndex.fromBytes(flipped), `bit ${bit}`).toThrow(corrupt);
    }
  });

  test("every truncation", () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => HnswIndex.fromBytes(bytes.subarray(0, length))).toThrow(corrupt);
  });

  test("another kind of file", () => {
    const other = expect.objectContaining({ code: "BAD_FILE" });
    expect(() => ExactIndex.fromBytes(bytes)).toThrow(other);
    expect(() => HnswIndex.fromBytes(new ExactIndex({ dimension: 2 }).toBytes())).toThrow(other);
  });
});

test("a file forged with right checksums is refused, or loads as an index that is safe to use", () => {
  const file = decodeSafetensors(example(60).toBytes());
  const names = ["links", "upper", "slots", "vacant", "vectors", "ids"];
  let refused = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.nat(),
      fc.oneof(fc.integer(), fc.integer({ min: -3, max: 300 })),
      (name, at, value) => {
        const tensors = Object.fromEntries(
          [...file.tensors].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
        );
        const { data } = tensors[name];
        data[at % data.length] = value;
        try {
          const index = HnswIndex.fromBytes(encodeSafetensors(tensors, Object.fromEntries(file.metadata)));
          for (const id of index.search(nth(queries, d, 0), 60).ids.slice(0, 30)) index.remove(id);
          for (let i = 0; i < 50; i++) index.add(`new ${i}`, nth(items, d, i));
          index.search(nth(queries, d, 0), 60);
        } catch (error) {
          expect(error).toBeInstanceOf(TwoTowerError);
          refused++;
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(60);
});

test("options and state that no index can have are refused", () => {
  const file = decodeSafetensors(example(60).toBytes());
  const forge = (key: string, value: unknown): Uint8Array =>
    encodeSafetensors(Object.fromEntries(file.tensors), {
      ...Object.fromEntries(file.metadata),
      [key]: JSON.stringify(value),
    });
  const options = JSON.parse(file.metadata.get("options")!);
  for (const wrong of [
    { dimension: 6 },
    { dimension: 1e9 },
    { M: 128 },
    { M: "4" },
    { metric: "l2" },
    { efConstruction: -1 },
  ])
    expect(() => HnswIndex.fromBytes(forge("options", { ...options, ...wrong }))).toThrow(TwoTowerError);
  for (const wrong of [null, 3, [], "x"])
    expect(() => HnswIndex.fromBytes(forge("options", wrong))).toThrow(TwoTowerError);
  const state = JSON.parse(file.metadata.get("state")!);
  for (const wrong of [
    { entry: -1 },
    { entry: 1e9 },
    { entry: "0" },
    { entry: 0.5 },
    { random: [1] },
    { random: [1, 2, 3, -4] },
    { random: null },
  ])
    expect(() => HnswIndex.fromBytes(forge("state", { ...state, ...wrong }))).toThrow(corrupt);
});

test("mutated files neither crash nor hang", () => {
  const bytes = example(40).toBytes();
  const random = new Random(5);
  for (let trial = 0; trial < 3000; trial++) {
    const mutated = bytes.slice(0, random.next() < 0.2 ? random.below(bytes.length) : bytes.length);
    for (let i = random.below(8); i >= 0; i--) mutated[random.below(mutated.length)] = random.below(256);
    try {
      HnswIndex.fromBytes(mutated);
    } catch (error) {
      expect(error).toBeInstanceOf(TwoTowerError);
    }
  }
});
