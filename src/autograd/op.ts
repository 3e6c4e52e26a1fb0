import type { Tensor } from "../tensor/tensor.ts";
import { type Gradient, Var } from "./var.ts";

/**
 * An op on Vars, made from its rule on Tensors: a Var wherever the rule takes a Tensor, everything else as it is.
 */
export type Op<Args extends unknown[]> = (...args: { [I in keyof Args]: Lift<Args[I]> }) => Var;
type Lift<Arg> = Arg extends Tensor ? Var : Arg;

/** One thunk per tensor argument, so that unwanted gradients cost nothing; null for what has no gradient. */
type Pulls<Args extends unknown[]> = { [I in keyof Args]: Args[I] extends Tensor ? () => Gradient : null };

/**
 * Declares an op: `rule` computes the result y and, right beside it, how a gradient dy of y becomes
 * the gradients of the arguments. What both need (norms, probabilities) is simply a variable of the rule.
 */
/* @__NO_SIDE_EFFECTS__ */
export function op<Args extends unknown[]>(
  name: string,
  rule: (...args: Args) => [y: Tensor, pulls: (dy: Tensor) => Pulls<Args>],
): Op<Args> {
  const lifted = (...args: unknown[]): Var => {
    const [y, pulls] = rule(...(args.map((arg) => (arg instanceof Var ? arg.value : arg)) as Args));
    const parents = args.filter((arg) => arg instanceof Var);
    if (!parents.some((parent) => parent.tracked)) return new Var(y);
    return new Var(y, true, parents, (dy) => {
      const thunks = pulls(dy) as readonly (() => Gradient)[]; // null stands only where the argument is no Var
      for (const [i, arg] of args.entries()) if (arg instanceof Var && arg.tracked) arg.receive(thunks[i]());
    });
  };
  Object.defineProperty(lifted, "name", { value: name });
  return lifted as Op<Args>;
}

/** A Var that never asks for a gradient. */
export const constant = (value: Tensor): Var => new Var(value);
