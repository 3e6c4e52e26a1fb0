import { expect } from "vitest";
import { backward, Var } from "../../src/autograd/var.ts";
import type { Engine } from "../../src/kernels/engine.ts";
import { Random } from "../../src/tensor/random.ts";
import { type Shape, type Tensor, tensorOf } from "../../src/tensor/tensor.ts";

/** Numbers and their shape, before an engine holds them. */
export interface Numbers {
  readonly shape: Shape;
  readonly values: readonly number[];
}

/**
 * Pulls a random v back through f and pushes a random u forward: ⟨f′(x)ᵀ v, u⟩ must equal ⟨v, f′(x) u⟩ (Baydin 2018, 3.2).
 * f′(x) u comes from five points, whose error is O(h⁴); in float64 both sides then agree to about 1e-10.
 */
export function expectGradient(
  engine: Engine,
  f: (...xs: Var[]) => Var,
  inputs: readonly Numbers[],
  seed: number,
): void {
  const random = new Random(seed);
  const randomLike = (size: number): number[] => Array.from({ length: size }, () => random.between(-1, 1));
  const us = inputs.map(({ values }) => randomLike(values.length));
  const at = (h: number): Var[] =>
    inputs.map(
      ({ shape, values }, i) =>
        new Var(
          tensorOf(
            engine,
            shape,
            values.map((x, j) => x + h * us[i][j]),
          ),
          true,
        ),
    );

  const xs = at(0);
  const y = f(...xs);
  const v = randomLike(y.value.size);
  backward(y, tensorOf(engine, y.value.shape, v));
  const pulled = xs.reduce((total, x, i) => total + inner(x.denseGrad(), us[i]), 0);

  const valueAt = (h: number): number => inner(f(...at(h)).value, v);
  const h = 1e-4;
  const pushed = (8 * (valueAt(h) - valueAt(-h)) - (valueAt(2 * h) - valueAt(-2 * h))) / (12 * h);
  engine.endStep();
  expect(Math.abs(pulled - pushed), `pulled back ${pulled}, pushed forward ${pushed}`).toBeLessThan(
    1e-7 * (1 + Math.abs(pushed)),
  );
}

function inner(x: Tensor | undefined, y: readonly number[]): number {
  return x === undefined ? 0 : y.reduce((sum, value, i) => sum + value * x.data[i], 0);
}
