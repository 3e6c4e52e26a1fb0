import { TwoTowerError } from "../errors.ts";
import { Checksum } from "../tensor/checksum.ts";
import { corrupt, type Entry, type Head, headBytes, joined, readHead, unequal } from "../tensor/safetensors.ts";
import type { Loader, Sink } from "./snapshot.ts";

/**
 * Reads a file of known length that comes in pieces, in order and however they are cut: each goes to where it stays at once.
 * Throws CORRUPT as soon as a checksum, or the length, is wrong.
 */
export class SnapshotReader<Index> {
  readonly #total: number;
  readonly #open: (head: Head) => Loader<Index>;
  #start: Uint8Array[] = [];
  #read = 0;
  #head: Head | undefined;
  #loader: Loader<Index> | undefined;
  /** The tensor under way: which, what takes it in, its checksum so far. */
  #index = 0;
  #sink: Sink | undefined;
  #sum = new Checksum();

  constructor(total: number, open: (head: Head) => Loader<Index>) {
    this.#total = total;
    this.#open = open;
  }

  push(piece: Uint8Array): void {
    const at = this.#read;
    this.#read += piece.length;
    if (this.#read > this.#total) throw corrupt(`it is longer than the ${this.#total} bytes it should have`);
    if (this.#head !== undefined) this.#take(piece, at - this.#head.end);
    else this.#begin(piece);
  }

  /** What was loaded. */
  finish(): Index {
    if (this.#loader === undefined || this.#read < this.#total) throw corrupt("it ends too early");
    return this.#loader.finish();
  }

  /** Gathers the head; what comes behind it in the same piece goes on. */
  #begin(piece: Uint8Array): void {
    this.#start.push(piece);
    if (this.#read < 8 && this.#read < this.#total) return;
    const bytes = this.#start.length === 1 ? piece : joined(this.#start);
    this.#start = [bytes];
    const end = bytes.length < 8 ? 0 : headBytes(bytes);
    if (bytes.length < end && end <= this.#total) return;
    this.#head = readHead(bytes, this.#total); // throws for a length that cannot be
    this.#loader = this.#open(this.#head);
    this.#start = [];
    this.#next();
    this.#take(bytes.subarray(end), 0);
  }

  /** Bytes that begin at `at` of the data, dealt out to tensors. */
  #take(bytes: Uint8Array, at: number): void {
    const { entries } = this.#head as Head;
    for (let from = 0; from < bytes.length; ) {
      const { begin, end } = entries[this.#index];
      const part = bytes.subarray(from, Math.min(bytes.length, end - at));
      this.#sum.add(part);
      this.#sink?.write(part, at + from - begin);
      from += part.length;
      if (at + from < end) return;
      this.#close(entries[this.#index]);
      this.#index++;
      this.#next();
    }
  }

  /** Goes to the next tensor that has any bytes. */
  #next(): void {
    const { entries } = this.#head as Head;
    for (; this.#index < entries.length; this.#index++) {
      const entry = entries[this.#index];
      this.#sum = new Checksum();
      this.#sink = (this.#loader as Loader<Index>).sink(entry);
      if (entry.end > entry.begin) return;
      this.#close(entry);
    }
  }

  #close({ name, checksum }: Entry): void {
    if (this.#sum.digits() !== checksum) throw unequal(name);
  }
}

/** Loads a file from a stream: pieces as they come, of `byteLength` bytes in all. */
export async function loadStream<Index>(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  byteLength: number,
  open: (head: Head) => Loader<Index>,
): Promise<Index> {
  if (!(Number.isSafeInteger(byteLength) && byteLength >= 0))
    throw new TwoTowerError("BAD_ARGUMENT", `byteLength is ${byteLength}; the length of the whole file was expected`);
  const reader = new SnapshotReader(byteLength, open);
  for await (const piece of Symbol.asyncIterator in source ? source : piecesOf(source)) reader.push(piece);
  return reader.finish();
}

/** Safari's streams cannot be iterated. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
