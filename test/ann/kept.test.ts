import { describe, expect, test } from "vitest";
import { HnswIndex, type HnswOptions } from "../../src/ann/hnsw.ts";
import { TwoTowerError } from "../../src/errors.ts";
import { Random } from "../../src/tensor/random.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/tensor/safetensors.ts";
import { clustered, nth, numbers, stretched } from "./clustered.ts";
import { exactOf, recall } from "./recall.ts";

type Kept = NonNullable<HnswOptions["vectors"]>;
const kinds: Kept[] = ["float32", "float16", "none"];

function indexOf(
  vectors: Kept,
  items: Float32Array,
  d: number,
  metric: "cosine" | "dot" = "cosine",
): HnswIndex<number> {
  const index = new HnswIndex<number>({ dimension: d, metric, vectors, M: 8, efConstruction: 60 });
  index.addMany(numbers(items.length / d), items);
  return index;
}

// Where d is small and items lie close, 16 bits tell fewer apart than codes of two digits do: d = 2 is not for them.
describe("recall and scores, keeping vectors as", () => {
  test.each([
    ["float32", 1e-6, 0.98],
    ["float16", 5e-4, 0.98],
    ["none", 8e-3, 0.9],
  ] as const)("%s: scores err by less than %d, recall@10 is above %d", (vectors, error, least) => {
    for (const d of vectors === "float16" ? [24, 100] : [2, 5, 24, 100]) {
      const { items, queries } = clustered(1500, d, 50);
      for (const metric of ["cosine", "dot"] as const) {
        const given = metric === "dot" ? stretched(items, d, 2) : items;
        const index = indexOf(vectors, given, d, metric);
        const exact = exactOf(given, d, metric);
        expect(recall(index, exact, queries, 10, { ef: 80 })).toBeGreaterThan(least);
        const { rows, scores } = index.searchRows(nth(queries, d, 3), 10, { ef: 80 });
        for (const [i, row] of rows.entries()) {
          const item = nth(given, d, row);
          const score = item.reduce((sum, x, j) => sum + x * queries[3 * d + j], 0);
          expect(Math.abs(scores[i] - score)).toBeLessThan(error * Math.max(1, Math.hypot(...item)));
          const back = index.vector(row);
          for (const [j, x] of item.entries())
            expect(Math.abs(back[j] - x)).toBeLessThan(2 * error * Math.max(1, Math.hypot(...item)));
        }
      }
    }
  });
});

test("less kept is less memory: 4, 2 or 0 bytes a number", () => {
  const d = 64;
  const n = 2048;
  const { items } = clustered(n, d, 1);
  const [all, half, none] = kinds.map(
    (kind) => indexOf(kind, items, d).byteLength - indexOf(kind, new Float32Array(0), d).byteLength,
  );
  const page = 65536;
  expect(Math.abs(all - half - n * d * 2)).toBeLessThanOrEqual(page);
  expect(Math.abs(half - none - n * d * 2)).toBeLessThanOrEqual(page);
});

/** The value of 16 bits as IEEE 754 defines it. */
function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return half & 0x8000 ? -size : size;
}

/** The nearest 16-bit float, by trying all that are not negative. */
function nearestHalf(x: number, positive: readonly number[]): number {
  let low = 0;
  let high = positive.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (positive[middle] <= Math.abs(x)) low = middle;
    else high = middle;
  }
  const below = Math.abs(x) - positive[low];
  const above = positive[high] - Math.abs(x);
  const nearest = below < above || (below === above && low % 2 === 0) ? low : high;
  return x < 0 || Object.is(x, -0) ? nearest | 0x8000 : nearest;
}

describe("16-bit floats", () => {
  test("every one of them is read as what it is", () => {
    const d = 261; // not a whole number of vectors of eight
    const n = 252;
    const random = new Random(1);
    const index = indexOf(
      "float16",
      Float32Array.from({ length: n * d }, () => random.between(-1, 1)),
      d,
    );
    const file = decodeSafetensors(index.toBytes());
    const finite = (half: number): number => (((half >> 10) & 31) === 31 ? 0 : half & 0xffff);
    const halves = Uint16Array.from({ length: 256 * d }, (_, i) => finite(i));
    const slots = file.tensors.get("slots")!.data;
    const tensors = {
      ...Object.fromEntries(file.tensors),
      vectors: { dtype: "F16", shape: [256, d], data: halves } as const,
    };
    const forged = HnswIndex.fromBytes(encodeSafetensors(tensors, Object.fromEntries(file.metadata)));
    let seen = 0;
    for (let j = 0; j < d; j++) {
      const axis = new Float32Array(d);
      axis[j] = 1;
      const { rows, scores } = forged.searchRows(axis, n, { ef: n });
      for (const [i, row] of rows.entries()) if (scores[i] === halfToNumber(halves[Number(slots[row]) * d + j])) seen++;
    }
    expect(seen).toBe(n * d);
  });

  test("numbers are rounded to the nearest, of two equally near to the even one", () => {
    const d = 4;
    const positive = Array.from({ length: 0x7c00 }, (_, half) => halfToNumber(half));
    const random = new Random(2);
    const n = 3000;
    const vectors = new Float32Array(n * d);
    for (let i = 0; i < n; i++) {
      vectors[i * d] = 1; // so that the length is 1 in float32 and the others stay what they are
      for (let j = 1; j < d; j++) {
        const size = 2 ** random.between(-27, -13);
        const tie = (positive[1 + random.below(1500)] + positive[random.below(1500)]) / 2;
        vectors[i * d + j] = (random.next() < 0.5 ? tie : size) * (random.next() < 0.5 ? -1 : 1);
      }
    }
    const larger = Float32Array.from({ length: n * d }, () => random.between(-1, 1));
    for (const given of [vectors, larger]) {
      const { tensors } = decodeSafetensors(indexOf("float16", given, d).toBytes());
      const stored = tensors.get("vectors")!;
      expect(stored.data).toBeInstanceOf(Uint16Array); // their bits
      const slots = tensors.get("slots")!.data;
      const expected = new Uint16Array(stored.data.length);
      for (let i = 0; i < n; i++) {
        const vector = nth(given, d, i);
        const length = Math.fround(Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)));
        for (let j = 0; j < d; j++)
          expected[Number(slots[i]) * d + j] = nearestHalf(Math.fround(vector[j] / length), positive);
      }
      expect(stored.data).toEqual(expected);
    }
  });
});

describe.each(kinds)("a snapshot that keeps %s", (vectors) => {
  const d = 12;
  const { items, queries } = clustered(400, d, 10);

  test.each(["cosine", "dot"] as const)("loads under %s, finds the same and goes on the same", (metric) => {
    const index = indexOf(vectors, items.subarray(0, 300 * d), d, metric);
    for (let i = 0; i < 300; i += 7) index.remove(i);
    const bytes = index.toBytes();
    const loaded = HnswIndex.fromBytes<number>(bytes);
    expect(Buffer.compare(loaded.toBytes(), bytes)).toBe(0);
    expect(loaded.searchMany(queries, 20)).toEqual(index.searchMany(queries, 20));
    expect(loaded.vector(5)).toEqual(index.vector(5));
    for (const each of [index, loaded]) {
      for (let i = 300; i < 400; i++) each.add(i, nth(items, d, i));
      each.update(4, nth(items, d, 2));
    }
    expect(Buffer.compare(loaded.toBytes(), index.toBytes())).toBe(0);
  });

  test("shows every flipped bit and every truncation", () => {
    const bytes = indexOf(vectors, items.subarray(0, 30 * d), d, "dot").toBytes();
    const corrupt = expect.objectContaining({ code: "CORRUPT" });
    for (let bit = 0; bit < bytes.length * 8; bit += 1 + (bit % 53)) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => HnswIndex.fromBytes(flipped), `bit ${bit}`).toThrow(corrupt);
    }
    for (let length = 0; length < bytes.length; length += 1 + (length % 31))
      expect(() => HnswIndex.fromBytes(bytes.subarray(0, length))).toThrow(corrupt);
  });

  test("is refused, or safe to use, when forged with right checksums", () => {
    const file = decodeSafetensors(indexOf(vectors, items.subarray(0, 60 * d), d, "dot").toBytes());
    const random = new Random(4);
    let refused = 0;
    for (let trial = 0; trial < 80; trial++) {
      const tensors = Object.fromEntries(
        [...file.tensors].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
      );
      const names = ["vectors", "codes", "norms"].filter((name) => name in tensors);
      const { data, shape } = tensors[names[random.below(names.length)]];
      const slot = Number(tensors.slots.data[random.below(60)]); // of an item: in vacant slots numbers mean nothing
      const width = data.length / shape[0];
      data[slot * width + random.below(width)] = [Number.NaN, Number.POSITIVE_INFINITY, -128, 3e38, 0x7c00, 0xfbff][
        random.below(6)
      ];
      try {
        const index = HnswIndex.fromBytes(encodeSafetensors(tensors, Object.fromEntries(file.metadata)));
        for (const id of index.search(nth(queries, d, 0), 60).ids.slice(0, 30)) index.remove(id);
        for (let i = 0; i < 50; i++) index.add(`new ${i}`, nth(items, d, i));
      } catch (error) {
        expect(error).toBeInstanceOf(TwoTowerError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(8);
  });
});

test("another kind is refused", () => {
  expect(() => new HnswIndex({ dimension: 4, vectors: "int8" as "none" })).toThrow(/vectors is int8/);
  const file = decodeSafetensors(indexOf("float16", new Float32Array(40).fill(1), 4).toBytes());
  const options = JSON.parse(file.metadata.get("options")!);
  const forged = encodeSafetensors(Object.fromEntries(file.tensors), {
    ...Object.fromEntries(file.metadata),
    options: JSON.stringify({ ...options, vectors: "float32" }),
  });
  expect(() => HnswIndex.fromBytes(forged)).toThrow(/is F16, not F32/);
});
