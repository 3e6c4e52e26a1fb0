import { expectKinds, notNegative, positive, yesNo } from "../features/kinds.ts";
import { lasting, type Tensor } from "../tensor/tensor.ts";
import { type Optimiser, type OptimiserFactory, updateOf } from "./optimiser.ts";

/** Options of `adagrad`. */
export interface AdagradOptions {
  /** Keep one accumulator for each row of an embedding table instead of one a number: 1/d of the memory. Default false. */
  readonly rowWise?: boolean;
  /** Default 1e-10. */
  readonly epsilon?: number;
  /** What the accumulators start from. Default 0.1: without it the first step of a row has full length. */
  readonly initial?: number;
  /** Decoupled weight decay, on the rows a step touches. Default 0. */
  readonly weightDecay?: number;
}

/** Adagrad (Duchi, Hazan and Singer 2011): rows seen often learn slowly, rare rows fast. Sparse on tables. */
export function adagrad(options: AdagradOptions = {}): OptimiserFactory {
  expectKinds("adagrad", options, {
    rowWise: yesNo,
    epsilon: positive,
    initial: notNegative,
    weightDecay: notNegative,
  });
  const { rowWise = false, epsilon = 1e-10, initial = 0.1, weightDecay = 0 } = options;
  const make = (parameters: Parameters<OptimiserFactory>[0]): Optimiser => {
    const state = new Map<string, Tensor>();
    for (const [name, { value, slots }] of parameters) {
      const accumulator = lasting(value.engine, rowWise && slots !== 0 ? [value.shape[0]] : value.shape);
      accumulator.data.fill(initial);
      state.set(`${name}.s`, accumulator);
    }
    return {
      state,
      steps: 0,
      step(rate) {
        this.steps++;
        for (const [name, parameter] of parameters) {
          const update = updateOf(parameter);
          if (update) {
            const { kernels } = parameter.value.engine;
            const x = parameter.value.pointer;
            const s = state.get(`${name}.s`)!.pointer;
            const { grad, count, d } = update;
            const rows = update.rows?.pointer ?? 0;
            if (rowWise && parameter.slots !== 0)
              kernels.adagradRowWise(x, s, grad.pointer, rows, count, d, rate, epsilon, weightDecay);
            else kernels.adagrad(x, s, grad.pointer, rows, count, d, rate, epsilon, weightDecay);
          }
          parameter.clearGrad();
        }
      },
    };
  };
  return Object.assign(make, { options: { name: "adagrad", rowWise, epsilon, initial, weightDecay } });
}
