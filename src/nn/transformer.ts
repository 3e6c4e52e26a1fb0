import { add } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Engine } from "../kernels/engine.ts";
import type { Random } from "../tensor/random.ts";
import type { Ints } from "../tensor/tensor.ts";
import { type Drop, dropout } from "./dropout.ts";
import { LayerNorm } from "./layer-norm.ts";
import { Mlp } from "./mlp.ts";
import { SelfAttention } from "./self-attention.ts";

export interface TransformerShape {
  /** d: width of the tokens. */
  readonly size: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the hidden layer of each feed-forward part; 0 leaves that part out. */
  readonly feedForward: number;
  /** Tokens of the longest sequence. */
  readonly longest: number;
}

/** One layer: what the past says about each token, then what that means. */
class Block {
  readonly attentionNorm: LayerNorm;
  readonly attention: SelfAttention;
  readonly feedForwardNorm: LayerNorm | undefined;
  readonly feedForward: Mlp | undefined;

  constructor(engine: Engine, { size, heads, longest, feedForward }: TransformerShape, random: Random) {
    this.attentionNorm = new LayerNorm(engine, size);
    this.attention = new SelfAttention(engine, size, heads, longest, random);
    if (feedForward === 0) return;
    this.feedForwardNorm = new LayerNorm(engine, size);
    this.feedForward = new Mlp(engine, [size, feedForward, size], random);
  }

  forward(x: Var, offsets: Ints, drop?: Drop): Var {
    const seen = add(x, dropout(this.attention.forward(this.attentionNorm.forward(x), offsets), drop));
    if (!this.feedForward || !this.feedForwardNorm) return seen;
    return add(seen, dropout(this.feedForward.forward(this.feedForwardNorm.forward(seen), drop), drop));
  }
}

/**
 * Causal Transformer over histories, norms before each part (as in SASRec, Kang and McAuley 2018): the vector of a
 * token is what the history up to it says about the next choice. All tokens of a sequence are computed at once, so in
 * training every position of a history is an example.
 *   tokens: [n, size], sequences as in `attend` → [n, size]
 */
export class Transformer {
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;

  constructor(engine: Engine, shape: TransformerShape, random: Random) {
    this.blocks = Array.from({ length: shape.layers }, () => new Block(engine, shape, random));
    this.norm = new LayerNorm(engine, shape.size);
  }

  forward(tokens: Var, offsets: Ints, drop?: Drop): Var {
    return this.norm.forward(this.blocks.reduce((x, block) => block.forward(x, offsets, drop), dropout(tokens, drop)));
  }
}
