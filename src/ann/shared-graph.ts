import { buildingText } from "../kernels/binary.ts";
import { bytesOfText } from "../kernels/inlined.ts";
import { forSharedMemory } from "../kernels/shared-module.ts";
import { mayShare } from "../kernels/start-worker.ts";
import { MAX_PAGES, PAGE, WasmMemory } from "../kernels/wasm.ts";
import { FIELDS, type Field, type GraphShape, layOut } from "./graph-layout.ts";
import { GraphLock } from "./graph-lock.ts";
import { GraphMemory } from "./graph-memory.ts";
import type { HnswKernels } from "./hnsw-module.ts";

/** Besides what every graph has: the kernels of assembly/hnsw/rounds.ts. Those that threads share end in `from, to`. */
export interface RoundKernels extends HnswKernels {
  hnswStore(graph: number, ...args: number[]): void;
  hnswPropose(graph: number, ...args: number[]): void;
  /** How many groups there are. */
  hnswGroup(graph: number, ...args: number[]): number;
  hnswWeigh(graph: number, ...args: number[]): void;
  hnswApply(graph: number, ...args: number[]): void;
  hnswTie(graph: number, ...args: number[]): void;
  hnswSearchMany(graph: number, ...args: number[]): void;
}

/** The bytes that a round, or a block of queries, is written to. */
const BLOCK_BYTES = 1 << 24;
/** The fields that change with the graph: a lane takes them over before each task. */
const LIVE: readonly Field[] = ["entry", "top", "slots"];

/**
 * A graph in memory that threads share, if they may, else in memory of its own. A thread works by a lane: a Graph struct
 * with scratch memory of its own and the chunks of all. Lane 0 is the graph's owner, who alone changes it.
 */
export interface SharedGraph {
  readonly memory: GraphMemory;
  readonly kernels: RoundKernels;
  readonly isShared: boolean;
  /** What a thread must have to work in this memory. */
  readonly module: object;
  readonly imports: Record<string, Record<string, never>>;
  /** Addresses of the structs of lanes 1, 2, … */
  readonly lanes: readonly number[];
  /** The bitmaps that searches by lane 1, 2, … are given. */
  readonly allowed: readonly number[];
  readonly lock: Int32Array;
  /** Where rounds and blocks of queries are written. */
  readonly block: number;
  readonly blockBytes: number;
}

export function createSharedGraph(shape: GraphShape, lanes: number): SharedGraph {
  const isShared = mayShare();
  const bytes = bytesOfText(buildingText);
  const module = new WebAssembly.Module(isShared ? forSharedMemory(bytes, MAX_PAGES) : bytes);
  const own = new WasmMemory(isShared);
  const { exports } = new WebAssembly.Instance(module, own.imports);
  const kernels = exports as unknown as RoundKernels;
  if (!isShared) lanes = 0;
  const lockBytes = 4 * (1 + lanes);
  const lock = new Int32Array(isShared ? new SharedArrayBuffer(lockBytes) : new ArrayBuffer(lockBytes));
  const laneBytes = layOut(shape, PAGE).fields.chunks - PAGE;
  const memory = new GraphMemory(
    shape,
    { kernels, memory: own, base: PAGE, ...(isShared && { lock: new GraphLock(lock) }) },
    BLOCK_BYTES + lanes * laneBytes,
  );
  const block = memory.layout.free;
  const layouts = Array.from({ length: lanes }, (_, i) => layOut(shape, block + BLOCK_BYTES + i * laneBytes));
  for (const { graph, fields } of layouts)
    for (const [i, field] of FIELDS.entries()) {
      // Scratch memory is the lane's, all else the graph's.
      const isScratch = fields[field] !== layOut(shape, PAGE).fields[field] && field !== "chunks";
      memory.ints[graph / 4 + i] = isScratch ? fields[field] : memory.get(field);
    }
  return {
    memory,
    kernels,
    isShared,
    module,
    imports: own.imports,
    lanes: layouts.map(({ graph }) => graph),
    allowed: layouts.map(({ allowed }) => allowed),
    lock,
    block,
    blockBytes: BLOCK_BYTES,
  };
}

/** Lets a lane see the graph as it is now. */
export function refreshLane(ints: Int32Array, graph: number, lane: number): void {
  for (const field of LIVE) {
    const at = FIELDS.indexOf(field);
    ints[lane / 4 + at] = ints[graph / 4 + at];
  }
}
