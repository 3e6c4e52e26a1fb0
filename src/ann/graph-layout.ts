/** The numbers that shape a graph; fixed for its life. */
export interface GraphShape {
  readonly dimension: number;
  readonly metric: "cosine" | "dot";
  /** Links a node chooses when it is added; it may come to have twice as many at level 0. */
  readonly M: number;
  readonly efConstruction: number;
  readonly vectors: VectorKind;
}

/** What is kept of each vector beside its code: all of it, 16 bits a number, or nothing. */
export type VectorKind = keyof typeof NUMBER_BYTES;
export const NUMBER_BYTES = { float32: 4, float16: 2, none: 0 } as const;

/** The fields of `Graph` in assembly/hnsw/layout.ts, in the same order; each has four bytes. */
export const FIELDS = [
  "dimension",
  "codeBytes",
  "M",
  "M0",
  "efConstruction",
  "norms",
  "numberBytes",
  "entry",
  "top",
  "chunks",
  "chunkBytes",
  "linksOffset",
  "upperOffset",
  "rowsOffset",
  "normsOffset",
  "slotsOffset",
  "vectorsOffset",
  "slots",
  "visited",
  "seen",
  "seenCount",
  "pool",
  "poolCapacity",
  "poolSize",
  "batch",
  "codes",
  "scores",
  "batchSize",
  "batchBytes",
  "touched",
  "touchedLinks",
  "query",
  "rotated",
  "spread",
  "penalty",
  "codeUnit",
  "codeError",
  "spreadA",
  "spreadB",
  "neighbours",
  "wounded",
  "resultRows",
  "resultScores",
  "evaluations",
  "lookups",
] as const;
export type Field = (typeof FIELDS)[number];

/** Where everything lies: what the struct's fields begin with, and what only the host needs to know. */
export interface GraphLayout {
  readonly fields: Readonly<Record<Field, number>>;
  /** Address of the struct. */
  readonly graph: number;
  /** Bitmaps by row: the one a search is given, and the one of all rows in use. */
  readonly allowed: number;
  readonly everyone: number;
  /** The bytes left for others. */
  readonly free: number;
  /** The most slots that 4 GiB can hold, or 2²⁴. */
  readonly mostSlots: number;
}

export const CHUNK_SLOTS = 256;
/** Lists of links above level 0 in a chunk: 16 of level 1, one each of levels 2 to 5. */
export const UPPER_LISTS = 20;
/** An empty place in a list of links, the row of a vacant slot, the entry point of an empty graph. */
export const NONE = -1;
/** Bitmaps are laid out for no more slots than this: 6 MiB, which an empty index reserves and does not touch. */
const MOST_SLOTS = 2 ** 24;
/** More candidates than this no search keeps. */
export const POOL_CAPACITY = 16384;
const SEEN_CAPACITY = 16384; // as in search.ts
const SCAN_BATCH = 128; // as in scan.ts and filtered.ts
const LINE = 64;

/** Lays out the memory of a graph from `base` on: the struct, bitmaps, scratch, `before` bytes for others, and then the chunks. */
export function layOut(shape: GraphShape, base: number, before = 0): GraphLayout {
  const { dimension: d, M } = shape;
  const M0 = 2 * M;
  const codeBytes = roundUp(d <= 8 ? 16 : d, 16);
  const numberBytes = NUMBER_BYTES[shape.vectors];
  const norms = shape.metric === "dot";

  const inChunk = new Stack(0);
  inChunk.place(CHUNK_SLOTS * codeBytes);
  const offsets = {
    linksOffset: inChunk.place(CHUNK_SLOTS * M0 * 4),
    upperOffset: inChunk.place(UPPER_LISTS * M * 4),
    rowsOffset: inChunk.place(CHUNK_SLOTS * 4),
    slotsOffset: inChunk.place(CHUNK_SLOTS * 4),
    normsOffset: inChunk.place(norms ? CHUNK_SLOTS * 4 : 0),
    vectorsOffset: inChunk.place(CHUNK_SLOTS * d * numberBytes),
  };
  const chunkBytes = inChunk.end;

  const most = Math.min(MOST_SLOTS, Math.floor(2 ** 32 / chunkBytes) * CHUNK_SLOTS);
  const batch = roundUp(4 * (Math.max(3 * M0, SCAN_BATCH) + 8), LINE);
  const memory = new Stack(Math.max(base, LINE)); // address 0 stays free: it means "none"
  const graph = memory.place(FIELDS.length * 4);
  const allowed = memory.place(most / 8);
  const everyone = memory.place(most / 8);
  const scratch = {
    visited: memory.place(most / 8),
    seen: memory.place(4 * (SEEN_CAPACITY + 3 * M0 + 8)),
    pool: memory.place(8 * (POOL_CAPACITY + 2)),
    batch: memory.place(2 * batch),
    codes: memory.place(2 * batch),
    scores: memory.place(2 * batch),
    query: memory.place(4 * d),
    rotated: memory.place(4 * d),
    spread: memory.place(2 * codeBytes),
    spreadA: memory.place(2 * codeBytes),
    spreadB: memory.place(2 * codeBytes),
    neighbours: memory.place(8 * (M0 + 8)),
    wounded: memory.place(4 * (M0 + 8)),
    resultRows: memory.place(4 * POOL_CAPACITY),
    resultScores: memory.place(8 * POOL_CAPACITY),
  };
  const free = memory.place(before);
  const options = {
    dimension: d,
    codeBytes,
    M,
    M0,
    efConstruction: shape.efConstruction,
    norms: norms ? 1 : 0,
    numberBytes,
  };
  const state = { entry: NONE, poolCapacity: POOL_CAPACITY, batchBytes: batch };
  const zeros = Object.fromEntries(FIELDS.map((field) => [field, 0])) as Record<Field, number>;
  return {
    fields: { ...zeros, ...options, ...state, ...scratch, ...offsets, chunks: memory.end, chunkBytes },
    graph,
    allowed,
    everyone,
    free,
    mostSlots: Math.min(most, Math.floor((2 ** 32 - memory.end) / chunkBytes) * CHUNK_SLOTS),
  };
}

/** The fields of the struct that are floats. */
export function floatFields(dimension: number): Readonly<Record<"penalty" | "codeUnit" | "codeError", number>> {
  const scale = Math.max(1, Math.sqrt(dimension) / 4); // assembly/hnsw/codes.ts
  const digits = dimension <= 8 ? 2 : 1;
  const length = (digits === 2 ? 127 * 127 : 127) * scale; // of the code of a vector of length 1
  const step = 1 / length;
  return {
    // Half the squared lengths of two items count in full up to d = 4, 0.3 above: assembly/hnsw/similarity.ts.
    penalty: ((dimension <= 4 ? 1 : 0.3) * (digits === 2 ? 127 * 127 * 127 : length * length)) / 2,
    codeUnit: 32767 * (digits === 2 ? 127 : length),
    // Rounding errs by step / √12 in each number, so as much in the product with a vector of length 1; three deviations.
    codeError: (3 * step) / Math.sqrt(12),
  };
}

/** Places one part after another, each at the start of a cache line. */
class Stack {
  end: number;

  constructor(base: number) {
    this.end = roundUp(base, LINE);
  }

  place(bytes: number): number {
    const address = this.end;
    this.end = roundUp(address + bytes, LINE);
    return address;
  }
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
