import { TwoTowerError } from "../errors.ts";
import { Checksum, checksum } from "./checksum.ts";

/**
 * Safetensors: named tensors and text in one file that Python's `safetensors` reads as well.
 *
 *   | 8 bytes: length of the header | header: JSON, padded with spaces | the tensors, end to end |
 *
 *   const bytes = encodeSafetensors({ weights: { shape: [2, 3], data: new Float32Array(6) } }, { version: "1" });
 *   const { tensors, metadata } = decodeSafetensors(bytes); // two Maps
 *
 * The format allows text beside the tensors, and there go our checksums: one for each tensor, and one of the
 * header (its length included), which stands first so that it can be checked before the JSON is believed.
 */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: TensorArray;
}

/** A tensor that comes in pieces, as often as they are asked for: once for its checksum, once to be written. */
export interface TensorInPieces {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  pieces(): Iterable<Uint8Array>;
}

/** What a file held. The arrays are views of its bytes where alignment allows, else copies. */
export interface Decoded {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Map<string, string>;
}

/** What we store; 16-bit floats as their bits. */
export type Dtype = "F64" | "F32" | "I32" | "U32" | "F16" | "I8" | "U8";

export type TensorArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Int8Array | Uint8Array;

const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  F16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} satisfies Record<Dtype, unknown>;

const LENGTH_BYTES = 8;
const ALIGNMENT = 8; // Python pads the header to the widest type, too
const SEAL = `{"__metadata__":{"checksum":"`; // how a header begins; 16 digits follow
const UNSEALED = "0".repeat(16); // the digits while the header's own checksum is computed
const DIGITS = LENGTH_BYTES + SEAL.length; // where they stand

/** The file as one array. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const inPieces = Object.entries(tensors).map(([name, { shape, data }]): [string, TensorInPieces] => {
    if (sizeOf(shape) !== data.length)
      throw new TwoTowerError("BAD_ARGUMENT", `tensor "${name}": ${data.length} values in a shape of [${shape}]`);
    const dtype = (Object.keys(arrays) as Dtype[]).find((type) => data instanceof arrays[type]) as Dtype;
    return [name, { dtype, shape, pieces: () => [bytesOf(data)] }];
  });
  return joined(encodePieces(Object.fromEntries(inPieces), metadata));
}

/** Pieces end to end in one array; `byteLength` is what they come to, where that is known. */
export function joined(pieces: Iterable<Uint8Array>, byteLength?: number): Uint8Array {
  const all = byteLength === undefined ? [...pieces] : pieces;
  const bytes = new Uint8Array(byteLength ?? (all as Uint8Array[]).reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The file piece by piece, of tensors that come so themselves; of equal width they stand in the order given. */
export function* encodePieces(
  tensors: Readonly<Record<string, TensorInPieces>>,
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array> {
  // Widest first: as no gaps are allowed, this alone keeps every tensor aligned to its own type.
  const sorted = Object.entries(tensors).sort(([, a], [, b]) => widthOf(b.dtype) - widthOf(a.dtype));
  const texts = [pair("checksum", UNSEALED)];
  for (const [name, tensor] of sorted) {
    const sum = new Checksum();
    for (const piece of tensor.pieces()) sum.add(piece);
    texts.push(pair(`checksum:${name}`, sum.digits()));
  }
  for (const [key, text] of Object.entries(metadata)) texts.push(pair(key, text));

  const entries = [`"__metadata__":{${texts.join()}}`]; // by hand, because objects put names that are numbers first
  let end = 0;
  for (const [name, { dtype, shape }] of sorted)
    entries.push(pair(name, { dtype, shape, data_offsets: [end, (end += sizeOf(shape) * widthOf(dtype))] }));
  yield seal(`{${entries.join()}}`);
  for (const [, tensor] of sorted) yield* tensor.pieces();
}

/** Reads a file of ours. Throws CORRUPT for anything that contradicts itself: allocates nothing that the bytes do not back. */
export function decodeSafetensors(bytes: Uint8Array): Decoded {
  const { metadata, entries, end } = readHead(bytes);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, checksum: sum, ...entry } of entries) {
    const raw = bytes.subarray(end + entry.begin, end + entry.end);
    if (sum !== checksum(raw)) throw unequal(name);
    tensors.set(name, { shape, data: arrayOf(dtype, raw) });
  }
  return { tensors, metadata };
}

/** What the head of a file says of the rest: its tensors end to end, and the text beside them. */
export interface Head {
  readonly metadata: Map<string, string>;
  readonly entries: readonly Entry[];
  /** Where the data begin. */
  readonly end: number;
}

/** A tensor in a file: from byte `begin` to `end` of the data. */
export interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
  readonly checksum: string | undefined;
}

/** Reads the head of a file of `length` bytes, of which `bytes` are the first, or all; throws CORRUPT unless head and length agree. */
export function readHead(bytes: Uint8Array, length?: number): Head {
  const header = unsealed(bytes);
  const total = length ?? bytes.length;
  try {
    const { __metadata__: texts, ...tensors } = JSON.parse(new TextDecoder().decode(header.subarray(LENGTH_BYTES)));
    const metadata = new Map(Object.entries<string>(texts));
    const entries = Object.entries(tensors as Record<string, Stored>).map(
      ([name, { dtype, shape, data_offsets }]): Entry => {
        const [begin, end] = data_offsets;
        return { name, dtype, shape, begin, end, checksum: metadata.get(`checksum:${name}`) };
      },
    );
    entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
    let at = 0;
    for (const { name, dtype, shape, begin, end } of entries) {
      const fits = begin === at && shape.every(isSize) && end - begin === sizeOf(shape) * widthOf(dtype);
      if (!fits) throw corrupt(`tensor "${name}" is not where, or not as large as, the header says`);
      at = end;
    }
    if (header.length + at !== total) throw corrupt(`its tensors have ${total - header.length} bytes, not ${at}`);
    for (const key of metadata.keys()) if (key.startsWith("checksum")) metadata.delete(key);
    return { metadata, entries, end: header.length };
  } catch (cause) {
    throw cause instanceof TwoTowerError ? cause : corrupt("its header is none of ours", cause);
  }
}

/** An entry of the header. */
interface Stored {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/** How long the head is, by its first 8 bytes. */
export const headBytes = (bytes: Uint8Array): number =>
  LENGTH_BYTES + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));

/** Pads the header, writes its length before it and its checksum into it. */
function seal(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const header = new Uint8Array(LENGTH_BYTES + Math.ceil(text.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - LENGTH_BYTES), true);
  header.set(text, LENGTH_BYTES);
  header.set(new TextEncoder().encode(checksum(header)), DIGITS);
  return header;
}

/** A copy of the header, with its length before it, once its checksum has matched. */
function unsealed(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      "the bytes of a file were expected in a Uint8Array: new Uint8Array(buffer)",
    );
  if (bytes.length < LENGTH_BYTES) throw corrupt(`it has only ${bytes.length} bytes`);
  const length = headBytes(bytes);
  if (length > bytes.length) throw corrupt(`a header of ${length} bytes in a file of ${bytes.length}`);
  const header = bytes.slice(0, length);
  const digits = header.subarray(DIGITS, DIGITS + UNSEALED.length);
  const recorded = String.fromCharCode(...digits);
  digits.fill(0x30);
  if (recorded !== checksum(header)) throw corrupt("the header does not match its checksum");
  return header;
}

function arrayOf(dtype: Dtype, raw: Uint8Array): TensorArray {
  const width = widthOf(dtype);
  const aligned = raw.byteOffset % width === 0 ? raw : raw.slice();
  return new arrays[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, raw.length / width);
}

const pair = (key: string, value: unknown): string => `${JSON.stringify(key)}:${JSON.stringify(value)}`;

const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

const widthOf = (dtype: Dtype): number => arrays[dtype].BYTES_PER_ELEMENT;

/** The bytes of an array: a view. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: TensorArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export const unequal = (name: string): TwoTowerError => corrupt(`tensor "${name}" does not match its checksum`);

export const corrupt = (what: string, cause?: unknown): TwoTowerError =>
  new TwoTowerError(
    "CORRUPT",
    `not a file as it was saved: ${what}; save it again or restore a copy`,
    cause === undefined ? undefined : { cause },
  );
