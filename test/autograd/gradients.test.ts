import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { op } from "../../src/autograd/op.ts";
import * as ops from "../../src/autograd/ops.ts";
import { worthProjecting } from "../../src/autograd/projected.ts";
import { backward, Var } from "../../src/autograd/var.ts";
import { referenceEngine } from "../../src/kernels/reference.ts";
import { Random } from "../../src/tensor/random.ts";
import { intsOf, passing, type Tensor, tensorOf } from "../../src/tensor/tensor.ts";
import { expectGradient, type Numbers } from "./gradient-check.ts";

const engine = referenceEngine(8);

interface Case {
  readonly f: (...xs: Var[]) => Var;
  readonly inputs: readonly Numbers[];
}

// Sizes: single rows and columns, and around the block sizes 4 and 8 of the kernels.
const dim = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9);
const rows = fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 9); // a batch may be empty
const number = fc.double({ min: -2, max: 2, noNaN: true });
/** Away from 0, where ReLU has a kink and a direction becomes arbitrary. */
const awayFromZero = fc
  .tuple(fc.double({ min: 0.05, max: 2, noNaN: true }), fc.boolean())
  .map(([x, negative]) => (negative ? -x : x));

const numbers = (shape: readonly number[], each: fc.Arbitrary<number> = number): fc.Arbitrary<Numbers> => {
  const size = shape.reduce((product, n) => product * n, 1);
  return fc.array(each, { minLength: size, maxLength: size }).map((values) => ({ shape, values }));
};
const indices = (length: number, below: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat({ max: below - 1 }), { minLength: length, maxLength: length });

const unary = (f: (x: Var) => Var, each = number): fc.Arbitrary<Case> =>
  fc.tuple(rows, dim).chain(([m, n]) => numbers([m, n], each).map((x) => ({ f, inputs: [x] })));
const binary = (f: (x: Var, y: Var) => Var): fc.Arbitrary<Case> =>
  fc.tuple(rows, dim).chain(([m, n]) => fc.tuple(numbers([m, n]), numbers([m, n])).map((inputs) => ({ f, inputs })));

/** Whether no entry of x w + bias is so near to 0 that a finite difference would step over the kink of ReLU. */
const isAwayFromKinks = (x: Numbers, w: Numbers, bias: Numbers): boolean => {
  const [m, k] = x.shape;
  const n = bias.shape[0];
  return Array.from({ length: m * n }, (_, e) => {
    const [i, j] = [Math.floor(e / n), e % n];
    return x.values.slice(i * k, i * k + k).reduce((z, v, p) => z + v * w.values[p * n + j], bias.values[j]);
  }).every((z) => Math.abs(z) > 0.01);
};

/** Bags of rows of a table, some of them empty. */
const bags = (n: number): fc.Arbitrary<{ rows: number[]; offsets: number[] }> =>
  fc.array(fc.array(fc.nat({ max: n - 1 }), { maxLength: 4 }), { maxLength: 5 }).map((lists) => ({
    rows: lists.flat(),
    offsets: lists.reduce((ends, list) => [...ends, ends[ends.length - 1] + list.length], [0]),
  }));

const cases = {
  linear: fc.tuple(rows, dim, dim, fc.boolean()).chain(([m, k, n, rectify]) =>
    fc
      .tuple(numbers([m, k]), numbers([k, n], awayFromZero), numbers([n], awayFromZero))
      .filter(([x, w, bias]) => !rectify || isAwayFromKinks(x, w, bias))
      .map((inputs) => ({ f: (...[x, w, bias]: Var[]) => ops.linear(x, w, bias, rectify), inputs })),
  ),
  scores: fc
    .tuple(rows, dim, dim)
    .chain(([b, c, d]) => fc.tuple(numbers([b, d]), numbers([c, d])).map((inputs) => ({ f: ops.scores, inputs }))),
  addBias: fc
    .tuple(rows, dim)
    .chain(([m, n]) => fc.tuple(numbers([m, n]), numbers([n])).map((inputs) => ({ f: ops.addBias, inputs }))),
  scaleColumns: fc
    .tuple(rows, dim)
    .chain(([m, n]) => fc.tuple(numbers([m, n]), numbers([n])).map((inputs) => ({ f: ops.scaleColumns, inputs }))),
  attend: fc
    .tuple(
      fc.array(fc.constantFrom(0, 1, 2, 3, 5, 8), { maxLength: 4 }),
      fc.constantFrom(1, 2, 3),
      fc.constantFrom(1, 2, 4),
    )
    .chain(([lengths, heads, width]) => {
      const offsets = [0];
      for (const length of lengths) offsets.push(offsets[offsets.length - 1] + length);
      const tokens = numbers([offsets[lengths.length], heads * width]);
      return fc.tuple(tokens, tokens, tokens, numbers([heads, 9])).map((inputs) => ({
        f: (...[q, k, v, recency]: Var[]) => ops.attend(q, k, v, recency, intsOf(engine, offsets)),
        inputs,
      }));
    }),
  add: binary(ops.add),
  multiply: binary(ops.multiply),
  affine: fc.tuple(number, number).chain(([s, t]) => unary((x) => ops.affine(x, s, t))),
  timesScalar: fc
    .tuple(rows, dim)
    .chain(([m, n]) => fc.tuple(numbers([m, n]), numbers([1])).map((inputs) => ({ f: ops.timesScalar, inputs }))),
  relu: unary(ops.relu, awayFromZero),
  exp: unary(ops.exp),
  softplus: unary(ops.softplus),
  gather: fc.tuple(dim, dim, rows).chain(([n, d, m]) =>
    fc.tuple(numbers([n, d]), indices(m, n)).map(([table, chosen]) => ({
      f: (x: Var) => ops.gather(x, intsOf(engine, chosen)),
      inputs: [table],
    })),
  ),
  lookUp: fc.tuple(dim, dim, dim).chain(([n, d, width]) =>
    bags(n).chain((bag) => {
      const m = bag.offsets.length - 1;
      return fc
        .tuple(numbers([n, d]), numbers([n, d]), numbers([m, width]), indices(m, n))
        .map(([one, many, dense, chosen]) => ({
          f: (...sources: Var[]) => {
            const bagged = { rows: intsOf(engine, bag.rows), offsets: intsOf(engine, bag.offsets) };
            return ops.lookUp(m, [{ rows: intsOf(engine, chosen) }, bagged, undefined], ...sources);
          },
          inputs: [one, many, dense],
        }));
    }),
  ),
  linearOfTables: fc
    .tuple(dim, dim, dim, dim, fc.constantFrom([0, 2], [3], []))
    .chain(([n, d, width, out, projected]) =>
      bags(n).chain((bag) => {
        const m = bag.offsets.length - 1;
        const tables = [numbers([n, d]), numbers([m, width]), numbers([n, 3]), numbers([n, d])] as const;
        return fc
          .tuple(...tables, numbers([2 * d + width + 3, out]), numbers([out]), indices(m, n), indices(m, n))
          .map(([one, dense, other, many, w, bias, first, second]) => ({
            f: (weight: Var, b: Var, ...sources: Var[]) => {
              const [chosen, also, rows, offsets] = [first, second, bag.rows, bag.offsets].map((all) =>
                intsOf(engine, all),
              );
              const readings = [{ rows: chosen }, undefined, { rows: also }, { rows, offsets }];
              return ops.linearOfTables(m, readings, new Set(projected), false, weight, b, ...sources);
            },
            inputs: [w, bias, one, dense, other, many],
          }));
      }),
    ),
  concat: fc
    .tuple(rows, dim, dim, dim)
    .chain(([m, a, b, c]) =>
      fc.tuple(numbers([m, a]), numbers([m, b]), numbers([m, c])).map((inputs) => ({ f: ops.concat, inputs })),
    ),
  pick: fc.tuple(rows, dim).chain(([m, n]) =>
    fc.tuple(numbers([m, n]), indices(m, n)).map(([x, columns]) => ({
      f: (v: Var) => ops.pick(v, intsOf(engine, columns)),
      inputs: [x],
    })),
  ),
  addColumn: fc
    .tuple(rows, dim, number)
    .chain(([m, n, s]) =>
      fc
        .tuple(numbers([m, n]), numbers([m]))
        .map((inputs) => ({ f: (x: Var, c: Var) => ops.addColumn(x, c, s), inputs })),
    ),
  maskInPlace: fc.tuple(dim, dim).chain(([m, n]) =>
    fc.tuple(numbers([m, n]), indices(m, n)).map(([x, columns]) => ({
      f: (v: Var) => {
        const offsets = Array.from({ length: m + 1 }, (_, i) => i);
        return ops.maskInPlace(ops.affine(v, 1, 0), intsOf(engine, offsets), intsOf(engine, columns), -5);
      },
      inputs: [x],
    })),
  ),
  shiftInPlace: fc.tuple(dim, dim).chain(([m, n]) =>
    fc.tuple(numbers([m, n]), indices(m, n), numbers([m])).map(([x, columns, shift]) => ({
      f: (v: Var) => ops.shiftInPlace(ops.affine(v, 1, 0), intsOf(engine, columns), shift.values),
      inputs: [x],
    })),
  ),
  groupDot: fc
    .tuple(dim, dim, dim)
    .chain(([b, k, d]) =>
      fc.tuple(numbers([b, d]), numbers([b * k, d])).map((inputs) => ({ f: ops.groupDot, inputs })),
    ),
  normalise: unary(ops.normalise, awayFromZero),
  // Spread out along each row: of numbers nearly equal the slope is so steep that finite differences miss it.
  standardise: fc.tuple(rows, dim).chain(([m, n]) =>
    numbers([m, n]).map(({ shape, values }) => ({
      f: ops.standardise,
      inputs: [{ shape, values: values.map((x, e) => 0.4 * x + (e % n)) }],
    })),
  ),
  sum: unary(ops.sum),
  sumColumns: unary(ops.sumColumns),
  dot: binary(ops.dot),
  crossEntropy: fc.tuple(rows, dim).chain(([b, c]) =>
    fc
      .tuple(numbers([b, c]), numbers([1], fc.double({ min: 0.5, max: 3, noNaN: true })), numbers([c]), indices(b, c))
      .map(([x, scale, bias, positive]) => ({
        f: (...[v, s, t]: Var[]) => ops.crossEntropy(v, s, t, intsOf(engine, positive)),
        inputs: [x, scale, bias],
      })),
  ),
  sampledSoftmax: fc.tuple(dim, dim, dim, fc.boolean()).chain(([m, c, d, masked]) =>
    fc
      .tuple(
        fc.tuple(numbers([m, d]), numbers([c, d]), numbers([1], fc.double({ min: 0.5, max: 3, noNaN: true }))),
        numbers([c]),
        fc.array(fc.array(fc.nat({ max: c - 1 }), { maxLength: 3 }), { minLength: m, maxLength: m }),
      )
      .map(([inputs, bias, lists]) => {
        const positives = lists.flat();
        const offsets = lists.reduce((ends, list) => [...ends, ends[ends.length - 1] + list.length], [0]);
        const each = (value: (e: number) => number): Tensor =>
          tensorOf(
            engine,
            [positives.length],
            positives.map((_, e) => value(e)),
          );
        return {
          f: (...[u, v, scale]: Var[]) =>
            ops.sampledSoftmax(u, v, scale, {
              bias: tensorOf(engine, [c], bias.values),
              masked: masked ? { offsets: intsOf(engine, offsets), columns: intsOf(engine, positives) } : undefined,
              offsets: intsOf(engine, offsets),
              positives: intsOf(engine, positives),
              own: each((e) => Math.sin(e)),
              weights: each((e) => 0.1 + 0.3 * e),
            }),
          inputs,
        };
      }),
  ),
} satisfies Record<keyof typeof ops, fc.Arbitrary<Case>>;

describe("every op's gradient agrees with finite differences in a random direction", () => {
  test.each(Object.entries(cases))("%s", (_name, arbitrary: fc.Arbitrary<Case>) => {
    fc.assert(fc.property(arbitrary, fc.nat(), ({ f, inputs }, seed) => expectGradient(engine, f, inputs, seed)));
  });

  test("and a gradient wrong by one part in a thousand is caught", () => {
    const wrongAffine = op<[x: Tensor]>("wrong", (x) => {
      const times = (s: number, t: Tensor): Tensor => {
        const y = passing(engine, t.shape);
        engine.kernels.affine(t.pointer, s, 0, y.pointer, y.size);
        return y;
      };
      return [times(2, x), (dy) => [() => times(2.002, dy)]];
    });
    const x = { shape: [3, 4], values: Array.from({ length: 12 }, (_, i) => i / 5 - 1) };
    expect(() => expectGradient(engine, wrongAffine, [x], 1)).toThrow(/pulled back/);
  });
});

describe("a value used more than once", () => {
  test("receives the sum of the gradients", () => {
    const x = new Var(tensorOf(engine, [2], [3, -1]), true);
    const y = ops.sum(ops.add(ops.multiply(x, x), x)); // x² + x
    backward(y, tensorOf(engine, [1], [1]));
    expect([...x.grad!.data]).toEqual([7, -1]); // 2x + 1
    engine.endStep();
  });

  test("in a diamond whose arms differ in length gets each arm once", () => {
    const x = { shape: [2, 3], values: [0.3, -0.7, 0.2, 0.9, -0.4, 0.6] };
    const diamond = (v: Var): Var => {
      const a = ops.softplus(v);
      return ops.add(ops.exp(ops.softplus(a)), ops.multiply(a, v));
    };
    expectGradient(engine, diamond, [x], 7);
  });
});

test("nothing is computed for what needs no gradient", () => {
  const x = new Var(tensorOf(engine, [1], [2]), true);
  const constant = new Var(tensorOf(engine, [1], [5]));
  backward(ops.multiply(x, constant), tensorOf(engine, [1], [1]));
  expect(x.grad!.data[0]).toBe(5);
  expect(constant.grad).toBeUndefined();
  engine.endStep();
});

test("shapes that do not fit are named", () => {
  const x = new Var(tensorOf(engine, [2, 3], [1, 2, 3, 4, 5, 6]));
  expect(() => ops.linear(x, x, x, false)).toThrow("linear: [2, 3] and [2, 3] and [2, 3] do not fit");
});

test("a layer of projected tables is the layer of what is looked up, and so are its gradients", () => {
  const random = new Random(3);
  const tensor = (...shape: number[]): Var => {
    const size = shape.reduce((product, n) => product * n, 1);
    return new Var(
      tensorOf(
        engine,
        shape,
        Array.from({ length: size }, () => random.between(-1, 1)),
      ),
      true,
    );
  };
  const m = 40;
  const draw = (count: number, below: number) =>
    intsOf(
      engine,
      Array.from({ length: count }, () => random.below(below)),
    );
  const offsets = intsOf(
    engine,
    Array.from({ length: m + 1 }, (_, i) => 2 * i),
  );
  const readings = [
    { rows: draw(m, 30) },
    { rows: draw(m, 3) },
    { rows: draw(2 * m, 9), offsets },
    { rows: draw(m, 8) },
  ];
  const results = [true, false].map((together) => {
    random.state = new Random(4).state;
    const sources = [tensor(30, 4), tensor(3, 5), tensor(9, 6), tensor(8, 2)];
    const [w, bias] = [tensor(17, 7), tensor(7)];
    const projected = worthProjecting(
      m,
      readings,
      sources.map(({ value }) => value),
    );
    expect([...projected]).toEqual([1, 3]); // a row at a time, few rows
    const y = together
      ? ops.linearOfTables(m, readings, projected, true, w, bias, ...sources)
      : ops.linear(ops.lookUp(m, readings, ...sources), w, bias, true);
    backward(y, tensor(m, 7).value);
    return [y.value, ...[w, bias, ...sources].map((each) => each.denseGrad()!)].map(({ data }) => [...data]);
  });
  for (const [t, values] of results[0].entries())
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(results[1][t][i], 10);
});
