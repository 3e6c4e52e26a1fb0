import { TwoTowerError } from "../errors.ts";
import type { Kernels, Pointer } from "./contract.ts";
import type { Deferred } from "./queue.ts";

/** Linear memory that a set of kernels reads and writes; `buffer` is replaced when it grows. */
export interface LinearMemory {
  readonly buffer: ArrayBufferLike;
  /** Makes `buffer` at least `bytes` long. Throws OUT_OF_MEMORY past the limit. */
  reserve(bytes: number): void;
}

const ALIGNMENT = 64; // a cache line, so that no row of 16 floats straddles two

/**
 * Kernels and the memory they work in. Whoever owns data owns an engine: dropping it frees everything.
 *
 *   0 ......... base ............ lasting ............. passing ........ end
 *   | kernels'  |  parameters,    | activations and     |  free
 *   | own data  |  optimiser state| gradients of a step |
 *
 * Lasting memory is never freed; passing memory is bump-allocated and given back all at once by `endStep`.
 * The steady state of training therefore allocates nothing.
 */
export class Engine {
  readonly kernels: Kernels;
  readonly memory: LinearMemory;
  /** Bytes of one float: 4, or 8 on the float64 reference. */
  readonly floatBytes: 4 | 8;
  #lasting: number;
  #passing: number;
  readonly #deferred: Deferred | undefined;
  #asked = 0; //  calls asked for when last looked at
  #high = 0; //   where memory ended at most since nothing was pending
  #needed = 0; // where memory ended at most when the last call was asked for: below it pending calls read and write

  constructor(kernels: Kernels, memory: LinearMemory, floatBytes: 4 | 8, base: number, deferred?: Deferred) {
    this.kernels = kernels;
    this.memory = memory;
    this.floatBytes = floatBytes;
    this.#deferred = deferred;
    this.#lasting = align(Math.max(base, ALIGNMENT)); // address 0 stays free: it means "none"
    this.#passing = this.#lasting;
  }

  /** Zeroed memory that lasts as long as the engine. Only between steps: a step's memory begins where this ends. */
  lasting(bytes: number): Pointer {
    if (this.#passing !== this.#lasting)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        "lasting memory was asked for in the middle of a step; end the step first",
      );
    this.ready(0);
    const pointer = this.#lasting;
    this.#lasting = align(pointer + bytes);
    this.#passing = this.#lasting;
    this.#high = this.#lasting;
    this.memory.reserve(this.#lasting);
    new Uint8Array(this.memory.buffer, pointer, bytes).fill(0); // a former step may have written here
    return pointer;
  }

  /** Memory until the end of the step; not zeroed. */
  passing(bytes: number): Pointer {
    const pointer = this.#passing;
    this.#look();
    this.#passing = align(pointer + bytes);
    this.#high = Math.max(this.#high, this.#passing);
    if (this.#passing > this.memory.buffer.byteLength) this.memory.reserve(this.#passing);
    return pointer;
  }

  /** Gives back all passing memory. */
  endStep(): void {
    this.#passing = this.#lasting;
  }

  /** A mark to return to with `release`: frees what was allocated since, within a step. */
  mark(): Pointer {
    return this.#passing;
  }

  /** Frees the passing memory allocated since `mark`. */
  release(mark: Pointer): void {
    this.#passing = mark;
  }

  /**
   * Pieces of work that do not depend on each other, each with passing memory of its own; threads, where there are any,
   * do one each at a time. How work is divided must not depend on them: sums are to have the same bits with any number.
   */
  together(pieces: readonly (() => void)[]): void {
    const mark = this.mark();
    if (this.#deferred) this.#deferred.together(pieces);
    else
      for (const piece of pieces) {
        piece();
        this.release(mark);
      }
    this.release(mark);
  }

  /** Waits for the calls that may read or write at an address, where kernels are called later than they are asked for. */
  ready(pointer: Pointer): void {
    this.#look();
    if (pointer >= this.#needed || !this.#deferred?.pending) return;
    this.#deferred.settle();
    this.#needed = 0;
    this.#high = this.#passing;
  }

  #look(): void {
    const asked = this.#deferred?.asked ?? 0;
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#needed = this.#high;
  }

  /** Bytes in use now. */
  get used(): number {
    return this.#passing;
  }

  /** A view of `length` floats. It dies when memory grows: use it at once, keep only the pointer. */
  floats(pointer: Pointer, length: number): Float32Array | Float64Array {
    this.ready(pointer);
    return this.floatBytes === 4
      ? new Float32Array(this.memory.buffer, pointer, length)
      : new Float64Array(this.memory.buffer, pointer, length);
  }

  /** A view of `length` int32. It dies when memory grows. */
  ints(pointer: Pointer, length: number): Int32Array {
    this.ready(pointer);
    return new Int32Array(this.memory.buffer, pointer, length);
  }
}

const align = (address: number): number => Math.ceil(address / ALIGNMENT) * ALIGNMENT;
