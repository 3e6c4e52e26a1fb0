import { relu } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Random } from "../tensor/random.ts";
import { dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";

/** Linear, ReLU, linear, …; the last layer is linear.   x: [batch, sizes[0]] → y: [batch, sizes.at(-1)] */
export class Mlp {
  readonly layers: readonly Linear[];

  constructor(engine: Engine, sizes: readonly number[], random: Random) {
    this.layers = sizes.slice(1).map((size, i) => new Linear(engine, sizes[i], size, random));
  }

  /** With `drop`, hidden activations are dropped at that rate: a training step. */
  forward(x: Var, drop?: { readonly rate: number; readonly random: Random }): Var {
    return this.layers.reduce((h, layer, i) => {
      const y = layer.forward(h);
      if (i === this.layers.length - 1) return y;
      return drop ? dropout(relu(y), drop.rate, drop.random) : relu(y);
    }, x);
  }
}
