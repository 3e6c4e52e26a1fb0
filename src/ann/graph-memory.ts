import { TwoTowerError } from "../errors.ts";
import type { WasmMemory } from "../kernels/wasm.ts";
import {
  CHUNK_SLOTS,
  FIELDS,
  type Field,
  floatFields,
  type GraphLayout,
  type GraphShape,
  layOut,
} from "./graph-layout.ts";
import { createHnswModule, type HnswKernels, type HnswModule, type Lock } from "./hnsw-module.ts";
import type { NeighbourRows } from "./vector-index.ts";

/** The linear memory of one graph and the kernels that work in it. Grows by chunks of 256 slots; nothing ever moves. */
export class GraphMemory {
  readonly layout: GraphLayout;
  readonly kernels: HnswKernels;
  readonly #memory: WasmMemory;
  /** Views of all of it, renewed when it grows. */
  bytes!: Uint8Array;
  ints!: Int32Array;
  floats!: Float32Array;

  /** Taken for every change where other threads search. */
  readonly lock: Lock | undefined;

  /** `before` bytes are left free between scratch memory and the chunks. */
  constructor(shape: GraphShape, { kernels, memory, base, lock }: HnswModule = createHnswModule(), before = 0) {
    this.lock = lock;
    this.kernels = kernels;
    this.#memory = memory;
    this.layout = layOut(shape, base, before);
    if (kernels.hnswGraphBytes() !== FIELDS.length * 4)
      throw new Error("graph-layout.ts and assembly/hnsw/layout.ts differ");
    this.#reserve(this.layout.fields.chunks);
    for (const field of FIELDS) this.set(field, this.layout.fields[field]);
    const { penalty, codeUnit, codeError } = floatFields(shape.dimension);
    this.floats[this.#fieldAt("penalty")] = penalty;
    this.floats[this.#fieldAt("codeUnit")] = codeUnit;
    this.floats[this.#fieldAt("codeError")] = codeError;
  }

  get graph(): number {
    return this.layout.graph;
  }

  /** Bytes in use; memory that is reserved beyond them has never been touched. */
  get byteLength(): number {
    return this.#chunkOf(this.get("slots"));
  }

  get(field: Field): number {
    return this.ints[this.#fieldAt(field)];
  }

  set(field: Field, value: number): void {
    this.ints[this.#fieldAt(field)] = value;
  }

  /** Lays out another chunk, with empty lists and vacant slots, and returns its slots. */
  addChunk(): Int32Array {
    const slots = this.get("slots");
    const { chunks, chunkBytes, linksOffset, slotsOffset } = this.layout.fields;
    if (slots >= this.layout.mostSlots)
      throw new TwoTowerError(
        "OUT_OF_MEMORY",
        `the index is full: one memory holds ${slots} items of this dimension; spread the items over several indexes`,
      );
    const chunk = chunks + (slots / CHUNK_SLOTS) * chunkBytes;
    const end = chunk + chunkBytes;
    // A quarter more than is needed, not touched yet: whenever memory grows, V8 collects garbage.
    if (end > this.bytes.length) this.#reserve(Math.min(this.#chunkOf(this.layout.mostSlots), end * 1.25));
    this.bytes.fill(0xff, chunk + linksOffset, chunk + slotsOffset); // NONE for links and rows
    this.set("slots", slots + CHUNK_SLOTS);
    return Int32Array.from({ length: CHUNK_SLOTS }, (_, i) => slots + i);
  }

  /** Makes room for so many more slots at once, and no more. */
  makeRoom(slots: number): void {
    const { chunks, chunkBytes } = this.layout.fields;
    const all = Math.min(this.layout.mostSlots, this.get("slots") + slots);
    this.#reserve(chunks + Math.ceil(all / CHUNK_SLOTS) * chunkBytes);
  }

  /**
   * An order for new items in which near ones stand near each other (assembly/hnsw/arrange.ts). What that needs is
   * written where chunks are to come; if they do not leave room, the items stay in the order they came in.
   */
  arrange(vectors: ArrayLike<number>, count: number): Int32Array {
    const { codeBytes, dimension } = this.layout.fields;
    const entries = this.byteLength;
    const codes = entries + 8 * count;
    const end = codes + codeBytes * count;
    const order = Int32Array.from({ length: count }, (_, i) => i);
    if (end > this.#chunkOf(this.layout.mostSlots)) return order;
    this.#reserve(end);
    for (let i = 0; i < count; i++) {
      this.handOver(vectors, i * dimension);
      this.kernels.hnswCodeQuery(this.graph, codes + i * codeBytes);
    }
    this.kernels.hnswArrange(this.graph, codes, entries, count);
    for (let i = 0; i < count; i++) order[i] = this.ints[entries / 4 + 2 * i];
    this.bytes.fill(0, entries, end); // as it was: what no item fills is saved, too
    return order;
  }

  /** Writes a query, or a vector to be stored, to where kernels look for it. */
  handOver(vectors: ArrayLike<number>, from: number): void {
    const { query, dimension } = this.layout.fields;
    for (let i = 0; i < dimension; i++) this.floats[query / 4 + i] = vectors[from + i];
  }

  /** What a search has found. */
  results(count: number): NeighbourRows {
    const { resultRows, resultScores } = this.layout.fields;
    const rows = new Int32Array(count);
    const scores = new Float32Array(count);
    // For the few there are, a loop takes a quarter of the time of two calls of slice.
    for (let i = 0; i < count; i++) {
      rows[i] = this.ints[resultRows / 4 + i];
      scores[i] = this.floats[resultScores / 4 + i];
    }
    return { rows, scores };
  }

  /** The vector of a slot, as well as it was kept: a view, to be used at once. */
  vector(slot: number): Float32Array {
    const { query, dimension } = this.layout.fields;
    this.kernels.hnswVector(this.graph, slot);
    return this.floats.subarray(query / 4, query / 4 + dimension);
  }

  /** Bytes of a chunk, from `at` on: a view. */
  part(chunk: number, at: number, length: number): Uint8Array {
    const from = this.#chunkOf(chunk * CHUNK_SLOTS) + at;
    return this.bytes.subarray(from, from + length);
  }

  slotOfRow(row: number): number {
    return this.ints[this.#place(row, "slotsOffset")];
  }

  /** Notes that a row is in a slot, and in use. */
  pair(row: number, slot: number): void {
    this.ints[this.#place(row, "slotsOffset")] = slot;
    this.ints[this.#place(slot, "rowsOffset")] = row;
    this.bytes[this.layout.everyone + (row >> 3)] |= 1 << (row & 7);
  }

  /** Notes that a row is no longer in use. The kernel vacates its slot. */
  forget(row: number): void {
    this.bytes[this.layout.everyone + (row >> 3)] &= ~(1 << (row & 7));
  }

  #fieldAt(field: Field): number {
    return this.layout.graph / 4 + FIELDS.indexOf(field);
  }

  #chunkOf(slot: number): number {
    const { chunks, chunkBytes } = this.layout.fields;
    return chunks + Math.floor(slot / CHUNK_SLOTS) * chunkBytes;
  }

  #place(index: number, offset: "slotsOffset" | "rowsOffset"): number {
    return (this.#chunkOf(index) + this.layout.fields[offset]) / 4 + (index % CHUNK_SLOTS);
  }

  #reserve(bytes: number): void {
    this.#memory.reserve(bytes);
    this.bytes = new Uint8Array(this.#memory.buffer);
    this.ints = new Int32Array(this.#memory.buffer);
    this.floats = new Float32Array(this.#memory.buffer);
  }
}
