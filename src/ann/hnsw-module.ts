import { graphText } from "../kernels/binary.ts";
import type { Pointer } from "../kernels/contract.ts";
import { bytesOfText } from "../kernels/inlined.ts";
import { PAGE, WasmMemory } from "../kernels/wasm.ts";

/** What assembly/hnsw/index.ts exports; `graph` is the address of the Graph struct. */
export interface HnswKernels {
  hnswGraphBytes(): number;
  hnswInsert(graph: Pointer, slot: number): void;
  hnswCodeQuery(graph: Pointer, code: Pointer): void;
  hnswArrange(graph: Pointer, codes: Pointer, entries: Pointer, count: number): void;
  hnswRemove(graph: Pointer, slot: number): void;
  hnswSearch(graph: Pointer, k: number, ef: number, allowed: Pointer, rows: number, open: number): number;
  hnswOpenRows(allowed: Pointer, everyone: Pointer, rows: number): number;
  hnswVector(graph: Pointer, slot: number): void;
  /** 1, or 0 if any number is not finite. */
  hnswCodeAll(graph: Pointer): number;
  /** 1 or 0. */
  hnswIsSound(graph: Pointer): number;
}

/** Keeps out whoever reads while something changes. */
export interface Lock {
  take(): void;
  give(): void;
}

/** The graph's kernels with a memory of their own, free from `base` on. */
export interface HnswModule {
  readonly kernels: HnswKernels;
  readonly memory: WasmMemory;
  readonly base: Pointer;
  /** Where other threads search the same memory. */
  readonly lock?: Lock;
}

// The code only, the same for all graphs; memory is never shared.
let compiled: WebAssembly.Module | undefined;

/** Throws WebAssembly.CompileError where a policy forbids WebAssembly, or SIMD is missing. */
export function createHnswModule(): HnswModule {
  compiled ??= new WebAssembly.Module(bytesOfText(graphText));
  const memory = new WasmMemory();
  const { exports } = new WebAssembly.Instance(compiled, memory.imports);
  return { kernels: exports as unknown as HnswKernels, memory, base: PAGE }; // the first page belongs to the module
}
