import { TwoTowerError } from "../errors.ts";
import type { Network } from "../model/network.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { Trainer, type TrainerOptions, type TrainingData } from "./trainer.ts";

/** How training is going; `validation` only at the end of an epoch. */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done of this epoch's. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss of the epoch so far. */
  readonly loss: number;
  readonly examplesPerSecond: number;
  /** The validation metric after this epoch, where there is validation data. */
  readonly validation: number | undefined;
}

/** What one epoch came to. */
export interface EpochSummary {
  readonly epoch: number;
  readonly loss: number;
  readonly validation: number | undefined;
  readonly seconds: number;
}

/** What came of a training. */
export interface FitReport {
  readonly epochs: readonly EpochSummary[];
  /** The epoch whose weights were kept: the best on validation, else the last. */
  readonly bestEpoch: number;
  readonly examplesPerSecond: number;
  readonly seconds: number;
  /** How many threads computed: one where memory cannot be shared, however many were asked for. */
  readonly threads: number;
}

export interface LoopOptions {
  /** Called about ten times a second and after every epoch. */
  readonly onProgress?: ((progress: Progress) => unknown) | undefined;
  /** Stops between two steps; `fit` rejects with the signal's reason and the model is as before the call. */
  readonly signal?: AbortSignal | undefined;
  /** A retrieval metric of the model as it is now, larger is better; measured after every epoch. */
  readonly validate?: (() => number) | undefined;
  /** Epochs without improvement before stopping. */
  readonly patience: number;
  /** Is given, after each epoch, what `resume` needs to go on from there; a promise it returns is awaited. */
  readonly onCheckpoint?: ((checkpoint: Uint8Array) => void | Promise<void>) | undefined;
  /** A checkpoint to go on from. */
  readonly resume?: Uint8Array | undefined;
  /** What the checkpoint must be of: the data and all options that matter, by name. */
  readonly task?: (() => Checkpoint["task"]) | undefined;
}

const BREATH = 100; // ms between reports; between them the event loop gets a turn, so that pages stay alive

/** Trains for the given epochs, or until validation stops improving; leaves the best weights in the network. */
export async function fit(
  network: Network,
  data: TrainingData,
  options: TrainerOptions & LoopOptions,
): Promise<Omit<FitReport, "threads">> {
  if (data.interactions.users.length === 0)
    throw new TwoTowerError("BAD_ARGUMENT", "fit: there are no interactions to learn from");
  expectNegatives(data);
  const before = network.weights();
  try {
    return await loop(network, data, options);
  } catch (error) {
    network.setWeights(before); // all or nothing
    network.engine.endStep();
    throw error;
  }
}

/** Throws BAD_ARGUMENT where whoever chose anything chose everything: no loss has anything to tell apart. */
function expectNegatives({ interactions, known: { offsets }, items }: TrainingData): void {
  if (interactions.users.some((user) => offsets[user + 1] - offsets[user] < items.count)) return;
  throw new TwoTowerError(
    "BAD_ARGUMENT",
    `fit: every user of the interactions has chosen every item (${items.count} in all), so there is nothing to tell ` +
      "apart; give the items that nobody chose as well, or more interactions",
  );
}

async function loop(
  network: Network,
  data: TrainingData,
  options: TrainerOptions & LoopOptions,
): Promise<Omit<FitReport, "threads">> {
  const { epochs, patience, onProgress, signal, validate, onCheckpoint, resume } = options;
  const trainer = new Trainer(network, data, options);
  const summaries: EpochSummary[] = [];
  const start = performance.now();
  let best: Checkpoint["best"] = { epoch: 0, validation: -Infinity, weights: undefined };
  let secondsBefore = 0;
  const task = onCheckpoint || resume ? { ...options.task?.(), schedule: trainer.schedule } : {};
  if (resume) {
    const checkpoint = decodeCheckpoint(resume, task);
    network.setWeights(checkpoint.weights);
    trainer.state = checkpoint.trainer;
    best = checkpoint.best;
    summaries.push(...checkpoint.epochs);
    secondsBefore = summaries.reduce((sum, { seconds }) => sum + seconds, 0);
  }
  let epochStart = start;
  let lastBreath = start;
  let [lossSum, examplesOfEpoch, examples] = [0, 0, 0];

  for (const report of trainer.steps(summaries.length)) {
    lossSum += report.loss * report.examples;
    examplesOfEpoch += report.examples;
    examples += report.examples;
    const step = report.step + 1;
    const epoch = report.epoch + 1;
    const epochIsOver = step === report.stepsPerEpoch;
    const now = performance.now();
    if (!epochIsOver && now - lastBreath < BREATH) continue;

    const loss = lossSum / examplesOfEpoch;
    const validation = epochIsOver ? validate?.() : undefined;
    const examplesPerSecond = examples / ((now - start) / 1000);
    await onProgress?.({ epoch, epochs, step, steps: report.stepsPerEpoch, loss, examplesPerSecond, validation });
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
    lastBreath = performance.now();
    if (!epochIsOver) continue;

    summaries.push({ epoch, loss, validation, seconds: (performance.now() - epochStart) / 1000 });
    if (validation !== undefined && validation > best.validation)
      best = { epoch, validation, weights: network.weights() };
    if (validation !== undefined && epoch - best.epoch >= patience) break;
    await onCheckpoint?.(
      encodeCheckpoint({ task, weights: network.weights(), trainer: trainer.state, epochs: summaries, best }),
    );
    epochStart = performance.now();
    [lossSum, examplesOfEpoch] = [0, 0];
  }

  if (best.weights) network.setWeights(best.weights);
  const seconds = (performance.now() - start) / 1000;
  return {
    epochs: summaries,
    bestEpoch: best.epoch || summaries.length,
    examplesPerSecond: examples / seconds,
    seconds: secondsBefore + seconds,
  };
}
