import { TwoTowerError } from "../errors.ts";
import type { HnswKernels, OwnMemory } from "../kernels/wasm.ts";
import { Random } from "../tensor/random.ts";

/** The numbers that shape a graph; fixed for its life. */
export interface GraphShape {
  readonly dimension: number;
  readonly metric: "cosine" | "dot";
  readonly M: number;
  readonly efConstruction: number;
  readonly seed: number;
}

/** The fields of `Graph` in assembly/hnsw/layout.ts, in the same order; four bytes each. */
const FIELDS = [
  "dimension",
  "codeBytes",
  "M",
  "M0",
  "efConstruction",
  "norms",
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
  "touched",
  "query",
  "rotated",
  "spread",
  "norm",
  "spreadA",
  "spreadB",
  "neighbours",
  "wounded",
  "resultRows",
  "resultScores",
  "evaluations",
] as const;
type Field = (typeof FIELDS)[number];


export const CHUNK_SLOTS = 256;
const UPPER_LISTS = 20; // lists of links above level 0 in a chunk: 16 of level 1 and one each of levels 2 to 5
const ADDRESSES = 2 ** 32;
const GRAPH = 64; // where the struct is: address 0 stays free, it means "none"
const POOL_CAPACITY = 16384;
const SEEN_CAPACITY = 1 << 14;
const SCAN_BATCH = 32;

/**
 * The linear memory of one graph: lays it out, grows it chunk by chunk and hands out slots. See assembly/hnsw/layout.ts
 * for the map. What searches write (`query`, bitmaps) and read (`resultRows`) is found by `address`.
 */
export class GraphMemory {
  readonly shape: GraphShape;
  readonly kernels: HnswKernels;
  readonly #memory: OwnMemory;
  readonly #random: Random;
  readonly #addresses: Record<Field, number>;
  /** Slots no item has, taken from the end. */
  readonly #vacant: number[] = [];
  /** Where the bitmap of a search begins, and that of all rows in use. */
  readonly allowed: number;
  readonly everyone: number;
  /** Views of the whole memory, renewed when it grows. */
  bytes: Uint8Array = new Uint8Array(0);
  ints: Int32Array = new Int32Array(0);
  floats: Float32Array = new Float32Array(0);

  constructor(shape: GraphShape, memory: OwnMemory, kernels: HnswKernels, base: number) {
    this.shape = shape;
    this.kernels = kernels;
    this.#memory = memory;
    this.#random = new Random(shape.seed);
    const { dimension: d, M } = shape;
    const M0 = 2 * M;
    const codeBytes = roundUp(d <= 8 ? 16 : d, 16);

    let end = 0;
    const part = (bytes: number): number => {
      const offset = end;
      end = roundUp(end + bytes, 64);
      return offset;
    };
    part(CHUNK_SLOTS * codeBytes);
    const linksOffset = part(CHUNK_SLOTS * M0 * 4);
    const upperOffset = part(UPPER_LISTS * M * 4);
    const rowsOffset = part(CHUNK_SLOTS * 4);
    const normsOffset = part(CHUNK_SLOTS * 4);
    const slotsOffset = part(CHUNK_SLOTS * 4);
    const vectorsOffset = part(CHUNK_SLOTS * d * 4);
    const chunkBytes = end;

    const bitmapBytes = roundUp(Math.floor(ADDRESSES / chunkBytes) * (CHUNK_SLOTS / 8), 64);
    const batchBytes = 4 * (Math.max(M0, SCAN_BATCH) + 8);
    const graph = roundUp(Math.max(base, GRAPH), 64);
    end = graph + FIELDS.length * 4;
    part(0);
    end = roundUp(end, 64);
    const visited = part(bitmapBytes);
    this.allowed = part(bitmapBytes);
    this.everyone = part(bitmapBytes);
    const scratch = {
      seen: part(4 * (SEEN_CAPACITY + M0 + 8)),
      pool: part(8 * (POOL_CAPACITY + 2)),
      batch: part(batchBytes),
      codes: part(batchBytes),
      scores: part(batchBytes),
      query: part(d * 4),
      rotated: part(d * 4),
      spread: part(codeBytes * 2),
      spreadA: part(codeBytes * 2),
      spreadB: part(codeBytes * 2),
      neighbours: part(8 * (M0 + 8)),
      wounded: part(4 * (M0 + 8)),
      resultRows: part(4 * POOL_CAPACITY),
      resultScores: part(8 * POOL_CAPACITY),
    };
    this.#addresses = {} as Record<Field, number>;
    this.graph = graph;
    this.#reserve(end);
    this.#write({
      ...{ dimension: d, codeBytes, M, M0, efConstruction: shape.efConstruction, norms: shape.metric === "dot" ? 1 : 0 },
    });
  }
}
