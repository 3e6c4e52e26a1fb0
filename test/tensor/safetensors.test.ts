import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TwoTowerError } from "../../src/errors.ts";
import { checksum } from "../../src/tensor/checksum.ts";
import { decodeSafetensors, encodeParts, encodeSafetensors, type StoredTensor } from "../../src/tensor/safetensors.ts";

const small: Record<string, StoredTensor> = {
  codes: { shape: [3], data: Int8Array.of(-1, 0, 127) },
  table: { shape: [2, 2], data: Float32Array.of(1, -0, Number.NaN, Infinity) },
  halves: { dtype: "BF16", shape: [1, 1, 2], data: Uint16Array.of(0x3f80, 0xbf80) },
  ids: { shape: [1], data: BigUint64Array.of(2n ** 63n) },
  nothing: { shape: [0, 7], data: new Float64Array(0) },
};

const corrupt = expect.objectContaining({ name: "TwoTowerError", code: "CORRUPT" });

/** A file with this header and no data, as any other program might write it. */
function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe("what is written is read back", () => {
  test("tensors of every type, with their shapes and the text", () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(small, { version: "1", title: "naïve ☂" }));
    expect(Object.fromEntries(metadata)).toEqual({ version: "1", title: "naïve ☂" });
    expect([...tensors.keys()].sort()).toEqual(Object.keys(small).sort());
    for (const [name, { shape, data }] of Object.entries(small))
      expect(tensors.get(name)).toMatchObject({ shape, data });
    expect(tensors.get("halves")?.dtype).toBe("BF16");
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

  test("in parts that make the same file", () => {
    expect(Buffer.concat(encodeParts(small, { a: "b" }))).toEqual(Buffer.from(encodeSafetensors(small, { a: "b" })));
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
        expect(() => decodeSafetensors(fileOf(new TextDecoder("latin1").decode(noise)), { foreign: true })).toThrow(
          TwoTowerError,
        );
      }),
    );
  });

  test.each([
    ["a header longer than the file", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123)],
    [
      "a shape far larger than the data",
      fileOf('{"x":{"dtype":"F64","shape":[4294967296,4096],"data_offsets":[0,8]}}', new Uint8Array(8)),
    ],
    [
      "offsets past the end",
      fileOf('{"x":{"dtype":"U8","shape":[9000000000000000],"data_offsets":[0,9000000000000000]}}'),
    ],
    [
      "tensors that overlap",
      fileOf(
        '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        new Uint8Array(1),
      ),
    ],
    ["a gap", fileOf('{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', new Uint8Array(2))],
    ["a negative size", fileOf('{"x":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}', new Uint8Array(1))],
    [
      "a dtype that only objects know",
      fileOf('{"x":{"dtype":"constructor","shape":[],"data_offsets":[0,1]}}', new Uint8Array(1)),
    ],
    ["metadata that is no text", fileOf('{"__metadata__":{"a":1}}')],
    ["a list for a header", fileOf("[]")],
    ["an entry that is null", fileOf('{"x":null}')],
  ])("%s", (_what, file) => {
    expect(() => decodeSafetensors(file, { foreign: true })).toThrow(corrupt);
  });
});

test("a file without checksums is read only when it may be foreign", () => {
  const file = fileOf(
    '{"x":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}',
    new Uint8Array(Float32Array.of(2.5).buffer),
  );
  expect(() => decodeSafetensors(file)).toThrow(corrupt);
  expect(decodeSafetensors(file, { foreign: true }).tensors.get("x")).toEqual({
    dtype: "F32",
    shape: [],
    data: Float32Array.of(2.5),
  });
});

test.each([
  ["a shape that its data does not fill", { x: { shape: [2], data: Int8Array.of(1) } }, {}],
  ["a dtype of another class", { x: { dtype: "F32" as const, shape: [1], data: Int8Array.of(1) } }, {}],
  ["the name of the metadata", { __metadata__: { shape: [1], data: Int8Array.of(1) } }, {}],
  ["text in the place of a checksum", {}, { "checksum:x": "1" }],
])("%s is refused", (_what, tensors, metadata) => {
  expect(() => encodeSafetensors(tensors as Record<string, StoredTensor>, metadata as Record<string, string>)).toThrow(
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
