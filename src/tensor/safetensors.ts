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
  /** Read off the class of `data` where that is enough; 16-bit floats and booleans must be named. */
  readonly dtype?: Dtype;
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
  readonly tensors: Map<string, Required<StoredTensor>>;
  readonly metadata: Map<string, string>;
}

export type Dtype =
  | "F64"
  | "I64"
  | "U64"
  | "F32"
  | "I32"
  | "U32"
  | "I16"
  | "U16"
  | "F16"
  | "BF16"
  | "I8"
  | "U8"
  | "BOOL";

export type TensorArray =
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** F16, BF16 and BOOL are handed over raw: their bits, in a Uint16Array or Uint8Array. */
const arrays = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} satisfies Record<Dtype, unknown>;

const LENGTH_BYTES = 8;
const ALIGNMENT = 8; // Python pads the header to the widest type, too
const LONGEST_HEADER = 100_000_000; // Python refuses more
const SEAL = '{"__metadata__":{"checksum":"'; // how a header of ours begins; 16 digits follow
const UNSEALED = "0".repeat(16); // the digits while the header's own checksum is computed

/** The file as one array. Throws BAD_ARGUMENT for tensors whose shape, dtype and data contradict each other. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return joined(encodeParts(tensors, metadata));
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

/** The same file in parts, to be written one after another: the tensors' parts are views, nothing is copied. */
export function encodeParts(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const inPieces = Object.entries(tensors).map(([name, tensor]): [string, TensorInPieces] => [
    name,
    { dtype: expectConsistent(name, tensor), shape: tensor.shape, pieces: () => [bytesOf(tensor.data)] },
  ]);
  return [...encodePieces(Object.fromEntries(inPieces), metadata)];
}

/** The same of tensors that come in pieces; of equal width they stand in the order given. */
export function* encodePieces(
  tensors: Readonly<Record<string, TensorInPieces>>,
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array> {
  // Widest first: as no gaps are allowed, this alone keeps every tensor aligned to its own type.
  const sorted = Object.entries(tensors).sort(([, a], [, b]) => widthOf(b.dtype) - widthOf(a.dtype));
  const texts = [`"checksum":"${UNSEALED}"`];
  for (const [name, tensor] of sorted) {
    const sum = new Checksum();
    for (const piece of tensor.pieces()) sum.add(piece);
    texts.push(`${JSON.stringify(`checksum:${name}`)}:"${sum.digits()}"`);
  }
  for (const [key, text] of Object.entries(metadata))
    texts.push(`${JSON.stringify(expectFree(key))}:${JSON.stringify(text)}`);

  const entries = [`"__metadata__":{${texts.join()}}`];
  let end = 0;
  for (const [name, { dtype, shape }] of sorted) {
    const entry = { dtype, shape, data_offsets: [end, (end += sizeOf(shape) * widthOf(dtype))] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  yield seal(`{${entries.join()}}`);
  for (const [, tensor] of sorted) yield* tensor.pieces();
}

/**
 * Reads a file of ours, or with `foreign` one that another program wrote without checksums.
 * Throws CORRUPT for anything that contradicts itself: allocates nothing that the bytes do not back.
 */
export function decodeSafetensors(bytes: Uint8Array, options: { readonly foreign?: boolean } = {}): Decoded {
  const { metadata, entries, end } = readHead(bytes, bytes.length, options.foreign);
  const tensors = new Map<string, Required<StoredTensor>>();
  for (const entry of entries) {
    const raw = bytes.subarray(end + entry.begin, end + entry.end);
    if (entry.checksum !== undefined && entry.checksum !== checksum(raw)) throw unequal(entry.name);
    tensors.set(entry.name, { dtype: entry.dtype, shape: entry.shape, data: arrayOf(entry.dtype, raw) });
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

/** Reads the head of a file of `total` bytes, of which `bytes` are the first; throws CORRUPT unless head and length agree. */
export function readHead(bytes: Uint8Array, total: number, foreign = false): Head {
  const header = readHeader(bytes, foreign);
  const metadata = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header.json)) {
    if (name === "__metadata__") for (const [key, text] of textsIn(value)) metadata.set(key, text);
    else entries.push(parseEntry(name, value));
  }
  let expected = 0;
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const entry of entries) {
    const { name, begin, end } = entry;
    if (begin !== expected) throw corrupt(`tensor "${name}" begins at byte ${begin} of the data, not at ${expected}`);
    if (end > total - header.end) throw corrupt(`tensor "${name}" ends past the end of the file`);
    entry.checksum = metadata.get(`checksum:${name}`);
    if (entry.checksum === undefined && !foreign) throw unequal(name);
    expected = end;
  }
  if (header.end + expected !== total) throw corrupt(`${total - header.end - expected} bytes follow the last tensor`);
  for (const key of [...metadata.keys()]) if (isReserved(key)) metadata.delete(key);
  return { metadata, entries, end: header.end };
}

/** How long the head is, by its first 8 bytes. */
export const headBytes = (bytes: Uint8Array): number =>
  LENGTH_BYTES + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));

/** A tensor in a file: from byte `begin` to `end` of the data. */
export interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
  /** Missing only in files of other programs. */
  checksum?: string | undefined;
}

/** Pads the header, writes its length before it and its checksum into it. */
function seal(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  if (length > LONGEST_HEADER)
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `the names and metadata fill ${length} bytes; at most ${LONGEST_HEADER} fit`,
    );
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, LENGTH_BYTES);
  header.set(new TextEncoder().encode(checksum(header)), LENGTH_BYTES + SEAL.length);
  return header;
}

/** The header's JSON and where the tensors begin. */
function readHeader(bytes: Uint8Array, foreign: boolean): { json: object; end: number } {
  if (bytes.length < LENGTH_BYTES) throw corrupt(`${bytes.length} bytes cannot be a safetensors file`);
  const length = headBytes(bytes) - LENGTH_BYTES;
  if (length > Math.min(bytes.length - LENGTH_BYTES, LONGEST_HEADER))
    throw corrupt(`the header claims ${length} bytes of a file of ${bytes.length}`);

  const header = bytes.slice(0, LENGTH_BYTES + length);
  const digits = header.subarray(LENGTH_BYTES + SEAL.length, LENGTH_BYTES + SEAL.length + UNSEALED.length);
  const recorded = latin(digits);
  if (latin(header.subarray(LENGTH_BYTES, LENGTH_BYTES + SEAL.length)) === SEAL) {
    digits.fill(0x30);
    if (recorded !== checksum(header)) throw corrupt("the header does not match its checksum");
  } else if (!foreign) throw corrupt("the header carries no checksum of ours");

  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header.subarray(LENGTH_BYTES)));
    if (isRecord(json)) return { json, end: header.length };
  } catch (cause) {
    throw corrupt("the header is not JSON", cause);
  }
  throw corrupt("the header is not a JSON object");
}

/** `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`, believed only if its numbers agree. */
function parseEntry(name: string, value: unknown): Entry {
  if (!isRecord(value)) throw corrupt(`the entry of tensor "${name}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(arrays, dtype))
    throw corrupt(`tensor "${name}" has the unknown dtype ${JSON.stringify(dtype)}`);
  if (!areSizes(shape) || !areSizes(offsets) || offsets.length !== 2)
    throw corrupt(`tensor "${name}" has no valid shape or offsets`);
  const [begin, end] = offsets;
  const size = sizeOf(shape) * widthOf(dtype as Dtype);
  if (end - begin !== size)
    throw corrupt(`tensor "${name}" of shape [${shape.join(", ")}] cannot fill bytes ${begin} to ${end}`);
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function textsIn(value: unknown): [string, string][] {
  if (!isRecord(value)) throw corrupt("its metadata is not an object");
  return Object.entries(value).map(([key, text]) => {
    if (typeof text !== "string") throw corrupt(`its metadata "${key}" is not text`);
    return [key, text];
  });
}

function arrayOf(dtype: Dtype, raw: Uint8Array): TensorArray {
  const { BYTES_PER_ELEMENT: width } = arrays[dtype];
  const aligned = raw.byteOffset % width === 0 ? raw : raw.slice();
  return new arrays[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, raw.length / width);
}

function expectConsistent(name: string, { dtype, shape, data }: StoredTensor): Dtype {
  const type = dtype ?? (Object.keys(arrays) as Dtype[]).find((type) => data instanceof arrays[type]);
  if (name === "__metadata__")
    throw new TwoTowerError("BAD_ARGUMENT", "no tensor can be named __metadata__: the format uses that name");
  if (type === undefined || !(data instanceof arrays[type]))
    throw new TwoTowerError("BAD_ARGUMENT", `tensor "${name}": ${data.constructor.name} cannot hold ${type}`);
  if (!areSizes(shape) || sizeOf(shape) !== data.length)
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `tensor "${name}": ${data.length} values do not fill the shape [${shape.join(", ")}]`,
    );
  return type;
}

function expectFree(key: string): string {
  if (isReserved(key))
    throw new TwoTowerError("BAD_ARGUMENT", `metadata cannot be named "${key}": checksums use that name`);
  return key;
}

const isReserved = (key: string): boolean => key === "checksum" || key.startsWith("checksum:");

const areSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

const widthOf = (dtype: Dtype): number => arrays[dtype].BYTES_PER_ELEMENT;

const bytesOf = (data: TensorArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

export const unequal = (name: string): TwoTowerError => corrupt(`tensor "${name}" does not match its checksum`);

const corrupt = (what: string, cause?: unknown): TwoTowerError =>
  new TwoTowerError(
    "CORRUPT",
    `not a file as it was saved: ${what}; save it again or restore a copy`,
    cause === undefined ? undefined : { cause },
  );
