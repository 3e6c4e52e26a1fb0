import { attend } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Random } from "../tensor/random.ts";
import type { Ints } from "../tensor/tensor.ts";
import { Linear } from "./linear.ts";
import { type Parameter, zeroParameter } from "./parameter.ts";

/** Several heads of attention to the past, y = W_o · attend(W_q x, W_k x, W_v x).   tokens: [n, size] → [n, size] */
export class SelfAttention {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly recency: Parameter; // [heads, longest]; all equal at first

  constructor(engine: Engine, size: number, heads: number, longest: number, random: Random) {
    this.query = new Linear(engine, size, size, random);
    this.key = new Linear(engine, size, size, random);
    this.value = new Linear(engine, size, size, random);
    this.output = new Linear(engine, size, size, random);
    this.recency = zeroParameter(engine, [heads, longest]);
  }

  forward(tokens: Var, offsets: Ints): Var {
    const [q, k, v] = [this.query, this.key, this.value].map((linear) => linear.forward(tokens));
    return this.output.forward(attend(q, k, v, this.recency, offsets));
  }
}
