import { constant } from "../autograd/op.ts";
import {
  add,
  crossEntropy,
  dot,
  exp,
  maskInPlace,
  sampledSoftmax,
  shiftInPlace,
  timesScalar,
} from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import { expectKinds, type Kind, positive, yesNo } from "../features/kinds.ts";
import type { Engine } from "../kernels/engine.ts";
import { log } from "../kernels/math.ts";
import { Parameter } from "../nn/parameter.ts";
import { inBatch, mixed, uniform } from "../sampling/negatives.ts";
import { type Ints, lasting, passing, type Tensor, tensorOf, zeros } from "../tensor/tensor.ts";
import { type Distinct, type Judged, type Loss, type LossModule, MASKED } from "./loss.ts";

/** Options of `listwise`. */
export interface ListwiseOptions {
  /**
   * T of the softmax: small looks only at the hardest negatives. Default 0.15: on held-out pairs of MovieLens 1M and of a
   * part of Gowalla, full softmax, .14 and .15 were better than .1 by 5 to 13 % of NDCG@20.
   */
  readonly temperature?: number;
  /** Learn log 1/T with the model, starting from `temperature`. Default false. */
  readonly learnTemperature?: boolean;
  /**
   * Subtract log Q of each candidate, as sampling demands. Default true: of the positive as well (Yi et al. 2019).
   * "negatives": of them alone, because the positive is there for certain and not by chance (arXiv:2507.09331).
   */
  readonly logQ?: LogQ;
}

type LogQ = boolean | "negatives";
const yesNoNegatives: Kind = [(logQ) => yesNo[0](logQ) || logQ === "negatives", 'true, false or "negatives"'];

/**
 * Listwise: softmax over one positive and many negatives,
 *   L = −log( e^z⁺ / Σⱼ e^zⱼ ),   zⱼ = cos(u, vⱼ) / T − log Qⱼ
 * Qⱼ is how often the sampler offers candidate j. Popular items are offered more often as in-batch negatives than
 * their share of the catalogue; without the subtraction the model learns to avoid them (Yi et al. 2019, section 3).
 *
 * With logQ "negatives", z⁺ = cos(u, v⁺) / T. If a negative j is expected Qⱼ times, Σ e^zⱼ over those that came has the
 * sum over the catalogue as its expectation, so this is the full softmax but for chance. Its gradient is that of
 *   −sg(1 − P) · ( z⁺ − log Σ⁻ e^zⱼ ),   P = e^z⁺ / (e^z⁺ + Σ⁻ e^zⱼ)
 * as arXiv:2507.09331 has it, with Q there as a distribution over negatives and the sum as a mean.
 */
export function listwise(options: ListwiseOptions = {}): Loss {
  expectKinds("listwise", options, { temperature: positive, learnTemperature: yesNo, logQ: yesNoNegatives });
  const { temperature = 0.15, learnTemperature = false, logQ = true } = options;
  return {
    name: "listwise",
    options: { temperature, learnTemperature, logQ },
    negatives: mixed(inBatch(), uniform(1024)),
    build: (engine) =>
      learnTemperature ? new LearntSoftmax(engine, temperature, logQ) : new Softmax(engine, temperature, logQ),
  };
}

class Softmax implements LossModule {
  readonly #engine: Engine;
  readonly #scale: number;
  readonly #logQ: LogQ;

  constructor(engine: Engine, temperature: number, logQ: LogQ) {
    this.#engine = engine;
    this.#scale = 1 / temperature;
    this.#logQ = logQ;
  }

  forward(judged: Judged): Var {
    return softmaxLoss(judged, constant(tensorOf(this.#engine, [1], [this.#scale])), this.#logQ);
  }
}

class LearntSoftmax implements LossModule {
  readonly logScale: Parameter; // [1]; the logarithm, so that the scale stays positive
  readonly #logQ: LogQ;

  constructor(engine: Engine, temperature: number, logQ: LogQ) {
    this.logScale = new Parameter(lasting(engine, [1]));
    this.logScale.value.data[0] = -log(temperature);
    this.#logQ = logQ;
  }

  forward(judged: Judged): Var {
    return softmaxLoss(judged, exp(this.logScale), this.#logQ);
  }
}

function softmaxLoss(judged: Judged, scale: Var, logQ: LogQ): Var {
  if (judged.distinct) return distinctSoftmax(judged.distinct, scale, logQ);
  const { positive, masked, weights } = judged;
  const { engine } = judged.scores.value;
  const c = judged.scores.value.shape[1];
  const correction = logQ ? judged.correction : undefined;
  const bare = logQ === "negatives" && correction !== undefined; // the positive keeps its score as it is
  const perEntry = correction !== undefined && correction.shape.length === 2;

  let scores = masked ? maskInPlace(judged.scores, masked.offsets, masked.columns, MASKED) : judged.scores;
  if (perEntry || (bare && scale.tracked)) {
    scores = timesScalar(scores, scale);
    scale = constant(tensorOf(engine, [1], [1]));
  }
  if (perEntry) scores = add(scores, constant(correction));
  const bias = correction && !perEntry ? correction : zeros(engine, [c]);
  if (bare) scores = shiftInPlace(scores, positive, undone(correction, positive, scale.value.data[0]));
  return dot(crossEntropy(scores, scale, constant(bias), positive), constant(weights));
}

/** The same from distinct users and items: an item that came k times has log k more. */
function distinctSoftmax(distinct: Distinct, scale: Var, logQ: LogQ): Var {
  const { users, items, copies, masked, offsets, positives, weights } = distinct;
  const { engine } = copies;
  const correction = logQ ? distinct.correction : undefined;
  const bias = passing(engine, copies.shape);
  if (correction) engine.kernels.add(copies.pointer, correction.pointer, bias.pointer, bias.size);
  const own = zeros(engine, weights.shape); // a positive is one, however often its item came
  if (correction && logQ !== "negatives")
    engine.kernels.gather(correction.pointer, positives.pointer, own.pointer, own.size, 1, 1);
  return sampledSoftmax(users, items, scale, {
    bias: correction ? bias : copies,
    masked,
    offsets,
    positives,
    own,
    weights,
  });
}

/** What takes the correction of each row's positive back, before the scores are scaled. */
function undone(correction: Tensor, positive: Ints, scale: number): Float64Array {
  const { data } = correction;
  const c = correction.shape.length === 2 ? correction.shape[1] : 0;
  return Float64Array.from(positive.data, (column, i) => -data[i * c + column] / scale);
}
