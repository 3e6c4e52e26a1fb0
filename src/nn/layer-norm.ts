import { addBias, scaleColumns, standardise } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import { onesParameter, type Parameter, zeroParameter } from "./parameter.ts";

/** y = (x − mean) / deviation ∘ scale + shift, row by row (Ba et al. 2016).   x: [m, size] → y: [m, size] */
export class LayerNorm {
  readonly scale: Parameter; // [size]
  readonly shift: Parameter; // [size]

  constructor(engine: Engine, size: number) {
    this.scale = onesParameter(engine, [size]);
    this.shift = zeroParameter(engine, [size]);
  }

  forward(x: Var): Var {
    return addBias(scaleColumns(standardise(x), this.scale), this.shift);
  }
}
