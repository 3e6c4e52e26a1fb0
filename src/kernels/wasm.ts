import { TwoTowerError } from "../errors.ts";
import { servingText, trainingText } from "./binary.ts";
import type { Kernels, Pointer } from "./contract.ts";
import { Engine, type LinearMemory } from "./engine.ts";
import { bytesOfText } from "./inlined.ts";
import { servingReferenceEngine } from "./reference-serving.ts";
import { forSharedMemory } from "./shared-module.ts";

export const PAGE = 65536;
export const MAX_PAGES = 65536; // 4 GiB, all that 32-bit addresses reach

/** What the serving module exports besides the kernels. */
interface ModuleExports {
  readonly SCRATCH_BYTES: WebAssembly.Global;
  setScratch(pointer: Pointer): void;
}

/** An instance of the serving module with a memory of its own. */
interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly memory: WasmMemory;
  /** The first address that is free: static data and the matmul's packing buffers lie below. */
  readonly base: Pointer;
}

// The code only, the same for everyone; memory is never shared.
let serving: WebAssembly.Module | undefined;
let training: WebAssembly.Module | undefined;

/**
 * A new instance with an own memory: what an engine is built on. The module is inlined and compiled
 * synchronously on first use: there is nothing to await and no file to find.
 * Throws WebAssembly.CompileError where a policy forbids WebAssembly, or SIMD is missing.
 */
function instantiate(): Instance {
  serving ??= new WebAssembly.Module(bytesOfText(servingText));
  const memory = new WasmMemory();
  const { exports } = new WebAssembly.Instance(serving, memory.imports);
  const { SCRATCH_BYTES, setScratch } = exports as unknown as ModuleExports;
  const scratch = PAGE; // the first page belongs to the module
  const base = scratch + (SCRATCH_BYTES.value as number);
  memory.reserve(base);
  setScratch(scratch);
  return { exports, memory, base };
}

/** Both modules on memory that threads can share, with room for the packing buffers of each. */
export function sharedInstances(threads: number): Instance & {
  readonly modules: readonly object[];
  /** Where the packing buffers of a thread are; this one is number 0. */
  scratchOf(thread: number): Pointer;
} {
  const modules = [servingText, trainingText].map(
    (text) => new WebAssembly.Module(forSharedMemory(bytesOfText(text), MAX_PAGES)),
  );
  const memory = new WasmMemory(true);
  const exports = Object.assign(
    {},
    ...modules.map((module) => new WebAssembly.Instance(module, memory.imports).exports),
  );
  const { SCRATCH_BYTES, setScratch } = exports as ModuleExports;
  const each = Math.ceil((SCRATCH_BYTES.value as number) / 64) * 64;
  const scratchOf = (thread: number): Pointer => PAGE + thread * each;
  const base = scratchOf(threads);
  memory.reserve(base);
  setScratch(scratchOf(0));
  return { exports, memory, base, modules, scratchOf };
}

/** All kernels in WebAssembly: both modules on one memory of their own. */
export function wasmEngine(): Engine {
  const { exports, memory, base } = instantiate();
  training ??= new WebAssembly.Module(bytesOfText(trainingText));
  const { exports: more } = new WebAssembly.Instance(training, memory.imports);
  return new Engine({ ...exports, ...more } as unknown as Kernels, memory, 4, base);
}

/** An engine that can train. Throws UNSUPPORTED where WebAssembly is forbidden: to learn without it would take days. */
export function createEngine(): Engine {
  return orElse(wasmEngine, (cause) => {
    throw new TwoTowerError(
      "UNSUPPORTED",
      "training needs WebAssembly with SIMD, which this platform lacks or its content security policy forbids " +
        "(allow 'wasm-unsafe-eval'); a model trained elsewhere can be loaded and asked without",
      { cause },
    );
  });
}

/**
 * An engine with the ServingKernels and no others, for indexes and loaded models: WebAssembly, or the reference kernels
 * where that is forbidden.
 */
export function createServingEngine(): Engine {
  return orElse(() => {
    const { exports, memory, base } = instantiate();
    return new Engine(exports as unknown as Kernels, memory, 4, base);
  }, servingReferenceEngine);
}

function orElse(fast: () => Engine, otherwise: (error: WebAssembly.CompileError) => Engine): Engine {
  try {
    return fast();
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return otherwise(error);
    throw error;
  }
}

/** WebAssembly memory that grows by at least a thirty-second: growing moves nothing, and what is not used yet is not much. */
export class WasmMemory implements LinearMemory {
  // Private, and `imports` so vague, because declarations must not name WebAssembly: Node's types do not know it.
  readonly #memory: WebAssembly.Memory;

  constructor(shared = false) {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared });
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** What a module must import to work in this memory. */
  get imports(): Record<string, Record<string, never>> {
    return { env: { memory: this.#memory as never } };
  }

  reserve(bytes: number): void {
    const have = this.#memory.buffer.byteLength / PAGE;
    const need = Math.ceil(bytes / PAGE);
    if (need <= have) return;
    const wanted = Math.min(MAX_PAGES, Math.max(need, Math.ceil(have * 1.03125)));
    if (this.#grow(wanted - have) || this.#grow(need - have)) return;
    throw new TwoTowerError(
      "OUT_OF_MEMORY",
      `${(bytes / 2 ** 20).toFixed(0)} MiB of memory are needed and cannot be had (limit 4096 MiB). ` +
        "Use a smaller dimension, a vocabulary limit (maxSize), or row-wise Adagrad",
    );
  }

  #grow(pages: number): boolean {
    try {
      this.#memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}
