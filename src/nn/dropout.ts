import { constant } from "../autograd/op.ts";
import { multiply } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Random } from "../tensor/random.ts";
import { passing } from "../tensor/tensor.ts";

/**
 * Sets each number to 0 with probability `rate` and scales the others by 1 / (1 − rate), so that the expectation
 * stays (Srivastava 2014). Only while training: serving simply does not call it.
 */
export function dropout(x: Var, rate: number, random: Random): Var {
  if (rate === 0) return x;
  const mask = passing(x.value.engine, x.value.shape);
  const { data } = mask;
  const kept = 1 / (1 - rate);
  for (let i = 0; i < data.length; i++) data[i] = random.next() < rate ? 0 : kept;
  return multiply(x, constant(mask));
}
