import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kernels, Pointer } from "../../src/kernels/contract.ts";
import type { Engine } from "../../src/kernels/engine.ts";
import { referenceEngine } from "../../src/kernels/reference.ts";
import { wasmEngine } from "../../src/kernels/wasm.ts";
import { Random } from "../../src/tensor/random.ts";

/** One engine's side of a comparison: inputs from a seeded stream, outputs gathered for comparing. */
class Bench {
  readonly engine: Engine;
  readonly outputs: number[][] = [];
  readonly #random: Random;

  constructor(engine: Engine, seed: number) {
    this.engine = engine;
    this.#random = new Random(seed);
  }

  floats(n: number, low = -2, high = 2): Pointer {
    const pointer = this.engine.passing(n * this.engine.floatBytes);
    const values = Float32Array.from({ length: n }, () => this.#random.between(low, high)); // what both widths can hold
    this.engine.floats(pointer, n).set(values);
    return pointer;
  }
  ints(values: readonly number[]): Pointer {
    const pointer = this.engine.passing(values.length * 4);
    this.engine.ints(pointer, values.length).set(values);
    return pointer;
  }
  rows(count: number, below: number): number[] {
    return Array.from({ length: count }, () => this.#random.below(below));
  }
  result(pointer: Pointer, n: number): void {
    this.outputs.push([...this.engine.floats(pointer, n)]);
  }
  resultInts(pointer: Pointer, n: number): void {
    this.outputs.push([...this.engine.ints(pointer, n)]);
  }
}

type Sizes = readonly [m: number, n: number, k: number];
type Run = (bench: Bench, kernels: Kernels, sizes: Sizes) => void;

const unary =
  (name: "exp" | "sigmoid" | "softplus" | "relu", low = -20, high = 20): Run =>
  (bench, kernels, [m, n]) => {
    const x = bench.floats(m * n, low, high);
    kernels[name](x, x, m * n);
    bench.result(x, m * n);
  };
const binary =
  (name: "add" | "multiply"): Run =>
  (bench, kernels, [m, n]) => {
    const [x, y] = [bench.floats(m * n), bench.floats(m * n)];
    kernels[name](x, y, x, m * n);
    bench.result(x, m * n);
  };
const matmul =
  (name: "matmulNN" | "matmulNT" | "matmulTN"): Run =>
  (bench, kernels, [m, n, k]) => {
    const [a, b, c] = [bench.floats(m * k), bench.floats(k * n), bench.floats(m * n)];
    kernels[name](a, b, c, m, n, k, true);
    bench.result(c, m * n);
    kernels[name](a, b, c, m, n, k, false);
    bench.result(c, m * n);
  };
/** What is packed is the kernels' own business; that it multiplies is not. */
const packed = (bench: Bench, kernels: Kernels, [m, n, k]: Sizes, transposed: boolean): void => {
  const [a, b, c] = [bench.floats(m * k), bench.floats(k * n), bench.floats(m * n)];
  const panels = bench.engine.passing(k * (n + 7) * bench.engine.floatBytes);
  kernels.pack(b, panels, n, k, transposed);
  kernels.matmulPacked(a, panels, c, m, n, k, true);
  bench.result(c, m * n);
  kernels.matmulPacked(a, panels, c, m, n, k, false);
  bench.result(c, m * n);
};
/** Bags of 0, 1, 2, 3, 0, … rows. */
const bags = (b: number): number[] =>
  Array.from({ length: b + 1 }, (_, i) => Array.from({ length: i }, (_, j) => j % 4).reduce((s, x) => s + x, 0));

const cases = {
  matmulNN: matmul("matmulNN"),
  matmulNT: matmul("matmulNT"),
  matmulTN: matmul("matmulTN"),
  pack: (bench, kernels, sizes) => packed(bench, kernels, sizes, true),
  matmulPacked: (bench, kernels, sizes) => packed(bench, kernels, sizes, false),
  linear: (bench, kernels, [m, n, k]) => {
    const [a, b, bias, y] = [bench.floats(m * k), bench.floats(k * n), bench.floats(n), bench.floats(m * n)];
    for (const rectify of [false, true])
      for (const accumulate of [false, true]) {
        kernels.linear(a, b, bias, y, m, n, k, rectify, accumulate);
        bench.result(y, m * n);
      }
  },
  fill: (bench, kernels, [m, n]) => {
    const x = bench.floats(m * n + 1);
    kernels.fill(x, 1.5, m * n);
    bench.result(x, m * n + 1); // and the number behind stays what it was
  },
  affine: (bench, kernels, [m, n]) => {
    const x = bench.floats(m * n);
    kernels.affine(x, 1.25, -0.5, x, m * n);
    bench.result(x, m * n);
  },
  add: binary("add"),
  multiply: binary("multiply"),
  relu: unary("relu"),
  reluBackward: (bench, kernels, [m, n]) => {
    const [y, dy] = [bench.floats(m * n), bench.floats(m * n)];
    kernels.reluBackward(y, dy, dy, m * n);
    bench.result(dy, m * n);
  },
  exp: unary("exp"),
  sigmoid: unary("sigmoid"),
  softplus: unary("softplus"),
  addRow: (bench, kernels, [m, n]) => {
    const [x, row] = [bench.floats(m * n), bench.floats(n)];
    kernels.addRow(x, row, x, m, n);
    bench.result(x, m * n);
  },
  addColumn: (bench, kernels, [m, n]) => {
    const [x, column] = [bench.floats(m * n), bench.floats(m)];
    kernels.addColumn(x, column, -2, x, m, n);
    bench.result(x, m * n);
  },
  sumRows: (bench, kernels, [m, n]) => {
    const [x, out] = [bench.floats(m * n), bench.floats(n)];
    kernels.sumRows(x, out, m, n);
    bench.result(out, n);
  },
  sumColumns: (bench, kernels, [m, n]) => {
    const [x, out] = [bench.floats(m * n), bench.floats(m)];
    kernels.sumColumns(x, out, m, n);
    bench.result(out, m);
  },
  sum: (bench, kernels, [m, n]) => {
    bench.outputs.push([kernels.sum(bench.floats(m * n), m * n)]);
  },
  rowDot: (bench, kernels, [m, n]) => {
    const [x, y, out] = [bench.floats(m * n), bench.floats(m * n), bench.floats(m)];
    kernels.rowDot(x, y, out, m, n);
    bench.result(out, m);
  },
  copyRows: (bench, kernels, [m, n]) => {
    const [x, y] = [bench.floats(m * (n + 2)), bench.floats(m * (n + 3))];
    kernels.copyRows(x, n + 2, y, n + 3, m, n);
    bench.result(y, m * (n + 3));
  },
  crossEntropy: (bench, kernels, [b, c]) => {
    if (c === 0) return;
    const [x, bias, loss] = [bench.floats(b * c), bench.floats(c), bench.floats(b)];
    const positive = bench.ints(bench.rows(b, c));
    const p = bench.floats(b * c);
    kernels.crossEntropy(x, 3, 0, positive, p, loss, b, c);
    bench.result(p, b * c);
    bench.result(loss, b);
    kernels.crossEntropy(x, 7, bias, positive, x, loss, b, c);
    bench.result(x, b * c);
    bench.result(loss, b);
  },
  crossEntropyBackward: (bench, kernels, [b, c]) => {
    if (c === 0) return;
    const [p, dLoss] = [bench.floats(b * c, 0, 1), bench.floats(b)];
    kernels.crossEntropyBackward(p, 5, bench.ints(bench.rows(b, c)), dLoss, p, b, c);
    bench.result(p, b * c);
  },
  sampledSoftmax: (bench, kernels, [m, c]) => {
    if (c === 0) return;
    for (const masked of [false, true]) {
      const [x, bias] = [bench.floats(m * c, -1, 1), bench.floats(c)];
      const offsets = bags(m);
      const examples = offsets[m];
      const positives = bench.rows(examples, c);
      const [own, weights, loss] = [bench.floats(examples), bench.floats(examples, 0.1, 1), bench.floats(examples)];
      // Rows mask their own positives, as always where the data know them, or nothing.
      const [maskOffsets, columns] = masked ? [bench.ints(offsets), bench.ints(positives)] : [0, 0];
      const rows = [bench.ints(offsets), bench.ints(positives)] as const;
      kernels.sampledSoftmax(x, 4, bias, maskOffsets, columns, ...rows, own, weights, loss, m, c);
      bench.result(x, m * c);
      bench.result(loss, examples);
    }
  },
  mask: (bench, kernels, [b, c]) => {
    if (c === 0) return;
    const x = bench.floats(b * c);
    const offsets = bags(b);
    kernels.mask(x, bench.ints(offsets), bench.ints(bench.rows(offsets[b], c)), -9, b, c);
    bench.result(x, b * c);
  },
  causalSoftmax: (bench, kernels, [n]) => {
    const [x, recency] = [bench.floats(n * n, -9, 9), bench.floats(n)];
    kernels.causalSoftmax(x, 0.7, recency, x, n);
    bench.result(x, n * n);
  },
  causalSoftmaxBackward: (bench, kernels, [n]) => {
    const [y, dy, dRecency] = [bench.floats(n * n, 0, 1 / (n + 1)), bench.floats(n * n), bench.floats(n)];
    kernels.causalSoftmaxBackward(y, dy, 0.7, dy, dRecency, n);
    bench.result(dy, n * n);
    bench.result(dRecency, n);
  },
  standardiseRows: (bench, kernels, [m, n]) => {
    if (n < 2) return; // one number minus itself
    const [x, inverse] = [bench.floats(m * n), bench.floats(m)];
    kernels.standardiseRows(x, x, inverse, m, n);
    bench.result(x, m * n);
    bench.result(inverse, m);
  },
  standardiseRowsBackward: (bench, kernels, [m, n]) => {
    const [y, inverse, dy] = [bench.floats(m * n, -1, 1), bench.floats(m, 0.5, 2), bench.floats(m * n)];
    kernels.standardiseRowsBackward(y, inverse, dy, dy, m, n);
    bench.result(dy, m * n);
  },
  multiplyRow: (bench, kernels, [m, n]) => {
    const [x, row] = [bench.floats(m * n), bench.floats(n)];
    kernels.multiplyRow(x, row, x, m, n);
    bench.result(x, m * n);
  },
  normaliseRows: (bench, kernels, [m, n]) => {
    const [x, norms] = [bench.floats(m * n), bench.floats(m)];
    kernels.normaliseRows(x, x, norms, m, n);
    bench.result(x, m * n);
    bench.result(norms, m);
  },
  normaliseRowsBackward: (bench, kernels, [m, n]) => {
    const [y, norms, dy] = [bench.floats(m * n, -1, 1), bench.floats(m, 0.5, 2), bench.floats(m * n)];
    kernels.normaliseRowsBackward(y, norms, dy, dy, m, n);
    bench.result(dy, m * n);
  },
  gather: (bench, kernels, [m, d]) => {
    const [table, y] = [bench.floats(7 * d), bench.floats(m * (d + 3))];
    kernels.gather(table, bench.ints(bench.rows(m, 7)), y, m, d, d + 3);
    bench.result(y, m * (d + 3)); // what lies between the rows stays
  },
  scatterAdd: (bench, kernels, [m, d]) => {
    const [table, dy] = [bench.floats(7 * d), bench.floats(m * (d + 3))];
    kernels.scatterAdd(dy, d + 3, bench.ints(bench.rows(m, 7)), table, m, d);
    bench.result(table, 7 * d);
  },
  poolMean: (bench, kernels, [b, d]) => {
    const [table, y] = [bench.floats(7 * d), bench.floats(b * (d + 3))];
    const offsets = bags(b);
    kernels.poolMean(table, bench.ints(bench.rows(offsets[b], 7)), bench.ints(offsets), y, b, d, d + 3);
    bench.result(y, b * (d + 3));
  },
  poolMeanBackward: (bench, kernels, [b, d]) => {
    const [table, dy] = [bench.floats(7 * d), bench.floats(b * (d + 3))];
    const offsets = bags(b);
    kernels.poolMeanBackward(dy, d + 3, bench.ints(bench.rows(offsets[b], 7)), bench.ints(offsets), table, b, d);
    bench.result(table, 7 * d);
  },
  uniqueRows: (bench, kernels, [m, n]) => {
    const slots = bench.ints(bench.rows(9, 1 << 30)); // garbage, as any step may find it
    const [unique, positions] = [bench.ints(bench.rows(m + n, 9)), bench.ints(bench.rows(m + n, 9))];
    const first = kernels.uniqueRows(bench.ints(bench.rows(m, 9)), m, slots, unique, 0, positions);
    const second = kernels.uniqueRows(bench.ints(bench.rows(n, 9)), n, slots, unique, first, positions + 4 * m);
    bench.outputs.push([first, second]);
    bench.resultInts(unique, second);
    bench.resultInts(positions, m + n);
  },
  groupDot: (bench, kernels, [b, k, d]) => {
    const [u, v, out] = [bench.floats(b * d), bench.floats(b * k * d), bench.floats(b * k)];
    kernels.groupDot(u, v, out, b, k, d);
    bench.result(out, b * k);
  },
  groupSum: (bench, kernels, [b, k, d]) => {
    const [w, v, y] = [bench.floats(b * k), bench.floats(b * k * d), bench.floats(b * d)];
    kernels.groupSum(w, v, y, b, k, d);
    bench.result(y, b * d);
  },
  groupOuter: (bench, kernels, [b, k, d]) => {
    const [w, u, v] = [bench.floats(b * k), bench.floats(b * d), bench.floats(b * k * d)];
    kernels.groupOuter(w, u, v, b, k, d);
    bench.result(v, b * k * d);
  },
  adam: (bench, kernels, [count, d]) => {
    const n = 10 * d;
    const [x, m, v, grad] = [bench.floats(n), bench.floats(n), bench.floats(n, 0, 1), bench.floats(count * d)];
    const rows = bench.ints(
      Array.from({ length: count }, (_, i) => (i * 3) % 10).filter((r, i, all) => all.indexOf(r) === i),
    );
    const distinct = Math.min(count, 10);
    kernels.adam(x, m, v, grad, rows, distinct, d, 0.1, 0.9, 0.99, 1e-8, 0.5, 0.25, 0.01);
    kernels.adam(x, m, v, grad, 0, Math.min(count, 10), d, 0.1, 0.9, 0.99, 1e-8, 0.5, 0.25, 0);
    for (const state of [x, m, v]) bench.result(state, n);
  },
  adagrad: (bench, kernels, [count, d]) => {
    const n = 10 * d;
    const [x, s, grad] = [bench.floats(n), bench.floats(n, 0.1, 1), bench.floats(count * d)];
    kernels.adagrad(x, s, grad, bench.ints([3, 1, 9, 0, 7, 5, 8, 2, 6, 4]), Math.min(count, 10), d, 0.1, 1e-8, 0.01);
    kernels.adagrad(x, s, grad, 0, Math.min(count, 10), d, 0.1, 1e-8, 0);
    for (const state of [x, s]) bench.result(state, n);
  },
  adagradRowWise: (bench, kernels, [count, d]) => {
    if (d === 0) return;
    const [x, s, grad] = [bench.floats(10 * d), bench.floats(10, 0.1, 1), bench.floats(count * d)];
    kernels.adagradRowWise(
      x,
      s,
      grad,
      bench.ints([3, 1, 9, 0, 7, 5, 8, 2, 6, 4]),
      Math.min(count, 10),
      d,
      0.1,
      1e-8,
      0.01,
    );
    bench.result(x, 10 * d);
    bench.result(s, 10);
  },
  topK: (bench, kernels, [m, n, k]) => {
    const x = bench.floats(m * n);
    bench.engine.floats(x, m * n).forEach((value, i, all) => {
      all[i] = i % 11 === 3 ? -Infinity : i % 13 === 5 ? Number.NaN : Math.round(value * 4); // ties, nothing, not a number
    });
    const [columns, values] = [bench.ints(new Array(m * k).fill(7)), bench.floats(m * k)];
    kernels.topK(x, m, n, k, 0, columns, values);
    bench.resultInts(columns, m * k);
    bench.result(values, m * k);
    kernels.topK(x, m, n, k, n, columns, values); // the same columns again, as if there were more: of equals the first ones stay
    bench.resultInts(columns, m * k);
    bench.result(values, m * k);
  },
} satisfies Record<keyof Kernels, Run>;

const size = fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 65);

function outputsOf(engine: Engine, run: Run, sizes: Sizes, seed: number): number[][] {
  engine.endStep();
  const bench = new Bench(engine, seed);
  run(bench, engine.kernels, sizes);
  return bench.outputs;
}

describe.each([
  ["WebAssembly", wasmEngine()],
  ["the float32 reference", referenceEngine(4)],
] as const)("%s agrees with the float64 reference, whatever the sizes", (_name, engine) => {
  const exact = referenceEngine(8);
  test.each(Object.entries(cases))("%s", (_kernel, run) => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (m, n, k, seed) => {
        const expected = outputsOf(exact, run, [m, n, k], seed);
        const actual = outputsOf(engine, run, [m, n, k], seed);
        expect(actual.length).toBe(expected.length);
        for (const [o, values] of expected.entries())
          for (const [i, value] of values.entries()) {
            const error = Math.abs(actual[o][i] - value);
            if (!(actual[o][i] === value || error <= 2e-5 * (1 + Math.abs(value))))
              expect.fail(`output ${o}[${i}]: ${actual[o][i]}, expected ${value}`);
          }
      }),
      { numRuns: 60 },
    );
  });
});

test("matrix products larger than every cache block agree too", () => {
  const sizes: Sizes = [130, 530, 600];
  for (const name of ["matmulNN", "matmulNT", "matmulTN", "linear"] as const) {
    const expected = outputsOf(referenceEngine(8), cases[name], sizes, 5);
    const actual = outputsOf(wasmEngine(), cases[name], sizes, 5);
    for (const [o, values] of expected.entries())
      for (const [i, value] of values.entries())
        if (!(Math.abs(actual[o][i] - value) < 2e-3)) expect.fail(`${name} ${o}[${i}]`);
  }
});

test("topK of long rows agrees too, also where every sixteenth score, by which it guesses, is larger than the others", () => {
  const [n, k] = [4000, 21];
  const scores = (i: number): number => ((i * 7919) % 997) + (i % 16 === 0 ? 5000 : 0);
  const few = (i: number): number => (i % 16 === 0 && i < 16 * 12 ? 9 : 1); // fewer than k above the guess
  const best = (engine: Engine, score: (i: number) => number): number[] => {
    const [x, columns, values] = [n, k, k].map((count) => engine.passing(count * 8));
    engine.floats(x, n).forEach((_, i, all) => {
      all[i] = score(i);
    });
    engine.kernels.topK(x, 1, n, k, 0, columns, values);
    return [...engine.ints(columns, k), ...engine.floats(values, k)];
  };
  for (const score of [scores, few, () => Number.NaN, () => -Infinity, (i: number) => i % 50])
    expect(best(wasmEngine(), score)).toEqual(best(referenceEngine(8), score));
});

test("the same inputs give the same bits, wherever in memory they lie", () => {
  const engine = wasmEngine();
  const first = outputsOf(engine, cases.crossEntropy, [17, 33, 0], 9);
  engine.endStep();
  engine.lasting(12345);
  expect(outputsOf(engine, cases.crossEntropy, [17, 33, 0], 9)).toEqual(first);
});
