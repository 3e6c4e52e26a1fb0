import { relu } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Random } from "../tensor/random.ts";
import { type Drop, dropout } from "./dropout.ts";
import { LayerNorm } from "./layer-norm.ts";
import { Linear } from "./linear.ts";

/** Linear, (layer norm,) ReLU, linear, …; the last layer is linear.   x: [batch, sizes[0]] → y: [batch, sizes.at(-1)] */
export class Mlp {
  readonly layers: readonly Linear[];

  readonly norms: readonly LayerNorm[];

  constructor(engine: Engine, sizes: readonly number[], random: Random, layerNorm = false) {
    this.layers = sizes.slice(1).map((size, i) => new Linear(engine, sizes[i], size, random));
    this.norms = layerNorm ? sizes.slice(1, -1).map((size) => new LayerNorm(engine, size)) : [];
  }

  /** With `drop`, hidden activations are dropped at that rate: a training step. */
  forward(x: Var, drop?: Drop): Var {
    return this.layers.reduce((h, layer, i) => {
      if (i === this.layers.length - 1) return layer.forward(h);
      const norm = this.norms[i];
      return dropout(norm ? relu(norm.forward(layer.forward(h))) : layer.forward(h, true), drop);
    }, x);
  }
}
