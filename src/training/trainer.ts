import { constant } from "../autograd/op.ts";
import { concat, groupDot, scores } from "../autograd/ops.ts";
import { backward, type Var } from "../autograd/var.ts";
import { TwoTowerError } from "../errors.ts";
import type { Table } from "../features/columns.ts";
import type { Interactions, UserItems } from "../features/interactions.ts";
import type { Judged, Loss, LossModule } from "../losses/loss.ts";
import type { Network } from "../model/network.ts";
import type { Overrides, TrainingMode } from "../model/tower.ts";
import { parameters } from "../nn/parameter.ts";
import type { Optimiser, OptimiserFactory } from "../optim/optimiser.ts";
import type { Schedule } from "../optim/schedules.ts";
import type { Miner } from "../sampling/hard-items.ts";
import type { Negatives } from "../sampling/negatives.ts";
import { type Candidates, Sampler } from "../sampling/sampler.ts";
import { Random } from "../tensor/random.ts";
import { intsOf, tensorOf } from "../tensor/tensor.ts";

/** Encoded data to learn from. */
export interface TrainingData {
  readonly users: Table;
  readonly items: Table;
  readonly interactions: Interactions;
  /** What each user is known to like; never its negative. */
  readonly known: UserItems;
  /** What each user was shown and did not choose, where that is known. */
  readonly impressions?: UserItems | undefined;
  /** Looks up hard negatives, for samplers that mine them. */
  readonly miner?: Miner | undefined;
  /** Columns of the user tower that depend on the interaction itself: the history before it. */
  readonly historyBefore?: ((pairs: Int32Array) => Overrides) | undefined;
}

export interface TrainerOptions {
  readonly loss: Loss;
  readonly negatives: Negatives;
  readonly optimiser: OptimiserFactory;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly batchSize: number;
  readonly epochs: number;
  readonly dropout: number;
  readonly unknown: number;
  readonly seed: number;
}

/** What is known after each step. */
export interface StepReport {
  readonly epoch: number; // from 0
  readonly step: number; // within the epoch, from 0
  readonly stepsPerEpoch: number;
  readonly examples: number;
  readonly loss: number;
}

/** Trains a network, one step at a `next()`: the loop itself is the caller's. */
export class Trainer {
  readonly #network: Network;
  readonly #data: TrainingData;
  readonly #options: TrainerOptions;
  readonly #loss: LossModule;
  readonly #optimiser: Optimiser;
  readonly #sampler: Sampler;
  readonly #random: Random;

  constructor(network: Network, data: TrainingData, options: TrainerOptions) {
    const { loss, negatives, optimiser, seed } = options;
    this.#network = network;
    this.#data = data;
    this.#options = options;
    this.#loss = loss.build(network.engine);
    this.#optimiser = optimiser(new Map([...network.parameters(), ...parameters(this.#loss, "loss")]));
    const itemCount = data.items.count;
    const counts = new Float64Array(itemCount);
    for (const item of data.interactions.items) counts[item]++;
    const { known, impressions, miner } = data;
    this.#sampler = new Sampler(negatives, { itemCount, counts, known, impressions, miner });
    this.#random = new Random(seed);
  }

  /** Every step of every epoch, in turn. */
  *steps(): Generator<StepReport, void> {
    const { batchSize, epochs } = this.#options;
    const pairs = Int32Array.from({ length: this.#data.interactions.users.length }, (_, p) => p);
    const stepsPerEpoch = Math.ceil(pairs.length / batchSize);
    for (let epoch = 0; epoch < epochs; epoch++) {
      this.#random.shuffle(pairs);
      this.#sampler.startEpoch();
      for (let step = 0; step < stepsPerEpoch; step++) {
        const batch = pairs.subarray(step * batchSize, (step + 1) * batchSize);
        const loss = this.#step(batch, epoch * stepsPerEpoch + step, epochs * stepsPerEpoch);
        yield { epoch, step, stepsPerEpoch, examples: batch.length, loss };
      }
    }
  }

  /** Forward, backward, update. */
  #step(pairs: Int32Array, step: number, total: number): number {
    const { engine } = this.#network;
    const loss = this.#forward(pairs);
    const value = loss.value.data[0];
    if (!Number.isFinite(value))
      throw new TwoTowerError(
        "DIVERGED",
        `the loss became ${value} at step ${step + 1}. Lower the learning rate (now ${this.#options.learningRate}), ` +
          "or look for extreme values in the number features",
      );
    backward(loss, tensorOf(engine, [1], [1]));
    this.#optimiser.step(this.#options.learningRate * this.#options.schedule(step, total));
    engine.endStep();
    return value;
  }

  #forward(pairs: Int32Array): Var {
    const { users, items, interactions, historyBefore } = this.#data;
    const { user, item } = this.#network;
    const mode: TrainingMode = { random: this.#random, dropout: this.#options.dropout, unknown: this.#options.unknown };

    const userRows = Int32Array.from(pairs, (p) => interactions.users[p]);
    const itemRows = Int32Array.from(pairs, (p) => interactions.items[p]);
    const candidates = this.#sampler.candidates(userRows, itemRows, this.#random);

    const u = user.forward(users, userRows, mode, historyBefore?.(pairs)); // [b, d]
    const v = item.forward(items, candidates.items, mode); //                 [c, d], or [b·k, d] where own
    this.#sampler.remember(itemRows, v.value.data.subarray(0, itemRows.length * v.value.shape[1]));
    const own = candidates.own && item.forward(items, candidates.own, mode); // [b·k, d]
    return this.#loss.forward(this.#judged(u, v, own, candidates, pairs));
  }

  #judged(u: Var, v: Var, own: Var | undefined, candidates: Candidates, pairs: Int32Array): Judged {
    const { engine } = this.#network;
    const { remembered, correction, masked, positive } = candidates;
    const shared = candidates.layout === "shared";
    const blocks = [shared ? scores(u, v) : groupDot(u, v)];
    if (remembered) {
      const d = u.value.shape[1];
      blocks.push(scores(u, constant(tensorOf(engine, [remembered.length / d, d], remembered))));
    }
    if (own) blocks.push(groupDot(u, own));
    const similarity = blocks.length === 1 ? blocks[0] : concat(...blocks);
    const shape = shared ? [similarity.value.shape[1]] : similarity.value.shape;
    return {
      scores: similarity,
      positive: intsOf(engine, positive),
      correction: correction && tensorOf(engine, shape, correction),
      masked:
        masked.columns.length > 0
          ? { offsets: intsOf(engine, masked.offsets), columns: intsOf(engine, masked.columns) }
          : undefined,
      weights: tensorOf(engine, [pairs.length], normalisedWeights(this.#data.interactions, pairs)),
    };
  }
}

function normalisedWeights({ weights }: Interactions, pairs: Int32Array): Float64Array {
  const raw = Float64Array.from(pairs, (p) => weights?.[p] ?? 1);
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}
