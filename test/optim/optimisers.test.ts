import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as ops from "../../src/autograd/ops.ts";
import { backward } from "../../src/autograd/var.ts";
import { referenceEngine } from "../../src/kernels/reference.ts";
import { table, zeroParameter } from "../../src/nn/parameter.ts";
import { adagrad } from "../../src/optim/adagrad.ts";
import { adam } from "../../src/optim/adam.ts";
import type { OptimiserFactory } from "../../src/optim/optimiser.ts";
import { constantRate, linearDecay, smoothDecay, warmUp } from "../../src/optim/schedules.ts";
import { Random } from "../../src/tensor/random.ts";
import { intsOf, tensorOf } from "../../src/tensor/tensor.ts";

/** One weight, the given gradients, one after another: the weight after each step. */
function trajectory(optimiser: OptimiserFactory, gradients: readonly number[], rate: number): number[] {
  const engine = referenceEngine(8);
  const x = zeroParameter(engine, [1]);
  const optimise = optimiser(new Map([["x", x]]));
  return gradients.map((g) => {
    backward(ops.sum(x), tensorOf(engine, [1], [g]));
    optimise.step(rate);
    engine.endStep();
    return x.value.data[0];
  });
}

const gradients = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 20 });
const expectClose = (actual: number[], expected: number[]): void =>
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, 10);
  });

describe("each optimiser takes the steps its paper says", () => {
  test("Adam", () =>
    fc.assert(
      fc.property(gradients, (gs) => {
        let [x, m, v] = [0, 0, 0];
        const expected = gs.map((g, i) => {
          m = 0.9 * m + 0.1 * g;
          v = 0.99 * v + 0.01 * g * g;
          x -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.99 ** (i + 1))) + 1e-8);
          return x;
        });
        expectClose(trajectory(adam({ beta2: 0.99 }), gs, 0.1), expected);
      }),
    ));

  test("Adagrad", () =>
    fc.assert(
      fc.property(gradients, (gs) => {
        let [x, s] = [0, 0.1];
        const expected = gs.map((g) => {
          s += g * g;
          x -= (0.5 * g) / (Math.sqrt(s) + 1e-10);
          return x;
        });
        expectClose(trajectory(adagrad(), gs, 0.5), expected);
      }),
    ));
});

test("Adam moves layers by a beta1 and a rate of their own, tables by the others", () => {
  const gs = [1, -2, 0.5];
  const apart = adam({ beta1: 0, layers: { beta1: 0.9, rate: 0.1 } });
  expectClose(trajectory(apart, gs, 0.5), trajectory(adam(), gs, 0.05)); // a weight of no table
  const onTable = (optimiser: OptimiserFactory): number[] => {
    const engine = referenceEngine(8);
    const x = table(engine, 3, 1, new Random(1));
    const optimise = optimiser(new Map([["x", x]]));
    return gs.map((g) => {
      backward(ops.sum(ops.gather(x, intsOf(engine, [1]))), tensorOf(engine, [1], [g]));
      optimise.step(0.5);
      engine.endStep();
      return x.value.data[1];
    });
  };
  expect(onTable(apart)).toEqual(onTable(adam({ beta1: 0 })));
  expect(onTable(apart)).not.toEqual(onTable(adam()));
});

const optimisers: Record<string, OptimiserFactory> = {
  Adam: adam(),
  Adagrad: adagrad(),
  "row-wise Adagrad": adagrad({ rowWise: true }),
};
describe.each(Object.entries(optimisers))("%s on a table", (_name, optimiser) => {
  /** A table after one step that reads `rows` with gradient 1 each. */
  function stepOn(rows: number[], how: "gather" | "two gathers" | "pool"): Float32Array | Float64Array {
    const engine = referenceEngine(8);
    const embeddings = table(engine, 6, 3, new Random(1));
    const optimise = optimiser(new Map([["t", embeddings]]));
    const chosen = (part: number[]) => intsOf(engine, part);
    const y =
      how === "gather"
        ? ops.sum(ops.gather(embeddings, chosen(rows)))
        : how === "two gathers"
          ? ops.add(
              ops.sum(ops.gather(embeddings, chosen(rows.slice(0, 1)))),
              ops.sum(ops.gather(embeddings, chosen(rows.slice(1)))),
            )
          : ops.affine(
              ops.sum(ops.lookUp(1, [{ rows: chosen(rows), offsets: chosen([0, rows.length]) }], embeddings)),
              rows.length,
              0,
            );
    backward(y, tensorOf(engine, [1], [1]));
    optimise.step(0.1);
    engine.endStep();
    return embeddings.value.data.slice();
  }
  const before = (): number[] => [...table(referenceEngine(8), 6, 3, new Random(1)).value.data];

  test("changes the rows that were read and no others", () => {
    const after = stepOn([4, 1], "gather");
    const changed = before().map((value, i) => value !== after[i]);
    expect([...changed.keys()].filter((i) => changed[i])).toEqual([3, 4, 5, 12, 13, 14]);
  });

  test("adds up the gradients of a row read several times, however it was read", () => {
    const once = [...stepOn([2, 5, 2, 2], "gather")];
    expectClose([...stepOn([2, 5, 2, 2], "two gathers")], once);
    expectClose([...stepOn([2, 5, 2, 2], "pool")], once);
  });
});

test("schedules begin and end where they say", () => {
  expect([0, 50, 99].map((step) => constantRate(step, 100))).toEqual([1, 1, 1]);
  expect([0, 50].map((step) => linearDecay()(step, 100))).toEqual([1, 0.5]);
  expectClose(
    [0, 50, 100].map((step) => smoothDecay(0.2)(step, 100)),
    [1, 0.6, 0.2],
  );
  expect([0, 4, 9, 10].map((step) => warmUp(10)(step, 100))).toEqual([0.1, 0.5, 1, 1]);
});
