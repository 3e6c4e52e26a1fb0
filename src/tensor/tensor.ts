import { TwoTowerError } from "../errors.ts";
import type { Pointer } from "../kernels/contract.ts";
import type { Engine } from "../kernels/engine.ts";

/** Sizes of a tensor, outermost first: [] a scalar, [b] a vector, [b, d] a matrix. */
export type Shape = readonly number[];

/** How many numbers a shape holds. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Floats at an address: a shape and a pointer into an engine's memory. Knows nothing of gradients. */
export class Tensor {
  readonly engine: Engine;
  readonly shape: Shape;
  readonly pointer: Pointer;

  constructor(engine: Engine, shape: Shape, pointer: Pointer) {
    this.engine = engine;
    this.shape = shape;
    this.pointer = pointer;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** A view of the numbers. It dies when memory grows: use it at once, never keep it. */
  get data(): Float32Array | Float64Array {
    return this.engine.floats(this.pointer, this.size);
  }
}

/** An uninitialised tensor that vanishes when the step ends. */
export function passing(engine: Engine, shape: Shape): Tensor {
  return new Tensor(engine, shape, engine.passing(sizeOf(shape) * engine.floatBytes));
}

/** A tensor of zeros that vanishes when the step ends. */
export function zeros(engine: Engine, shape: Shape): Tensor {
  const tensor = passing(engine, shape);
  engine.kernels.fill(tensor.pointer, 0, tensor.size);
  return tensor;
}

/** A tensor of zeros that lives as long as its engine. */
export function lasting(engine: Engine, shape: Shape): Tensor {
  return new Tensor(engine, shape, engine.lasting(sizeOf(shape) * engine.floatBytes));
}

/** A passing tensor with the given numbers. */
export function tensorOf(engine: Engine, shape: Shape, values: ArrayLike<number>): Tensor {
  if (values.length !== sizeOf(shape))
    throw new TwoTowerError(
      "SHAPE_MISMATCH",
      `${values.length} numbers do not fill a tensor of shape ${showShape(shape)}`,
    );
  const tensor = passing(engine, shape);
  tensor.data.set(values);
  return tensor;
}

/** Whole numbers at an address: rows of a table, offsets of bags, columns of positives. */
export class Ints {
  readonly engine: Engine;
  readonly length: number;
  readonly pointer: Pointer;

  constructor(engine: Engine, length: number, pointer: Pointer) {
    this.engine = engine;
    this.length = length;
    this.pointer = pointer;
  }

  /** A view of the numbers. It dies when memory grows. */
  get data(): Int32Array {
    return this.engine.ints(this.pointer, this.length);
  }
}

/** Uninitialised whole numbers that vanish when the step ends. */
export function passingInts(engine: Engine, length: number): Ints {
  return new Ints(engine, length, engine.passing(length * 4));
}

/** Copies whole numbers into passing memory. */
export function intsOf(engine: Engine, values: ArrayLike<number>): Ints {
  const ints = passingInts(engine, values.length);
  ints.data.set(values);
  return ints;
}

/** Throws SHAPE_MISMATCH unless `fits`; says which op and what shapes. */
export function expectShapes(op: string, fits: boolean, ...shapes: Shape[]): void {
  if (!fits) throw new TwoTowerError("SHAPE_MISMATCH", `${op}: ${shapes.map(showShape).join(" and ")} do not fit`);
}
