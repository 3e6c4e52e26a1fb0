import { Var } from "../autograd/var.ts";
import type { Pointer } from "../kernels/contract.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Random } from "../tensor/random.ts";
import { lasting, type Shape, type Tensor } from "../tensor/tensor.ts";

/** A tensor that training changes. It lasts as long as its engine. */
export class Parameter extends Var {
  /** For tables: room for one int32 a row, by which the optimiser merges row gradients without sorting or clearing. */
  readonly slots: Pointer;

  constructor(value: Tensor, slots: Pointer = 0) {
    super(value, true);
    this.slots = slots;
  }
}

/** A weight matrix drawn from U(±√(6 / (fan in + fan out))), which keeps variances level (Glorot and Bengio 2010). */
export function weights(engine: Engine, fanIn: number, fanOut: number, random: Random): Parameter {
  return new Parameter(uniform(lasting(engine, [fanIn, fanOut]), Math.sqrt(6 / (fanIn + fanOut)), random));
}

/** Zeros, as biases begin. */
export function zeroParameter(engine: Engine, shape: Shape): Parameter {
  return new Parameter(lasting(engine, shape));
}

/** Ones, as factors begin. */
export function onesParameter(engine: Engine, shape: Shape): Parameter {
  const value = lasting(engine, shape);
  value.data.fill(1);
  return new Parameter(value);
}

/** An embedding table [n, d] of rows of expected length 1, whatever d. */
export function table(engine: Engine, n: number, d: number, random: Random): Parameter {
  const value = uniform(lasting(engine, [n, d]), Math.sqrt(3 / d), random); // variance of U(±a) is a²/3
  return new Parameter(value, engine.lasting(n * 4));
}

function uniform(tensor: Tensor, limit: number, random: Random): Tensor {
  const { data } = tensor;
  for (let i = 0; i < data.length; i++) data[i] = random.between(-limit, limit);
  return tensor;
}

/** Every Parameter reachable from `module`, once, named by the path that leads to it: "user.mlp.layers.0.weight". */
export function* parameters(module: object, path = "", seen: Set<object> = new Set()): Generator<[string, Parameter]> {
  if (seen.has(module)) return;
  seen.add(module);
  if (module instanceof Parameter) yield [path, module];
  if (module instanceof Var || ArrayBuffer.isView(module)) return;
  const children = module instanceof Map ? module.entries() : Object.entries(module);
  for (const [name, child] of children)
    if (child !== null && typeof child === "object") yield* parameters(child, path ? `${path}.${name}` : name, seen);
}
