import { constant } from "../autograd/op.ts";
import { concat, groupDot, scores } from "../autograd/ops.ts";
import { backward, type Var } from "../autograd/var.ts";
import { TwoTowerError } from "../errors.ts";
import type { Table } from "../features/columns.ts";
import type { Interactions, UserItems } from "../features/interactions.ts";
import { expectKind, notNegative } from "../features/kinds.ts";
import type { Judged, Loss, LossModule } from "../losses/loss.ts";
import type { Network } from "../model/network.ts";
import type { Overrides, TrainingMode } from "../model/tower.ts";
import { type Parameter, parameters } from "../nn/parameter.ts";
import type { Optimiser, OptimiserFactory } from "../optim/optimiser.ts";
import type { Schedule } from "../optim/schedules.ts";
import type { Negatives, VectorsNow } from "../sampling/negatives.ts";
import { Sampler } from "../sampling/sampler.ts";
import { checksum } from "../tensor/checksum.ts";
import { Random } from "../tensor/random.ts";
import { intsOf, type Tensor, tensorOf } from "../tensor/tensor.ts";
import { normalisedWeights, type Pairs, SharedBatch } from "./batch.ts";
import { ByUser } from "./by-user.ts";
import { project } from "./project.ts";
import type { SelfSupervised } from "./self-supervision.ts";

/** Encoded data to learn from. */
export interface TrainingData {
  readonly users: Table;
  readonly items: Table;
  readonly interactions: Interactions;
  /** What each user is known to like; never its negative. */
  readonly known: UserItems;
  /** What each user was shown and did not choose, where that is known. */
  readonly impressions?: UserItems | undefined;
  /** The model, for negatives that ask it. */
  readonly model?: VectorsNow | undefined;
  /** Columns of the user tower that depend on the interaction itself: the history before it. */
  readonly historyBefore?: ((pairs: Int32Array) => Overrides) | undefined;
  /** The same of users who look alike whichever of their pairs is asked for: where histories are of no order. */
  readonly wholeHistory?: ((users: Int32Array) => Overrides) | undefined;
  /** The order of an epoch's pairs, where a user's pairs had better stay together; else they are shuffled. */
  readonly order?: ((random: Random) => Int32Array | undefined) | undefined;
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
  /** A second task beside the loss, where one is wanted. */
  readonly selfSupervised?: SelfSupervised | undefined;
}

/** See `Trainer.state`. */
export interface TrainerState {
  readonly random: readonly number[];
  /** Of the optimiser. */
  readonly steps: number;
  readonly tensors: ReadonlyMap<string, Float32Array>;
  readonly sampler: Sampler["state"];
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
  readonly #weights: ReadonlyMap<string, Parameter>;
  readonly #optimiser: Optimiser;
  readonly #sampler: Sampler;
  readonly #random: Random;
  readonly #mode: TrainingMode;
  readonly #shared: SharedBatch;
  readonly #userRows: Int32Array; // of the pairs of a step
  readonly #itemRows: Int32Array;
  readonly #stepsPerEpoch: number;

  constructor(network: Network, data: TrainingData, options: TrainerOptions) {
    const { loss, negatives, optimiser, seed } = options;
    this.#network = network;
    this.#data = data;
    this.#options = options;
    this.#loss = loss.build(network.engine);
    this.#weights = new Map([...network.parameters(), ...parameters(this.#loss, "loss")]);
    this.#optimiser = optimiser(this.#weights);
    if (typeof this.#optimiser.step !== "function")
      throw new TwoTowerError("BAD_ARGUMENT", "fit: optimiser makes no optimiser; expected adam() or adagrad()");
    const itemCount = data.items.count;
    const counts = new Float64Array(itemCount);
    const { items } = data.interactions;
    for (let p = 0; p < items.length; p++) counts[items[p]]++;
    const { known, impressions, model } = data;
    this.#sampler = new Sampler(negatives, { itemCount, counts, known, impressions, model });
    this.#random = new Random(seed);
    this.#mode = { random: this.#random, dropout: options.dropout, unknown: options.unknown, project };
    this.#shared = new SharedBatch(data.users.count, itemCount, known, data.interactions);
    const most = Math.min(options.batchSize, items.length);
    this.#userRows = new Int32Array(most);
    this.#itemRows = new Int32Array(most);
    this.#stepsPerEpoch = Math.ceil(items.length / options.batchSize);
  }

  /** What training changes besides the network's weights, between two epochs: with both it goes on bit for bit. */
  get state(): TrainerState {
    const tensors = new Map<string, Float32Array>();
    for (const [name, { data }] of this.#lasting()) tensors.set(name, Float32Array.from(data));
    return { random: this.#random.state, steps: this.#optimiser.steps, tensors, sampler: this.#sampler.state };
  }

  set state({ random, steps, tensors, sampler }) {
    for (const [name, { data }] of this.#lasting()) {
      const kept = tensors.get(name);
      if (kept?.length !== data.length)
        throw new TwoTowerError(
          "BAD_ARGUMENT",
          `resume: the checkpoint has no "${name}": it is of another optimiser or loss; go on with the same ones`,
        );
      data.set(kept);
    }
    this.#random.state = random;
    this.#optimiser.steps = steps;
    this.#sampler.state = sampler;
  }

  /** Parameters of the loss, and the optimiser's state. */
  *#lasting(): Generator<[name: string, tensor: Tensor]> {
    for (const [name, { value }] of parameters(this.#loss, "loss")) yield [name, value];
    for (const [name, tensor] of this.#optimiser.state) yield [`optimiser.${name}`, tensor];
  }

  /** Every step of every epoch, in turn; of those from `first` on. */
  *steps(first = 0): Generator<StepReport, void> {
    const { batchSize, epochs, negatives } = this.#options;
    const byUser = negatives.layout === "all" ? new ByUser(this.#data.interactions) : undefined;
    const count = this.#data.interactions.users.length;
    let pairs: Int32Array | undefined;
    const shuffled = (): Int32Array => {
      pairs ??= new Int32Array(count);
      for (let p = 0; p < count; p++) pairs[p] = p; // an epoch's order must not depend on the one before
      return this.#random.shuffle(pairs);
    };
    const stepsPerEpoch = this.#stepsPerEpoch;
    for (let epoch = first; epoch < epochs; epoch++) {
      const order = this.#data.order?.(this.#random) ?? byUser?.shuffled(this.#random) ?? shuffled();
      this.#sampler.startEpoch();
      for (let step = 0; step < stepsPerEpoch; step++) {
        const batch = order.subarray(step * batchSize, (step + 1) * batchSize);
        const loss = this.#step(batch, epoch * stepsPerEpoch + step, epochs * stepsPerEpoch);
        if (step === stepsPerEpoch - 1) this.#expectGood(epoch);
        yield { epoch, step, stepsPerEpoch, examples: batch.length, loss };
      }
    }
  }

  /** What a checkpoint keeps of the schedule, which is a function: a checksum of what it comes to all over the training. */
  get schedule(): string {
    const { schedule } = this.#options;
    const total = this.#options.epochs * this.#stepsPerEpoch;
    const n = Math.min(total, 4096);
    return checksum(
      new Uint8Array(Float64Array.from({ length: n }, (_, i) => schedule(Math.floor((i * total) / n), total)).buffer),
    );
  }

  /** At the end of an epoch: throws where there was nothing to learn, or where its last step broke what was learnt. */
  #expectGood(epoch: number): void {
    if (epoch === 0) this.#sampler.expectNegatives();
    for (const [name, { value }] of this.#weights)
      for (let i = 0, { data } = value; i < data.length; i++)
        // Past that the squares of lengths, and what layers make of them, do not fit float32.
        if (!(Math.abs(data[i]) <= 2 ** 50))
          throw this.#diverged(`a number of "${name}" became ${data[i]} in epoch ${epoch + 1}`);
  }

  #diverged(what: string): TwoTowerError {
    return new TwoTowerError(
      "DIVERGED",
      `${what}. Lower the learning rate (now ${this.#options.learningRate}), ` +
        "or look for extreme values in the number features",
    );
  }

  /** Forward, backward, update. */
  #step(pairs: Int32Array, step: number, total: number): number {
    const { engine } = this.#network;
    const loss = this.#forward(pairs);
    const value = loss.value.data[0];
    if (!Number.isFinite(value)) throw this.#diverged(`the loss became ${value} at step ${step + 1}`);
    backward(loss, tensorOf(engine, [1], [1]));
    const factor = this.#options.schedule(step, total);
    expectKind(`fit: schedule(${step}, ${total})`, factor, notNegative);
    this.#optimiser.step(this.#options.learningRate * factor);
    engine.endStep();
    return value;
  }

  #forward(pairs: Int32Array): Var {
    const { interactions } = this.#data;
    const users = this.#userRows.subarray(0, pairs.length);
    const items = this.#itemRows.subarray(0, pairs.length);
    for (let i = 0; i < pairs.length; i++) {
      users[i] = interactions.users[pairs[i]];
      items[i] = interactions.items[pairs[i]];
    }
    const candidates = this.#sampler.candidates(users, items, this.#random);
    const batch: Pairs = { pairs, users, candidates };
    const allShared = candidates.layout === "shared" && !candidates.own && !this.#sampler.memory;
    const loss = this.#loss.forward(allShared ? this.#judgeShared(batch) : this.#judge(batch, items));
    return this.#options.selfSupervised?.addTo(loss, this.#mode) ?? loss;
  }

  /** Where users share all candidates: everybody and everything is encoded once. */
  #judgeShared(batch: Pairs): Judged {
    const { users, items, wholeHistory, historyBefore } = this.#data;
    const certain = this.#options.dropout === 0;
    const alike = wholeHistory !== undefined || historyBefore === undefined; // all pairs of a user
    this.#shared.take(batch, { users: certain && alike, items: certain });
    const history = wholeHistory?.(this.#shared.users.rows) ?? historyBefore?.(batch.pairs) ?? {};
    const u = this.#network.user.forward(users, this.#shared.users.rows, this.#mode, history); // [m, d]
    const v = this.#network.item.forward(items, this.#shared.items.rows, this.#mode); //          [n, d]
    return this.#shared.judged(batch, u, v);
  }

  /** Where users have candidates of their own, or candidates come from memory. */
  #judge({ pairs, users: userRows, candidates }: Pairs, itemRows: Int32Array): Judged {
    const { users, items, interactions, historyBefore } = this.#data;
    const history = historyBefore?.(pairs) ?? {};
    const { engine, user, item } = this.#network;
    const { remembered, correction, masked, positive } = candidates;
    const u = user.forward(users, userRows, this.#mode, history); //          [b, d]
    const v = item.forward(items, candidates.items, this.#mode); //           [c, d], or [b·k, d] where own
    const d = u.value.shape[1];
    const own = candidates.own && item.forward(items, candidates.own, this.#mode); // [b·k, d]
    this.#sampler.remember(itemRows, candidates, d, v.value.data, own?.value.data);
    const shared = candidates.layout === "shared";
    const blocks = [shared ? scores(u, v) : groupDot(u, v)];
    if (remembered) blocks.push(scores(u, constant(tensorOf(engine, [remembered.length / d, d], remembered))));
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
      weights: tensorOf(engine, [pairs.length], normalisedWeights(interactions.weights, pairs)),
    };
  }
}
