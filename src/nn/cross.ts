import { add, multiply } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Random } from "../tensor/random.ts";
import { Linear } from "./linear.ts";

/**
 * Crosses of features, of one order more with each layer (DCN-v2, Wang et al. 2021, equation 1):
 *   x_{l+1} = x₀ ∘ (W x_l + b) + x_l.   x: [batch, size] → [batch, size]
 */
export class Cross {
  readonly layers: readonly Linear[];

  constructor(engine: Engine, size: number, layers: number, random: Random) {
    this.layers = Array.from({ length: layers }, () => new Linear(engine, size, size, random));
  }

  forward(x0: Var): Var {
    return this.layers.reduce((x, layer) => add(multiply(x0, layer.forward(x)), x), x0);
  }
}
