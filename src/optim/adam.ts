import { anObject, expectKinds, notNegative, positive, rate } from "../features/kinds.ts";
import { lasting, type Tensor } from "../tensor/tensor.ts";
import { type Optimiser, type OptimiserFactory, updateOf } from "./optimiser.ts";

/** Options of `adam`. */
export interface AdamOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay (Loshchilov and Hutter 2019), on the rows a step touches. Default 0. */
  readonly weightDecay?: number;
  /**
   * What is other for layers, whose weights every step changes, than for tables, whose rows wait until a step reads them:
   * `beta1`, if absent the same, and their share of the learning rate, if absent 1.
   */
  readonly layers?: { readonly beta1?: number; readonly rate?: number };
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1), lazy on embedding tables: rows that a step did not read keep their
 * moments, so a step costs O(batch), not O(vocabulary).
 */
export function adam(options: AdamOptions = {}): OptimiserFactory {
  expectKinds("adam", options, {
    beta1: rate,
    beta2: rate,
    epsilon: positive,
    weightDecay: notNegative,
    layers: anObject,
  });
  const { layers: given = {} } = options;
  expectKinds("adam: layers", given, { beta1: rate, rate: positive });
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const layers = { beta1, rate: 1, ...given };
  const make = (parameters: Parameters<OptimiserFactory>[0]): Optimiser => {
    const state = new Map<string, Tensor>();
    for (const [name, { value }] of parameters) {
      state.set(`${name}.m`, lasting(value.engine, value.shape));
      state.set(`${name}.v`, lasting(value.engine, value.shape));
    }
    return {
      state,
      steps: 0,
      step(rate) {
        this.steps++;
        const correction2 = 1 - power(beta2, this.steps);
        const decaysOf = (beta1: number) =>
          [beta1, beta2, epsilon, 1 - power(beta1, this.steps), correction2, weightDecay] as const;
        const [ofTables, ofLayers] = [decaysOf(beta1), decaysOf(layers.beta1)];
        for (const [name, parameter] of parameters) {
          const update = updateOf(parameter);
          if (update) {
            const { kernels } = parameter.value.engine;
            const x = parameter.value.pointer;
            const m = state.get(`${name}.m`)!.pointer;
            const v = state.get(`${name}.v`)!.pointer;
            const { grad, count, d } = update;
            const rows = update.rows?.pointer ?? 0;
            if (parameter.slots === 0)
              kernels.adam(x, m, v, grad.pointer, rows, count, d, rate * layers.rate, ...ofLayers);
            else kernels.adam(x, m, v, grad.pointer, rows, count, d, rate, ...ofTables);
          }
          parameter.clearGrad();
        }
      },
    };
  };
  return Object.assign(make, { options: { name: "adam", beta1, beta2, epsilon, weightDecay, layers } });
}

/** base ^ n by squaring: exact multiplications only, so that every engine gets the same bits. */
function power(base: number, n: number): number {
  let result = 1;
  for (; n > 0; n = Math.floor(n / 2), base *= base) if (n % 2 === 1) result *= base;
  return result;
}
