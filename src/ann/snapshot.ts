import { TwoTowerError } from "../errors.ts";
import { checksum } from "../tensor/checksum.ts";
import { corrupt, type Dtype, type Entry, type Head, readHead, unequal } from "../tensor/safetensors.ts";

/** Takes in bytes that begin at byte `at` of a tensor. Pieces come in order, however they are cut. */
export interface Sink {
  write(bytes: Uint8Array, at: number): void;
}

/** Takes in a file whose head it was given. */
export interface Loader<Index> {
  /** Where the bytes of a tensor go; a tensor without a sink is skipped. */
  sink(entry: Entry): Sink | undefined;
  /** What was loaded, once all checksums have matched. Throws CORRUPT for what contradicts itself all the same. */
  finish(): Index;
}

/** Loads a file that is all there: checksums first, so that nothing is made for a file that is damaged. */
export function loadBytes<Index>(bytes: Uint8Array, open: (head: Head) => Loader<Index>): Index {
  const head = readHead(bytes);
  const dataOf = ({ begin, end }: Entry): Uint8Array => bytes.subarray(head.end + begin, head.end + end);
  for (const entry of head.entries) if (checksum(dataOf(entry)) !== entry.checksum) throw unequal(entry.name);
  const loader = open(head);
  for (const entry of head.entries) loader.sink(entry)?.write(dataOf(entry), 0);
  return loader.finish();
}

/** A sink for a tensor of parts of equal length, each of which goes elsewhere: told the part, bytes of it, and where in it. */
export function inParts(length: number, put: (part: number, bytes: Uint8Array, within: number) => void): Sink {
  return {
    write(bytes, at) {
      for (let from = 0; from < bytes.length; ) {
        const within = (at + from) % length;
        const to = Math.min(bytes.length, from + length - within);
        put((at + from - within) / length, bytes.subarray(from, to), within);
        from = to;
      }
    },
  };
}

/** A sink that keeps a small tensor as it is. */
export class Gathered implements Sink {
  readonly #bytes: Uint8Array;
  #ints: Int32Array | undefined;

  constructor({ begin, end }: Entry) {
    this.#bytes = new Uint8Array(end - begin);
  }

  write(bytes: Uint8Array, at: number): void {
    this.#bytes.set(bytes, at);
  }

  ints(): Int32Array {
    return (this.#ints ??= new Int32Array(this.#bytes.buffer));
  }

  text(): string {
    return new TextDecoder().decode(this.#bytes);
  }
}

/** The options a snapshot was saved with, to be checked by whoever uses them; throws BAD_FILE for another format. */
export function readOptions(head: Pick<Head, "metadata">, format: string): Readonly<Record<string, unknown>> {
  const found = head.metadata.get("format");
  if (found !== format)
    throw new TwoTowerError("BAD_FILE", `this file holds ${found ?? "something else"}; ${format} was expected`);
  return { ...Object(jsonIn(head, "options")) };
}

export function jsonIn({ metadata }: Pick<Head, "metadata">, key: string): unknown {
  try {
    return JSON.parse(metadata.get(key) ?? "");
  } catch (cause) {
    throw corrupt(`its ${key} are not JSON`, cause);
  }
}

/** A tensor of a given type and shape, in which a size of −1 may be any. */
export function expectTensor({ entries }: Head, name: string, dtype: Dtype, shape: readonly number[]): Entry {
  const entry = entries.find((entry) => entry.name === name);
  if (entry === undefined) throw corrupt(`"${name}" is missing`);
  if (entry.dtype !== dtype) throw corrupt(`"${name}" is ${entry.dtype}, not ${dtype}`);
  if (entry.shape.length !== shape.length || !shape.every((size, i) => size === -1 || size === entry.shape[i]))
    throw corrupt(`"${name}" has shape [${entry.shape.join(", ")}] where [${shape.join(", ")}] was expected`);
  return entry;
}

/** Throws unless float32 numbers are all finite: none has an exponent of ones only. */
export function expectFinite(name: string, bytes: Uint8Array): void {
  for (let at = 3; at < bytes.length; at += 4)
    if ((bytes[at] & 0x7f) === 0x7f && (bytes[at - 1] & 0x80) !== 0)
      throw corrupt(`"${name}" holds numbers that are not finite`);
}
