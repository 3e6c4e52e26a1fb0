import { constant } from "../autograd/op.ts";
import { multiply } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import type { Random } from "../tensor/random.ts";
import { passing } from "../tensor/tensor.ts";

/** What is dropped in a step of training; serving has none. */
export interface Drop {
  readonly rate: number;
  readonly random: Random;
}

/**
 * Sets each number to 0 with probability `rate` and scales the others by 1 / (1 − rate), so that the expectation
 * stays (Srivastava 2014). Only while training: without `drop` x is as it was.
 */
export function dropout(x: Var, drop: Drop | undefined): Var {
  if (!drop || drop.rate === 0) return x;
  const { rate, random } = drop;
  const mask = passing(x.value.engine, x.value.shape);
  const { data } = mask;
  const kept = 1 / (1 - rate);
  const limit = rate * 2 ** 32;
  for (let i = 0; i < data.length; i++) data[i] = random.bits() < limit ? 0 : kept;
  return multiply(x, constant(mask));
}
