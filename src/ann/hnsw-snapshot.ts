import { Random } from "../tensor/random.ts";
import { bytesOf, corrupt, type Entry, encodePieces, type Head, type TensorInPieces } from "../tensor/safetensors.ts";
import { CHUNK_SLOTS, type GraphShape, NONE, UPPER_LISTS } from "./graph-layout.ts";
import { GraphMemory } from "./graph-memory.ts";
import { IdTable } from "./id-table.ts";
import { expectTensor, Gathered, inParts, jsonIn, readOptions, type Sink } from "./snapshot.ts";
import type { ItemId } from "./vector-index.ts";

export const HNSW_FORMAT = "twotower hnsw index 3";

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

/**
 * An index as a safetensors file, piece by piece, views of memory as it lies there. In this order:
 * `slots` i32[rows], in which slot a row is, −1 for a row that is vacant; `vacant` i32[·], the slots without an item.
 * By slot: `links` i32[slots, 2M] of level 0, `upper` i32[slots / 256 · 20, M] of the levels above; see
 * assembly/hnsw/layout.ts for which list is whose, and for the bit that marks the tree. What is kept of vectors:
 * `vectors` f32[slots, d], or f16[slots, d] of length 1, or `codes` i8[slots, ·], zeros in vacant slots; the latter
 * two under the inner product with `norms` f32[slots]. Last `ids`, JSON. The vector of row r is `vectors[slots[r]]`. Codes
 * are computed again from vectors. An index that was loaded goes on exactly as the saved one would have.
 */
export function pack<Id extends ItemId>({
  shape,
  memory,
  ids,
  random,
  vacant,
  model,
}: HnswState<Id>): Iterable<Uint8Array> {
  const slots = new Int32Array(ids.rows);
  for (let row = 0; row < slots.length; row++) slots[row] = memory.slotOfRow(row);
  for (const row of ids.vacant) slots[row] = NONE;
  const plain = (dtype: "I32" | "U8", data: Int32Array | Uint8Array): TensorInPieces => ({
    dtype,
    shape: [data.length],
    pieces: () => [bytesOf(data)],
  });
  const chunks = memory.get("slots") / CHUNK_SLOTS;
  const byChunk = Object.entries(chunkTensors(shape, memory)).map(([name, { dtype, lists, width, at, bytes }]) => [
    name,
    {
      dtype,
      shape: width === 1 ? [chunks * lists] : [chunks * lists, width],
      *pieces(): Generator<Uint8Array> {
        for (let chunk = 0; chunk < chunks; chunk++) yield memory.part(chunk, at, bytes);
      },
    },
  ]);
  return encodePieces(
    {
      slots: plain("I32", slots),
      vacant: plain("I32", Int32Array.from(vacant)),
      ...(Object.fromEntries(byChunk) as Record<string, TensorInPieces>),
      ids: plain("U8", new TextEncoder().encode(ids.toJson())),
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
  readonly #sinks: Readonly<Record<string, Sink>>;
  readonly #gathered: Readonly<Record<"slots" | "vacant" | "ids", Gathered>>;

  constructor(head: Head, expectShape: (options: Readonly<Record<string, unknown>>) => GraphShape) {
    this.#head = head;
    this.#shape = expectShape(readOptions(head, HNSW_FORMAT));
    this.#memory = new GraphMemory(this.#shape);
    const memory = this.#memory;
    const slots = expectTensor(head, "slots", "I32", [-1]);
    this.#gathered = {
      slots: new Gathered(slots),
      vacant: new Gathered(expectTensor(head, "vacant", "I32", [-1])),
      ids: new Gathered(expectTensor(head, "ids", "U8", [-1])),
    };
    const chunks = Math.ceil(slots.shape[0] / CHUNK_SLOTS);
    const parts = Object.entries(chunkTensors(this.#shape, memory));
    for (const [name, { dtype, lists, width }] of parts)
      expectTensor(head, name, dtype, width === 1 ? [chunks * lists] : [chunks * lists, width]);
    memory.makeRoom(chunks * CHUNK_SLOTS);
    for (let chunk = 0; chunk < chunks; chunk++) memory.addChunk();
    const inPlace = parts.map(([name, { at, bytes }]) => [
      name,
      inParts(bytes, (chunk, piece, within) => memory.part(chunk, at + within, piece.length).set(piece)),
    ]);
    this.#sinks = { ...Object.fromEntries(inPlace), ...this.#gathered };
  }

  /** Where the bytes of a tensor go. */
  sink({ name }: Entry): Sink | undefined {
    return this.#sinks[name];
  }

  /** The index, once all bytes are in their places and have matched their checksums. */
  finish(): HnswState<Id> {
    const memory = this.#memory;
    const { kernels, graph } = memory;
    const ids = IdTable.fromJson<Id>(this.#gathered.ids.text());
    const slots = this.#gathered.slots.ints();
    const vacant = this.#gathered.vacant.ints();
    const taken = new Uint8Array(memory.get("slots"));
    if (ids.rows !== slots.length || vacant.length !== taken.length - ids.size) throw corrupt("its sizes differ");
    for (let row = 0; row < slots.length; row++) {
      const slot = slots[row];
      // A slot that there is not has NaN in `taken`.
      if ((ids.idOf(row) === undefined) !== (slot === NONE) || (slot !== NONE && taken[slot]++ !== 0))
        throw corrupt(`row ${row} is in the wrong slot`);
      if (slot !== NONE) memory.pair(row, slot);
    }
    for (const slot of vacant) if (taken[slot]++ !== 0) throw corrupt("a slot is both vacant and taken");
    if (kernels.hnswCodeAll(graph) === 0) throw corrupt("it holds numbers that are not finite");
    const { entry, random } = readState(jsonIn(this.#head, "state"));
    if ((entry === NONE) !== (ids.size === 0)) throw corrupt("its entry point is missing");
    memory.set("entry", entry);
    if (kernels.hnswIsSound(graph) === 0) throw corrupt("its links contradict each other");
    return { shape: this.#shape, memory, ids, random, vacant: [...vacant], model: this.#head.metadata.get("model") };
  }
}

/** What of a chunk is saved: how many lists of how many numbers, and where in the chunk these bytes are. */
interface ChunkTensor {
  readonly dtype: "I32" | "F32" | "F16" | "I8";
  readonly lists: number;
  readonly width: number;
  readonly at: number;
  readonly bytes: number;
}

function chunkTensors(
  { dimension, metric, vectors, M }: GraphShape,
  { layout }: GraphMemory,
): Readonly<Record<string, ChunkTensor>> {
  const { codeBytes, linksOffset, upperOffset, normsOffset, vectorsOffset } = layout.fields;
  const tensor = (
    dtype: ChunkTensor["dtype"],
    bytes: number,
    lists: number,
    width: number,
    at: number,
  ): ChunkTensor => ({
    dtype,
    lists,
    width,
    at,
    bytes: lists * width * bytes,
  });
  return {
    links: tensor("I32", 4, CHUNK_SLOTS, 2 * M, linksOffset),
    upper: tensor("I32", 4, UPPER_LISTS, M, upperOffset),
    ...(metric === "dot" && vectors !== "float32" && { norms: tensor("F32", 4, CHUNK_SLOTS, 1, normsOffset) }),
    ...(vectors === "none"
      ? { codes: tensor("I8", 1, CHUNK_SLOTS, codeBytes, 0) }
      : {
          vectors:
            vectors === "float16"
              ? tensor("F16", 2, CHUNK_SLOTS, dimension, vectorsOffset)
              : tensor("F32", 4, CHUNK_SLOTS, dimension, vectorsOffset),
        }),
  };
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
