import { passing, type Tensor } from "../tensor/tensor.ts";
import { RowGradient } from "./row-gradient.ts";

/** A gradient on its way to an argument: a tensor of its shape, or a few rows of a big table. */
export type Gradient = Tensor | RowGradient;

/** A tensor that remembers how it was made, so that `backward` can find what it depends on. */
export class Var {
  readonly value: Tensor;
  /** Whether a gradient is wanted: true for parameters and for everything computed from them. */
  readonly tracked: boolean;
  /** What it was computed from; empty for a leaf. */
  readonly parents: readonly Var[];
  /** Longest path to a leaf. A parent's depth is always smaller, so sorting by depth is a topological order. */
  readonly depth: number;
  /** Sends the gradient of the loss with respect to this value on to the parents. */
  readonly pull: ((dy: Tensor) => void) | undefined;
  /** Gradient of the loss, summed over all uses; a passing tensor, valid until the step ends. */
  grad: Tensor | undefined;
  /** Gradients of single rows of a leaf, uncombined: the optimiser merges them and touches only those rows. */
  rowGradients: RowGradient[] = [];

  constructor(value: Tensor, tracked = false, parents: readonly Var[] = [], pull?: (dy: Tensor) => void) {
    this.value = value;
    this.tracked = tracked;
    this.parents = parents;
    this.depth = parents.reduce((deepest, parent) => Math.max(deepest, parent.depth + 1), 0);
    this.pull = pull;
  }

  /** Adds to the gradient. */
  receive(gradient: Gradient): void {
    if (gradient instanceof RowGradient) {
      if (this.parents.length === 0) this.rowGradients.push(gradient);
      else this.grad = gradient.addTo(this.grad, this.value);
    } else this.grad = this.grad === undefined ? gradient : sum(this.grad, gradient);
  }

  /** The whole gradient as one tensor, rows included; undefined where no loss depends on this value. */
  denseGrad(): Tensor | undefined {
    return this.rowGradients.reduce<Tensor | undefined>((dense, rows) => rows.addTo(dense, this.value), this.grad);
  }

  clearGrad(): void {
    this.grad = undefined;
    this.rowGradients = [];
  }
}

/** x + y in new memory: either may be in use elsewhere. */
function sum(x: Tensor, y: Tensor): Tensor {
  const z = passing(x.engine, x.shape);
  x.engine.kernels.add(x.pointer, y.pointer, z.pointer, z.size);
  return z;
}

/** Reverse-mode differentiation: fills `grad` of every tracked Var that `y` depends on, starting from dy. */
export function backward(y: Var, dy: Tensor): void {
  const found = new Set<Var>();
  const visit = (node: Var): void => {
    if (!node.tracked || found.has(node)) return;
    found.add(node);
    for (const parent of node.parents) visit(parent);
  };
  visit(y);
  y.receive(dy);
  for (const node of [...found].sort((a, b) => b.depth - a.depth)) if (node.grad) node.pull?.(node.grad);
}
