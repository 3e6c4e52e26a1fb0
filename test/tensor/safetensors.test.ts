import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TwoTowerError } from "../../src/errors.ts";
import { checksum } from "../../src/tensor/checksum.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../../src/tensor/safetensors.ts";

const small: Record<string, StoredTensor> = {
  codes: { shape: [3], data: Int8Array.of(-1, 0, 127) },
  table: { shape: [2, 2], data: Float32Array.of(1, -0, Number.NaN, Infinity) },
  halves: { shape: [1, 1, 2], data: Uint16Array.of(0x3f80, 0xbf80) },
  times: { shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
  nothing: { shape: [0, 7], data: new Float64Array(0) },
};

const corrupt = expect.objectContaining({ name: "TwoTowerError", code: "CORRUPT" });

/** A file whose header holds these entries, and a checksum that is right. */
function fileOf(entries: string, data: Uint8Array = new Uint8Array(0), texts = ""): Uint8Array {
  const zeros = "0".repeat(16);
  const sums = ["x", "y"].map((name) => `"checksum:${name}":"${checksum(data.subarray(0, 1))}"`);
  const begin = '{"__metadata__":{"checksum":"';
  const text = new TextEncoder().encode(`${begin}${zeros}",${sums}${texts}},${entries}}`);
  const header = new Uint8Array(8 + text.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(text.length), true);
  header.set(text, 8);
  header.set(new TextEncoder().encode(checksum(header)), 8 + begin.length);
  return Buffer.concat([header, data]);
}

describe("what is written is read back", () => {
  test("tensors of every type, with their shapes and the text", () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(small, { version: "1", title: "naïve ☂" }));
    expect(Object.fromEntries(metadata)).toEqual({ version: "1", title: "naïve ☂" });
    expect([...tensors.keys()].sort()).toEqual(Object.keys(small).sort());
    for (const [name, { shape, data }] of Object.entries(small))
      expect(tensors.get(name)).toMatchObject({ shape, data });
  });

  test("from bytes at any alignment, for any names and sizes", () => {
    const tensor = fc.oneof(
      fc.float64Array().map((data) => ({ shape: [data.length], data })),
      fc.int8Array().map((data) => ({ shape: [1, data.length], data })),
      fc.uint16Array().map((data) => ({ shape: [data.length], data })),
    );
    const names = fc.string({ unit: "binary" }).filter((name) => name !== "__metadata__");
    fc.assert(
      fc.property(fc.dictionary(names, tensor), fc.nat(9), (tensors, shift) => {
        const written = encodeSafetensors(tensors);
        const shifted = new Uint8Array(shift + written.length);
        shifted.set(written, shift);
        const read = decodeSafetensors(shifted.subarray(shift)).tensors;
        expect(read.size).toBe(Object.keys(tensors).length);
        for (const [name, { shape, data }] of Object.entries(tensors))
          expect(read.get(name)).toMatchObject({ shape, data });
      }),
    );
  });

  test("under names that objects find special", () => {
    const tensors = Object.fromEntries(
      ["__proto__", "constructor", "0", ""].map((name) => [name, { shape: [1], data: Int8Array.of(1) }]),
    );
    expect(Object.keys(tensors).length).toBe(4);
    const { tensors: read, metadata } = decodeSafetensors(
      encodeSafetensors(tensors, Object.fromEntries([["__proto__", "text"]])),
    );
    expect([...read.keys()].sort()).toEqual(["", "0", "__proto__", "constructor"]);
    expect([...metadata]).toEqual([["__proto__", "text"]]);
  });

  test("as the format demands: no gaps, every tensor aligned, the metadata all text", () => {
    const bytes = encodeSafetensors(small, { a: "b" });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const { __metadata__, ...entries } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    let at = 0;
    for (const [name, entry] of Object.entries<{ data_offsets: [number, number] }>(entries)) {
      expect(entry.data_offsets[0]).toBe(at);
      expect((8 + length + at) % small[name].data.BYTES_PER_ELEMENT).toBe(0);
      at = entry.data_offsets[1];
    }
    expect(8 + length + at).toBe(bytes.length);
    expect(Object.values(__metadata__).every((text) => typeof text === "string")).toBe(true);
  });
});

describe("damage is found", () => {
  const bytes = encodeSafetensors(small, { version: "1" });

  test("every flipped bit", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => decodeSafetensors(flipped), `bit ${bit}`).toThrow(corrupt);
    }
  });

  test("every truncation, and every excess", () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length)), `${length} bytes`).toThrow(corrupt);
    expect(() => decodeSafetensors(Buffer.concat([bytes, new Uint8Array(1)]))).toThrow(corrupt);
  });

  test("bytes that never were such a file", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => decodeSafetensors(noise)).toThrow(TwoTowerError);
      }),
    );
  });

  const one = new Uint8Array(1);
  test.each([
    ["a header longer than the file", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123)],
    [
      "a shape far larger than the data",
      fileOf('"x":{"dtype":"F64","shape":[4294967296,4096],"data_offsets":[0,8]}', new Uint8Array(8)),
    ],
    [
      "offsets past the end",
      fileOf('"x":{"dtype":"U8","shape":[9000000000000000],"data_offsets":[0,9000000000000000]}'),
    ],
    [
      "tensors that overlap",
      fileOf(
        '"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}',
        one,
      ),
    ],
    ["a gap", fileOf('"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}', new Uint8Array(2))],
    ["a negative size", fileOf('"x":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}', one)],
    ["a dtype that only objects know", fileOf('"x":{"dtype":"constructor","shape":[],"data_offsets":[0,1]}', one)],
    ["a tensor without a checksum", fileOf('"z":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}', one)],
    ["an entry that is null", fileOf('"x":null')],
    ["a header that is no JSON", fileOf('"x"')],
  ])("%s", (_what, file) => {
    expect(() => decodeSafetensors(file)).toThrow(corrupt);
  });

  test("but nothing else is: a file made like that by hand is read", () => {
    const { tensors, metadata } = decodeSafetensors(
      fileOf('"x":{"dtype":"U8","shape":[1,1],"data_offsets":[0,1]}', one, ',"a":"b"'),
    );
    expect(tensors.get("x")).toEqual({ shape: [1, 1], data: one });
    expect([...metadata]).toEqual([["a", "b"]]);
  });
});

test("a shape that its data does not fill is refused", () => {
  expect(() => encodeSafetensors({ x: { shape: [2], data: Int8Array.of(1) } })).toThrow(
    expect.objectContaining({ code: "BAD_ARGUMENT" }),
  );
});

test("the checksum depends on order, length and every byte, not on alignment", () => {
  const bytes = Uint8Array.from({ length: 200_003 }, (_, i) => (i * 31) >> 3);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(checksum(shifted.subarray(1))).toBe(checksum(bytes));
  const sums = [0, 1, 2, 15, 16, 17, 32].map((length) => checksum(new Uint8Array(length)));
  expect(new Set(sums).size).toBe(sums.length);
  expect(checksum(bytes.slice().reverse())).not.toBe(checksum(bytes));
});
