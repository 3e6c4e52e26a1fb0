import { constant } from "../autograd/op.ts";
import { add, crossEntropy, dot, exp, maskInPlace, timesScalar } from "../autograd/ops.ts";
import type { Var } from "../autograd/var.ts";
import { TwoTowerError } from "../errors.ts";
import type { Engine } from "../kernels/engine.ts";
import { log } from "../kernels/math.ts";
import { Parameter } from "../nn/parameter.ts";
import { lasting, tensorOf, zeros } from "../tensor/tensor.ts";
import { type Judged, type Loss, type LossModule, MASKED } from "./loss.ts";

export interface ListwiseOptions {
  /** T of the softmax: small looks only at the hardest negatives. Default 0.1. */
  readonly temperature?: number;
  /** Learn log 1/T with the model, starting from `temperature`. Default false. */
  readonly learnTemperature?: boolean;
  /** Subtract log Q of each candidate, as sampling demands (Yi et al. 2019). Default true. */
  readonly logQ?: boolean;
}

/**
 * Listwise: softmax over one positive and many negatives,
 *   L = −log( e^z⁺ / Σⱼ e^zⱼ ),   zⱼ = cos(u, vⱼ) / T − log Qⱼ
 * Qⱼ is how often the sampler offers candidate j. Popular items are offered more often as in-batch negatives than
 * their share of the catalogue; without the subtraction the model learns to avoid them (Yi et al. 2019, section 3).
 */
export function listwise(options: ListwiseOptions = {}): Loss {
  const { temperature = 0.1, learnTemperature = false, logQ = true } = options;
  if (!(temperature > 0 && temperature < Infinity))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `listwise: temperature is ${temperature}; expected a number above 0, such as 0.1`,
    );
  return {
    name: "listwise",
    build: (engine) =>
      learnTemperature ? new LearntSoftmax(engine, temperature, logQ) : new Softmax(temperature, logQ),
  };
}

class Softmax implements LossModule {
  readonly #scale: number;
  readonly #logQ: boolean;

  constructor(temperature: number, logQ: boolean) {
    this.#scale = 1 / temperature;
    this.#logQ = logQ;
  }

  forward(judged: Judged): Var {
    return softmaxLoss(judged, constant(tensorOf(judged.scores.value.engine, [1], [this.#scale])), this.#logQ);
  }
}

class LearntSoftmax implements LossModule {
  readonly logScale: Parameter; // [1]; the logarithm, so that the scale stays positive
  readonly #logQ: boolean;

  constructor(engine: Engine, temperature: number, logQ: boolean) {
    this.logScale = new Parameter(lasting(engine, [1]));
    this.logScale.value.data[0] = -log(temperature);
    this.#logQ = logQ;
  }

  forward(judged: Judged): Var {
    return softmaxLoss(judged, exp(this.logScale), this.#logQ);
  }
}

function softmaxLoss(judged: Judged, scale: Var, useLogQ: boolean): Var {
  const { positive, masked, weights } = judged;
  const { engine } = judged.scores.value;
  const c = judged.scores.value.shape[1];
  const scores = masked ? maskInPlace(judged.scores, masked.offsets, masked.columns, MASKED) : judged.scores;
  const correction = useLogQ ? judged.correction : undefined;

  const perEntry = correction !== undefined && correction.shape.length === 2;
  const losses = perEntry
    ? crossEntropy(
        add(timesScalar(scores, scale), constant(correction)),
        one(engine),
        constant(zeros(engine, [c])),
        positive,
      )
    : crossEntropy(scores, scale, constant(correction ?? zeros(engine, [c])), positive);
  return dot(losses, constant(weights));
}

const one = (engine: Engine): Var => constant(tensorOf(engine, [1], [1]));
