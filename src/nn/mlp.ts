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

  /**
   * With `drop`, hidden activations are dropped at that rate: a training step. Instead of x a way to compute the first
   * layer may be given, before its ReLU unless `rectify`.
   */
  forward(x: Var | ((first: Linear, rectify: boolean) => Var), drop?: Drop): Var {
    const last = this.layers.length - 1;
    return this.layers.reduce<typeof x>((h, layer, i) => {
      const norm = this.norms[i];
      const rectify = i < last && !norm;
      const y = typeof h === "function" ? h(layer, rectify) : layer.forward(h, rectify);
      return i === last ? y : dropout(norm ? relu(norm.forward(y)) : y, drop);
    }, x) as Var;
  }
}
