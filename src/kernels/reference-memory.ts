import { TwoTowerError } from "../errors.ts";
import type { Pointer } from "./contract.ts";
import type { LinearMemory } from "./engine.ts";

export type Floats = Float32Array | Float64Array;

/** What stands in for linear memory under the kernels in plain TypeScript, and the views they read and write by. */
export class ReferenceMemory implements LinearMemory {
  readonly floatBytes: 4 | 8;
  buffer: ArrayBuffer = new ArrayBuffer(1 << 16);

  constructor(floatBytes: 4 | 8) {
    this.floatBytes = floatBytes;
  }

  reserve(bytes: number): void {
    if (bytes <= this.buffer.byteLength) return;
    try {
      const larger = new ArrayBuffer(Math.max(bytes, 2 * this.buffer.byteLength));
      new Uint8Array(larger).set(new Uint8Array(this.buffer));
      this.buffer = larger;
    } catch (cause) {
      throw new TwoTowerError("OUT_OF_MEMORY", `cannot have ${bytes} bytes of memory`, { cause });
    }
  }

  readonly floats = (pointer: Pointer, length: number): Floats =>
    this.floatBytes === 4
      ? new Float32Array(this.buffer, pointer, length)
      : new Float64Array(this.buffer, pointer, length);

  readonly ints = (pointer: Pointer, length: number): Int32Array => new Int32Array(this.buffer, pointer, length);

  /** Row i of a matrix of n columns. */
  readonly row = (x: Pointer, i: number, n: number): Floats => this.floats(x + i * n * this.floatBytes, n);

  /** y[i] = f(x[i]). */
  readonly map = (x: Pointer, y: Pointer, n: number, f: (value: number) => number): void => {
    const from = this.floats(x, n);
    const to = this.floats(y, n);
    for (let i = 0; i < n; i++) to[i] = f(from[i]);
  };
}

export function dot(x: Floats, y: Floats): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
