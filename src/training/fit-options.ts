import { type MetricName, metricNames } from "../evaluation/metrics.ts";
import type { Schema } from "../features/declare.ts";
import {
  callback,
  expectKinds,
  holds,
  type Kind,
  positive,
  rate,
  whole,
  wholeBetween,
  yesNo,
} from "../features/kinds.ts";
import { quoted } from "../features/suggest.ts";
import type { Loss } from "../losses/loss.ts";
import type { OptimiserFactory } from "../optim/optimiser.ts";
import type { Schedule } from "../optim/schedules.ts";
import type { Negatives } from "../sampling/negatives.ts";
import type { Progress } from "./fit.ts";
import type { HoldOut } from "./hold-out.ts";
import type { SelfSupervision } from "./self-supervision.ts";

/** How a model learns. */
export interface FitOptions<S extends Schema> {
  /** Default listwise(). */
  readonly loss?: Loss;
  /**
   * Default for listwise: all items where they are 20,000 at most and ids are all that is known, else
   * in the batch and 1,024 uniform. For other losses 3 of each positive's own.
   */
  readonly negatives?: Negatives;
  /** At most so many passes over the interactions. Default 30. */
  readonly epochs?: number;
  /** Default 1024; with all items a tenth of the pairs, 256 to 65,536. */
  readonly batchSize?: number;
  /** Default 0.01 for listwise, 0.03 with all items, else 0.003. */
  readonly learningRate?: number;
  /** Default smoothDecay(0.1). */
  readonly schedule?: Schedule;
  /** Default adam(), with all items adam({ beta1: 0 }). */
  readonly optimiser?: OptimiserFactory;
  /** Rate at which hidden activations are dropped. Default 0. */
  readonly dropout?: number;
  /** Rate at which ids are hidden while training, so that new ones make sense. Default 0.05. */
  readonly unknown?: number;
  /** A second task that needs no interactions, for the tail: selfSupervision(). Default none. */
  readonly selfSupervision?: SelfSupervision;
  /** Same seed, same data, same options: same weights, on every engine. Default 1. */
  readonly seed?: number;
  /** With it training stops when `metric` has not improved for `patience` epochs, and keeps the best epoch's weights. */
  readonly validation?: HoldOut<S>;
  /** Default { name: "ndcg", k: 20 }. */
  readonly metric?: { readonly name: MetricName; readonly k: number };
  /** Default 3. */
  readonly patience?: number;
  /** Called about ten times a second and after every epoch; a promise it returns is awaited. */
  readonly onProgress?: (progress: Progress) => unknown;
  readonly signal?: AbortSignal;
  /**
   * Goes on from the weights the model has, instead of from random ones. Vocabularies keep their rows and grow by what
   * is new in the data; numbers are scaled as before; the optimiser starts anew. Default false.
   */
  readonly warmStart?: boolean;
  /**
   * Is given, after each epoch, what `resume` needs to go on from there, as bytes to keep; training waits for it.
   * `checkpointIn` of twotower/files keeps them in a file.
   */
  readonly onCheckpoint?: (checkpoint: Uint8Array) => void | Promise<void>;
  /**
   * A checkpoint to go on from: the weights become, to the last bit, those of a training that was never interrupted.
   * Data and options must be the same; another number of threads may be used.
   */
  readonly resume?: Uint8Array | undefined;
  /**
   * Threads to compute with, this one included; the weights are the same to the last bit. Default 1. Needs
   * SharedArrayBuffer, in browsers a cross-origin isolated page; without it there is one thread.
   */
  readonly threads?: number;
}

/** Threads past this are a mistake: each takes memory and a worker, and two cores gain nothing by ten. */
export const MOST_THREADS = 64;

/** What each option must be; by name, so that the compiler notices one that is missing here. */
const checks: Readonly<Record<keyof FitOptions<Schema>, Kind>> = {
  loss: [(loss) => holds(loss, "build", "function"), "listwise(), pairwise() or pointwise()"],
  negatives: [(from) => holds(from, "layout", "string"), "inBatch(), mixed(…), each(…), sampled(…) or allItems()"],
  epochs: whole,
  batchSize: whole,
  learningRate: positive,
  schedule: callback,
  optimiser: [callback[0], "adam() or adagrad()"],
  dropout: rate,
  unknown: rate,
  selfSupervision: [(task) => holds(task, "build", "function"), "selfSupervision()"],
  seed: [Number.isSafeInteger, "a whole number"],
  validation: [
    (rows) =>
      typeof rows === "number"
        ? rows > 0 && rows < 1
        : rows === "leave-one-out" || (typeof rows === "object" && rows !== null && (rows as unknown[]).length !== 0),
    'a share of the interactions between 0 and 1, "leave-one-out", or rows of interactions',
  ],
  metric: [
    (metric) =>
      holds(metric, "name", "string") &&
      metricNames.includes((metric as { name: MetricName }).name) &&
      whole[0]((metric as { k: unknown }).k),
    `{ name, k } with one of the names ${quoted(metricNames)}`,
  ],
  patience: whole,
  onProgress: callback,
  signal: [(signal) => holds(signal, "aborted", "boolean"), "the signal of an AbortController"],
  warmStart: yesNo,
  onCheckpoint: callback,
  resume: [(bytes) => bytes instanceof Uint8Array, "the bytes that onCheckpoint was given"],
  threads: wholeBetween(1, MOST_THREADS),
};

/** Throws BAD_ARGUMENT for an option that does not exist or cannot be meant. */
export const expectFitOptions = <S extends Schema>(options: FitOptions<S>): void => expectKinds("fit", options, checks);
