import { linear } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Random } from "../tensor/random.ts";
import { type Parameter, weights, zeroParameter } from "./parameter.ts";

/** y = x W + b, or ReLU of it.   x: [batch, in] → y: [batch, out] */
export class Linear {
  readonly weight: Parameter; // [in, out]
  readonly bias: Parameter; //   [out]

  constructor(engine: Engine, inSize: number, outSize: number, random: Random) {
    this.weight = weights(engine, inSize, outSize, random);
    this.bias = zeroParameter(engine, [outSize]);
  }

  forward(x: Var, rectify = false): Var {
    return linear(x, this.weight, this.bias, rectify);
  }
}
