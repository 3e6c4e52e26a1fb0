import { Random } from "../tensor/random.ts";
import { type Entry, encodePieces, type Head, type TensorInPieces } from "../tensor/safetensors.ts";
import { CHUNK_SLOTS, type GraphShape, NONE, UPPER_LISTS } from "./graph-layout.ts";
import { GraphMemory } from "./graph-memory.ts";
import { IdTable } from "./id-table.ts";
import {
  bytesOf,
  corrupt,
  expectFinite,
  expectTensor,
  Gathered,
  inParts,
  jsonIn,
  readOptions,
  type Sink,
} from "./snapshot.ts";
import type { ItemId } from "./vector-index.ts";

export const HNSW_FORMAT = "twotower hnsw index 2";

/** Everything an index consists of. */
export interface HnswState<Id extends ItemId> {
  readonly shape: GraphShape;
  readonly memory: GraphMemory;
  readonly ids: IdTable<Id>;
  readonly random: Random;
  /** Slots that hold no item, taken from the end. */
  readonly vacant: readonly number[];
  /** The fingerprint of the model whose vectors these are. */
  readonly model: string | undefined;
}

/** So many rows are gathered for one piece of a file. */
const ROWS = 1024;

/**
 * An index as a safetensors file, piece by piece; nothing of it is copied whole. In this order:
 * `slots` i32[rows], in which slot a row is, −1 for a row that is vacant; `vacant` i32[·], the slots without an item.
 * By slot: `links` i32[slots, 2M] of level 0, `upper` i32[slots / 256 · 20, M] of the levels above; see
 * assembly/hnsw/layout.ts for which list is whose, and for the bit that marks the tree.
 * By row, what is kept of vectors: `vectors` f32[rows, d], or f16[rows, d] of length 1, or `codes` i8[rows, ·]; the latter
 * two under the inner product with `norms` f32[rows]. Last `ids`, JSON. Codes are computed again from vectors. An index
 * that was loaded goes on exactly as the saved one would have.
 */
export function pack<Id extends ItemId>({
  shape,
  memory,
  ids,
  random,
  vacant,
  model,
}: HnswState<Id>): Iterable<Uint8Array> {
  const { M } = shape;
  const { rows } = ids;
  const slotCount = memory.get("slots");
  const chunks = slotCount / CHUNK_SLOTS;
  const kept = keptTensor(shape, memory);
  const slots = Int32Array.from({ length: rows }, (_, row) =>
    ids.idOf(row) === undefined ? NONE : memory.slotOfRow(row),
  );
  const text = new TextEncoder().encode(ids.toJson());
  const plain = (dtype: "I32" | "U8", data: Int32Array | Uint8Array): TensorInPieces => ({
    dtype,
    shape: [data.length],
    pieces: () => [bytesOf(data)],
  });
  /** Of each row that is taken; zeros for the others. */
  const byRow = (width: number, addressOf: (slot: number) => number) =>
    function* (): Generator<Uint8Array> {
      for (let from = 0; from < rows; from += ROWS) {
        const count = Math.min(ROWS, rows - from);
        const piece = new Uint8Array(count * width);
        for (let i = 0; i < count; i++)
          if (slots[from + i] !== NONE) copy(memory.bytes, addressOf(slots[from + i]), piece, i * width, width);
        yield piece;
      }
    };
  const byChunk = (of: (chunk: number) => Int32Array) =>
    function* (): Generator<Uint8Array> {
      for (let chunk = 0; chunk < chunks; chunk++) yield bytesOf(of(chunk));
    };
  return encodePieces(
    {
      slots: plain("I32", slots),
      vacant: plain("I32", Int32Array.from(vacant)),
      links: { dtype: "I32", shape: [slotCount, 2 * M], pieces: byChunk((chunk) => memory.linksOf(chunk)) },
      upper: { dtype: "I32", shape: [chunks * UPPER_LISTS, M], pieces: byChunk((chunk) => memory.upperLinksOf(chunk)) },
      ...(kept.norms && {
        norms: { dtype: "F32", shape: [rows], pieces: byRow(4, (slot) => memory.norm(slot).byteOffset) },
      }),
      [kept.name]: {
        dtype: kept.dtype,
        shape: [rows, kept.width],
        pieces: byRow(kept.bytes, (slot) => memory.keptAt(slot)),
      },
      ids: plain("U8", text),
    },
    {
      format: HNSW_FORMAT,
      options: JSON.stringify(shape),
      state: JSON.stringify({ entry: memory.get("entry"), random: random.state }),
      ...(model !== undefined && { model }),
    },
  );
}

/**
 * Takes in what `pack` wrote, piece by piece, to where it stays, believing nothing: whatever passes is an index that every
 * operation is safe on. Memory is laid out for no more than the file, whose head agrees with its length, has data for.
 */
export class HnswLoader<Id extends ItemId> {
  readonly #head: Head;
  readonly #shape: GraphShape;
  readonly #memory: GraphMemory;
  readonly #rows: number;
  readonly #slots: Gathered;
  readonly #vacant: Gathered;
  readonly #ids: Gathered;
  #paired = false;
  /** Which slots are spoken for. */
  readonly #taken: Uint8Array;

  constructor(head: Head, expectShape: (options: Readonly<Record<string, unknown>>) => GraphShape) {
    this.#head = head;
    this.#shape = expectShape(readOptions(head, HNSW_FORMAT));
    const { M } = this.#shape;
    this.#memory = new GraphMemory(this.#shape);
    const kept = keptTensor(this.#shape, this.#memory);
    const slots = expectTensor(head, "slots", "I32", [-1]);
    const rows = slots.shape[0];
    const chunks = Math.ceil(rows / CHUNK_SLOTS);
    expectTensor(head, kept.name, kept.dtype, [rows, kept.width]);
    if (kept.norms) expectTensor(head, "norms", "F32", [rows]);
    expectTensor(head, "links", "I32", [chunks * CHUNK_SLOTS, 2 * M]);
    expectTensor(head, "upper", "I32", [chunks * UPPER_LISTS, M]);
    this.#rows = rows;
    this.#slots = new Gathered(slots);
    this.#vacant = new Gathered(expectTensor(head, "vacant", "I32", [-1]));
    this.#ids = new Gathered(expectTensor(head, "ids", "U8", [-1]));
    this.#taken = new Uint8Array(chunks * CHUNK_SLOTS);
    this.#memory.makeRoom(chunks * CHUNK_SLOTS);
    for (let chunk = 0; chunk < chunks; chunk++) this.#memory.addChunk();
  }

  /** Where the bytes of a tensor go. */
  sink({ name }: Entry): Sink | undefined {
    const memory = this.#memory;
    const { M } = this.#shape;
    if (name === "slots") return this.#slots;
    if (name === "vacant") return this.#vacant;
    if (name === "ids") return this.#ids;
    if (name === "links")
      return inParts(CHUNK_SLOTS * 2 * M * 4, (chunk, bytes, at) => bytesOf(memory.linksOf(chunk)).set(bytes, at));
    if (name === "upper")
      return inParts(UPPER_LISTS * M * 4, (chunk, bytes, at) => bytesOf(memory.upperLinksOf(chunk)).set(bytes, at));
    if (name === "norms") return this.#byRow(4, (slot) => memory.norm(slot).byteOffset);
    const kept = keptTensor(this.#shape, memory);
    return name === kept.name ? this.#byRow(kept.bytes, (slot) => memory.keptAt(slot)) : undefined;
  }

  /** The index, once all bytes are in their places and have matched their checksums. */
  finish(): HnswState<Id> {
    this.#pair();
    const memory = this.#memory;
    const ids = IdTable.fromJson<Id>(this.#ids.text());
    const slots = this.#slots.ints();
    const vacant = this.#vacant.ints();
    if (ids.rows !== this.#rows || vacant.length !== this.#taken.length - ids.size) throw corrupt("its sizes differ");
    const kept = keptTensor(this.#shape, memory);
    for (const [row, slot] of slots.entries()) {
      if ((ids.idOf(row) === undefined) !== (slot === NONE)) throw corrupt(`row ${row} is in the wrong slot`);
      if (slot === NONE) continue;
      expectFinite(kept.name, kept.dtype, memory.kept(slot));
      if (kept.norms) expectFinite("norms", "F32", bytesOf(memory.norm(slot)));
      memory.kernels.hnswCode(memory.graph, slot);
    }
    for (const slot of vacant) if (this.#taken[slot]++ !== 0) throw corrupt("a slot is both vacant and taken");
    const { entry, random } = readState(jsonIn(this.#head, "state"));
    if ((entry === NONE) !== (ids.size === 0)) throw corrupt("its entry point is missing");
    memory.set("entry", entry);
    if (memory.kernels.hnswIsSound(memory.graph) === 0) throw corrupt("its links contradict each other");
    return { shape: this.#shape, memory, ids, random, vacant: [...vacant], model: this.#head.metadata.get("model") };
  }

  /** Puts each row in its slot, once it is known for all of them. */
  #pair(): void {
    if (this.#paired) return;
    this.#paired = true;
    for (const [row, slot] of this.#slots.ints().entries()) {
      if (slot === NONE) continue;
      if (this.#taken[slot]++ !== 0) throw corrupt(`row ${row} is in the wrong slot`); // NaN where there is no such slot
      this.#memory.pair(row, slot);
    }
  }

  #byRow(width: number, addressOf: (slot: number) => number): Sink {
    return {
      write: (bytes, at) => {
        this.#pair();
        const slots = this.#slots.ints();
        for (let from = 0; from < bytes.length; ) {
          const within = (at + from) % width;
          const count = Math.min(bytes.length - from, width - within);
          const slot = slots[(at + from - within) / width];
          if (slot !== NONE) copy(bytes, from, this.#memory.bytes, addressOf(slot) + within, count);
          from += count;
        }
      },
    };
  }
}

/** Copies some bytes; a view of each row, to use `set`, would cost more than its few hundred bytes. */
function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, count: number): void {
  if (count >= LONG) target.set(source.subarray(from, from + count), to);
  else for (let i = 0; i < count; i++) target[to + i] = source[from + i];
}

/** From so many bytes on a view is worth its making. */
const LONG = 256;

/** The tensor that holds what an index keeps of its vectors. */
function keptTensor({ dimension: d, metric, vectors }: GraphShape, { layout }: GraphMemory) {
  const norms = metric === "dot" && vectors !== "float32";
  const { codeBytes } = layout.fields;
  if (vectors === "none") return { name: "codes", dtype: "I8", width: codeBytes, bytes: codeBytes, norms } as const;
  if (vectors === "float16") return { name: "vectors", dtype: "F16", width: d, bytes: 2 * d, norms } as const;
  return { name: "vectors", dtype: "F32", width: d, bytes: 4 * d, norms } as const;
}

function readState(state: unknown): { entry: number; random: Random } {
  if (typeof state !== "object" || state === null || !("entry" in state) || !("random" in state))
    throw corrupt("its state is incomplete");
  const { entry, random } = state;
  const isWord = (value: unknown): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
  if (!Array.isArray(random) || random.length !== 4 || !random.every(isWord))
    throw corrupt("its random numbers cannot go on");
  if (entry !== NONE && !isWord(entry)) throw corrupt("its entry point is no slot");
  return { entry, random: Random.fromState(random) };
}
