import { Random } from "../tensor/random.ts";
import { decodeSafetensors, encodeSafetensors } from "../tensor/safetensors.ts";
import { CHUNK_SLOTS, type GraphShape, NONE, UPPER_LISTS } from "./graph-layout.ts";
import { GraphMemory } from "./graph-memory.ts";
import { IdTable } from "./id-table.ts";
import { corrupt, floatsIn, intsIn, jsonIn, numbersIn, readOptions, textIn } from "./snapshot.ts";
import type { ItemId } from "./vector-index.ts";

const FORMAT = "twotower hnsw index 1";

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
 * An index as a safetensors file. By row: what is kept of vectors, and `slots` i32[rows], −1 for a row that is vacant.
 * What is kept: `vectors` f32[rows, d], or f16[rows, d] of length 1, or `codes` i8[rows, ·]; the latter two under the inner
 * product with `norms` f32[rows].
 * By slot: `links` i32[slots, 2M] of level 0, `upper` i32[slots / 256 · 20, M] of the levels above; see
 * assembly/hnsw/layout.ts for which list is whose, and for the bit that marks the tree. Also `vacant` i32[·] and `ids`
 * (JSON). An index that was loaded goes on exactly as the saved one would have. Codes are computed again from vectors.
 */
export function pack<Id extends ItemId>({ shape, memory, ids, random, vacant, model }: HnswState<Id>): Uint8Array {
  const { M } = shape;
  const { rows } = ids;
  const slotCount = memory.get("slots");
  const chunks = slotCount / CHUNK_SLOTS;
  const kept = keptTensor(shape, memory);
  const bytes = new Uint8Array(rows * kept.width * kept.Type.BYTES_PER_ELEMENT);
  const norms = new Float32Array(kept.norms ? rows : 0);
  const slots = new Int32Array(rows).fill(NONE);
  for (let row = 0; row < rows; row++) {
    if (ids.idOf(row) === undefined) continue;
    slots[row] = memory.slotOfRow(row);
    bytes.set(memory.kept(slots[row]), row * memory.kept(slots[row]).length);
    if (kept.norms) norms.set(memory.norm(slots[row]), row);
  }
  const links = new Int32Array(slotCount * 2 * M);
  const upper = new Int32Array(chunks * UPPER_LISTS * M);
  for (let chunk = 0; chunk < chunks; chunk++) {
    links.set(memory.linksOf(chunk), chunk * CHUNK_SLOTS * 2 * M);
    upper.set(memory.upperLinksOf(chunk), chunk * UPPER_LISTS * M);
  }
  const text = new TextEncoder().encode(ids.toJson());
  return encodeSafetensors(
    {
      [kept.name]: { dtype: kept.dtype, shape: [rows, kept.width], data: new kept.Type(bytes.buffer) },
      ...(kept.norms ? { norms: { shape: [rows], data: norms } } : {}),
      slots: { shape: [rows], data: slots },
      links: { shape: [slotCount, 2 * M], data: links },
      upper: { shape: [chunks * UPPER_LISTS, M], data: upper },
      vacant: { shape: [vacant.length], data: Int32Array.from(vacant) },
      ids: { shape: [text.length], data: text },
    },
    {
      format: FORMAT,
      options: JSON.stringify(shape),
      state: JSON.stringify({ entry: memory.get("entry"), random: random.state }),
      ...(model !== undefined && { model }),
    },
  );
}

/** Reads what `pack` wrote, believing nothing: whatever passes is an index that every operation is safe on. */
export function unpack<Id extends ItemId>(
  bytes: Uint8Array,
  expectShape: (options: Readonly<Record<string, unknown>>) => GraphShape,
): HnswState<Id> {
  const file = decodeSafetensors(bytes);
  const shape = expectShape(readOptions(file, FORMAT));
  const { M } = shape;
  const ids = IdTable.fromJson<Id>(textIn(file, "ids"));
  const chunks = Math.ceil(ids.rows / CHUNK_SLOTS); // memory is laid out for no more than the file has vectors for
  const memory = new GraphMemory(shape);
  const kept = keptTensor(shape, memory);
  const numbers = numbersIn(file, kept.name, kept.dtype, [ids.rows, kept.width]);
  const norms = kept.norms ? floatsIn(file, "norms", [ids.rows]) : undefined;
  const slots = intsIn(file, "slots", [ids.rows]);
  const links = intsIn(file, "links", [chunks * CHUNK_SLOTS, 2 * M]);
  const upper = intsIn(file, "upper", [chunks * UPPER_LISTS, M]);
  const vacant = intsIn(file, "vacant", [chunks * CHUNK_SLOTS - ids.size]);
  const { entry, random } = readState(jsonIn(file, "state"));

  const free = new Set<number>();
  for (let chunk = 0; chunk < chunks; chunk++) {
    for (const slot of memory.addChunk()) free.add(slot);
    memory.linksOf(chunk).set(links.subarray(chunk * CHUNK_SLOTS * 2 * M, (chunk + 1) * CHUNK_SLOTS * 2 * M));
    memory.upperLinksOf(chunk).set(upper.subarray(chunk * UPPER_LISTS * M, (chunk + 1) * UPPER_LISTS * M));
  }
  for (let row = 0; row < ids.rows; row++) {
    const slot = slots[row];
    if (ids.idOf(row) === undefined ? slot !== NONE : !free.delete(slot))
      throw corrupt(`row ${row} is in the wrong slot`);
    if (slot === NONE) continue;
    memory.pair(row, slot);
    const to = memory.kept(slot);
    to.set(numbers.subarray(row * to.length, (row + 1) * to.length));
    if (norms !== undefined) memory.norm(slot)[0] = norms[row];
    memory.kernels.hnswCode(memory.graph, slot);
  }
  if (!vacant.every((slot) => free.delete(slot))) throw corrupt("a slot is both vacant and taken");
  if ((entry === NONE) !== (ids.size === 0)) throw corrupt("its entry point is missing");
  memory.set("entry", entry);
  if (memory.kernels.hnswIsSound(memory.graph) === 0) throw corrupt("its links contradict each other");
  return { shape, memory, ids, random, vacant: [...vacant], model: file.metadata.get("model") };
}

/** The tensor that holds what an index keeps of its vectors. */
function keptTensor({ dimension, metric, vectors }: GraphShape, { layout }: GraphMemory) {
  const norms = metric === "dot" && vectors !== "float32";
  if (vectors === "none")
    return { name: "codes", dtype: "I8", Type: Int8Array, width: layout.fields.codeBytes, norms } as const;
  if (vectors === "float16")
    return { name: "vectors", dtype: "F16", Type: Uint16Array, width: dimension, norms } as const;
  return { name: "vectors", dtype: "F32", Type: Float32Array, width: dimension, norms } as const;
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
