import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as ops from "../../src/autograd/ops.ts";
import { backward, Var } from "../../src/autograd/var.ts";
import { referenceEngine } from "../../src/kernels/reference.ts";
import { contrastive } from "../../src/losses/contrastive.ts";
import { listwise } from "../../src/losses/listwise.ts";
import type { Judged, Loss } from "../../src/losses/loss.ts";
import { pairwise } from "../../src/losses/pairwise.ts";
import { pointwise } from "../../src/losses/pointwise.ts";
import { Random } from "../../src/tensor/random.ts";
import { intsOf, tensorOf } from "../../src/tensor/tensor.ts";
import { expectGradient } from "../autograd/gradient-check.ts";

const engine = referenceEngine(8);

/** A score matrix, the positives, weights, log Q and known positives, as plain numbers. */
interface Example {
  readonly b: number;
  readonly c: number;
  readonly scores: number[];
  readonly positive: number[];
  readonly weights: number[];
  readonly logQ: number[];
  readonly known: number[][];
}

const examples: fc.Arbitrary<Example> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }))
  .chain(([b, c]) =>
    fc.record({
      b: fc.constant(b),
      c: fc.constant(c),
      scores: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: b * c, maxLength: b * c }),
      positive: fc.array(fc.nat({ max: c - 1 }), { minLength: b, maxLength: b }),
      weights: fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: b, maxLength: b }),
      logQ: fc.array(fc.double({ min: -8, max: 0, noNaN: true }), { minLength: c, maxLength: c }),
      known: fc.array(fc.uniqueArray(fc.nat({ max: c - 1 })), { minLength: b, maxLength: b }),
    }),
  )
  .map((e) => {
    const total = e.weights.reduce((sum, w) => sum + w, 0);
    const known = e.known.map((columns, i) => columns.filter((j) => j !== e.positive[i]));
    return { ...e, weights: e.weights.map((w) => w / total), known };
  });

function judge(e: Example, scores: Var, withLogQ: boolean): Judged {
  const offsets = e.known.reduce((ends, columns) => [...ends, ends[ends.length - 1] + columns.length], [0]);
  return {
    scores,
    positive: intsOf(engine, e.positive),
    correction: withLogQ
      ? tensorOf(
          engine,
          [e.c],
          e.logQ.map((q) => -q),
        )
      : undefined,
    masked: { offsets: intsOf(engine, offsets), columns: intsOf(engine, e.known.flat()) },
    weights: tensorOf(engine, [e.b], e.weights),
  };
}

function lossOf(loss: Loss, e: Example, withLogQ = false): number {
  const module = loss.build(engine);
  const scores = new Var(tensorOf(engine, [e.b, e.c], e.scores));
  const value = module.forward(judge(e, scores, withLogQ)).value.data[0];
  engine.endStep();
  return value;
}

/** Σᵢ weightᵢ · ofRow(positive score, negative scores with their columns). */
function byHand(
  e: Example,
  ofRow: (positive: number, negatives: { score: number; j: number }[], i: number) => number,
): number {
  return e.weights.reduce((sum, weight, i) => {
    const row = e.scores.slice(i * e.c, (i + 1) * e.c);
    const negatives = row
      .map((score, j) => ({ score, j }))
      .filter(({ j }) => j !== e.positive[i] && !e.known[i].includes(j));
    return sum + weight * ofRow(row[e.positive[i]], negatives, i);
  }, 0);
}

const expectClose = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThan(1e-9 * (1 + Math.abs(expected)));

describe("each loss equals its formula", () => {
  test("listwise: −log( e^z⁺ / Σ e^z ), z = cos / T", () =>
    fc.assert(
      fc.property(examples, (e) => {
        const T = 0.2;
        const expected = byHand(e, (positive, negatives) => {
          const sum = negatives.reduce((total, { score }) => total + Math.exp(score / T), Math.exp(positive / T));
          return -Math.log(Math.exp(positive / T) / sum);
        });
        expectClose(lossOf(listwise({ temperature: T }), e), expected);
        expectClose(lossOf(listwise({ temperature: T, learnTemperature: true }), e), expected);
      }),
    ));

  test("listwise with log Q: z = cos / T − log Q, for the positive as well (Yi 2019)", () =>
    fc.assert(
      fc.property(examples, (e) => {
        const T = 0.5;
        const z = (score: number, j: number): number => score / T - e.logQ[j];
        const expected = byHand(e, (positive, negatives, i) => {
          const own = Math.exp(z(positive, e.positive[i]));
          return -Math.log(own / negatives.reduce((total, { score, j }) => total + Math.exp(z(score, j)), own));
        });
        expectClose(lossOf(listwise({ temperature: T }), e, true), expected);
      }),
    ));

  test("listwise with log Q of the negatives alone: z⁺ = cos / T", () =>
    fc.assert(
      fc.property(examples, (e) => {
        const T = 0.5;
        const expected = byHand(e, (positive, negatives) => {
          const own = Math.exp(positive / T);
          const sum = negatives.reduce((total, { score, j }) => total + Math.exp(score / T - e.logQ[j]), own);
          return -Math.log(own / sum);
        });
        expectClose(lossOf(listwise({ temperature: T, logQ: "negatives" }), e, true), expected);
        expectClose(lossOf(listwise({ temperature: T, logQ: "negatives", learnTemperature: true }), e, true), expected);
      }),
    ));

  test("pairwise hinge: max{0, cos⁻ + m − cos⁺}", () =>
    fc.assert(
      fc.property(examples, fc.double({ min: 0, max: 2, noNaN: true }), (e, margin) => {
        const expected = byHand(e, (positive, negatives) => {
          const violations = negatives.map(({ score }) => Math.max(0, score + margin - positive));
          return violations.reduce((sum, x) => sum + x, 0) / Math.max(1, e.c - 1);
        });
        expectClose(lossOf(pairwise({ margin }), e), expected);
      }),
    ));

  test("pairwise logistic: log(1 + e^((cos⁻ + m − cos⁺) / T))", () =>
    fc.assert(
      fc.property(examples, (e) => {
        const [margin, T] = [0.1, 0.3];
        const expected = byHand(e, (positive, negatives) => {
          const losses = negatives.map(({ score }) => Math.log1p(Math.exp((score + margin - positive) / T)));
          return losses.reduce((sum, x) => sum + x, 0) / Math.max(1, e.c - 1);
        });
        expectClose(lossOf(pairwise({ margin, variant: "logistic", temperature: T }), e), expected);
      }),
    ));

  test("pointwise: log(1 + e^−z⁺) + Σ log(1 + e^z⁻), z = s · cos", () =>
    fc.assert(
      fc.property(examples, (e) => {
        const s = 4;
        const expected = byHand(e, (positive, negatives) => {
          const own = Math.log1p(Math.exp(-s * positive));
          return negatives.reduce((sum, { score }) => sum + Math.log1p(Math.exp(s * score)), own) / e.c;
        });
        expectClose(lossOf(pointwise({ scale: s }), e), expected);
      }),
    ));
});

describe("each loss has the gradient of its formula", () => {
  const losses: Record<string, Loss> = {
    listwise: listwise({ temperature: 0.3 }),
    "listwise, log Q of negatives": listwise({ temperature: 0.3, logQ: "negatives" }),
    "pairwise, logistic": pairwise({ variant: "logistic", margin: 0.2, temperature: 0.5 }),
    pointwise: pointwise({ scale: 3 }),
  };
  test.each(Object.entries(losses))("%s", (_name, loss) => {
    fc.assert(
      fc.property(examples, fc.nat(), (e, seed) => {
        // The mask writes into the scores, so every evaluation gets a copy of them.
        const f = (scores: Var): Var => loss.build(engine).forward(judge(e, ops.affine(scores, 1, 0), true));
        expectGradient(engine, f, [{ shape: [e.b, e.c], values: e.scores }], seed);
      }),
    );
  });
});

test("log Q of the negatives alone has the gradient of arXiv:2507.09331: −sg(1 − P)(z⁺ − log Σ⁻ e^(z − log Q))", () => {
  fc.assert(
    fc.property(examples, (e) => {
      const T = 0.5;
      const scores = new Var(tensorOf(engine, [e.b, e.c], e.scores), true);
      const given = judge(e, ops.affine(scores, 1, 0), true);
      backward(
        listwise({ temperature: T, logQ: "negatives" }).build(engine).forward(given),
        tensorOf(engine, [1], [1]),
      );
      const gradient = [...scores.grad!.data];
      engine.endStep();
      for (let i = 0; i < e.b; i++) {
        const negatives = [...Array(e.c).keys()].filter((j) => j !== e.positive[i] && !e.known[i].includes(j));
        const weight = (j: number): number => Math.exp(e.scores[i * e.c + j] / T - e.logQ[j]);
        const sum = negatives.reduce((total, j) => total + weight(j), 0);
        const P = 1 / (1 + sum / Math.exp(e.scores[i * e.c + e.positive[i]] / T));
        const outer = (-(1 - P) * e.weights[i]) / T;
        expectClose(gradient[i * e.c + e.positive[i]], outer);
        for (const j of negatives) expectClose(gradient[i * e.c + j], (-outer * weight(j)) / sum);
      }
    }),
  );
});

test("contrastive: each view finds its own among all others, −(1/n) Σ log softmax(cos / T)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), (n, seed) => {
      const random = new Random(seed);
      const d = 3;
      const T = 0.3;
      const numbers = (): number[] => Array.from({ length: n * d }, () => random.between(-1, 1));
      const [x, y] = [numbers(), numbers()];
      const f = (a: Var, b: Var): Var => contrastive(ops.normalise(a), ops.normalise(b), T);
      const unit = (z: number[], i: number): number[] => {
        const row = z.slice(i * d, (i + 1) * d);
        return row.map((v) => v / Math.hypot(...row));
      };
      const cosine = (i: number, j: number): number => unit(x, i).reduce((sum, v, e) => sum + v * unit(y, j)[e], 0);
      const expected = Array.from({ length: n }, (_, i) => {
        const sum = Array.from({ length: n }, (_, j) => Math.exp(cosine(i, j) / T)).reduce((a, b) => a + b);
        return Math.log(sum) - cosine(i, i) / T;
      }).reduce((a, b) => a + b / n, 0);
      const shape = [n, d];
      expectClose(f(new Var(tensorOf(engine, shape, x)), new Var(tensorOf(engine, shape, y))).value.data[0], expected);
      engine.endStep();
      expectGradient(
        engine,
        f,
        [
          { shape, values: x },
          { shape, values: y },
        ],
        seed,
      );
    }),
    { numRuns: 30 },
  );
});

describe("what the losses are for", () => {
  const good: Example = { b: 1, c: 3, scores: [1, -1, -1], positive: [0], weights: [1], logQ: [0, 0, 0], known: [[]] };
  const bad: Example = { ...good, positive: [1] };
  test.each([listwise(), pairwise(), pointwise()])("$name prefers the positive on top", (loss) => {
    expect(lossOf(loss, good)).toBeLessThan(lossOf(loss, bad));
  });

  test("a perfect pair costs a pointwise loss with s = 1 no less than 0.3133, and one with s = 5 next to nothing", () => {
    expect(lossOf(pointwise({ scale: 1 }), good)).toBeCloseTo(0.3133, 4);
    expect(lossOf(pointwise({ scale: 5 }), good)).toBeLessThan(0.01);
  });

  test("log Q has the right sign: an item offered more often counts less as a negative", () => {
    const offered = (logQ: number[]): number => lossOf(listwise(), { ...good, scores: [0, 0, 0], logQ }, true);
    expect(offered([-3, -1, -3])).toBeLessThan(offered([-3, -3, -3]));
  });
});

test("impossible options are refused, with what was expected", () => {
  expect(() => listwise({ temperature: 0 })).toThrow("listwise: temperature is 0; expected a number above 0");
  expect(() => pairwise({ margin: 3 })).toThrow("margin is 3; expected a number from 0 to 2");
  expect(() => pointwise({ scale: Number.NaN })).toThrow("pointwise: scale is NaN");
});
