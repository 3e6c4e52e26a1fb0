import type { Schema } from "../../features/declare.ts";
import type { LoadedDataset } from "../../io/load-dataset.ts";
import type { ModelOptions } from "../../model/options.ts";
import type { Progress } from "../../training/fit.ts";
import type { FitOptions } from "../../training/fit-options.ts";
import { TwoTower } from "../../two-tower.ts";
import type { SearchFolder } from "./search-folder.ts";

/** What a trial trains: everything but how far. */
export interface TrialTask {
  readonly loaded: LoadedDataset;
  readonly model: ModelOptions;
  /** With all epochs: the learning rate falls as in a whole training, wherever the trial is paused. */
  readonly fit: FitOptions<Schema>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Thrown inside a training to pause it. */
class Paused extends Error {}

/**
 * Trains a trial on from where it was paused, until it has had `target` epochs or has stopped by itself. By the checkpoint
 * the paused training is, to the last bit, one that was never paused: what a search finds, `train` gives too, and no
 * epoch is trained twice.
 */
export async function trainTo(target: number, number: number, folder: SearchFolder, task: TrialTask): Promise<void> {
  const trial = folder.trials[number];
  const { loaded, fit, signal } = task;
  const { resume, onCheckpoint } = await folder.checkpoint(number);
  const before = resume ? trial.seconds : 0; // without its checkpoint it starts anew
  const start = performance.now();
  const spent = (): number => before + (performance.now() - start) / 1000;
  let epochs = 0;
  try {
    const report = await new TwoTower(loaded.dataSchema.schema, task.model).fit(loaded.data, {
      ...fit,
      signal,
      resume,
      onProgress: (progress) => {
        if (progress.validation !== undefined) {
          epochs = progress.epoch;
          trial.curve[epochs - 1] = progress.validation;
        }
        task.onProgress(progress);
      },
      onCheckpoint: async (checkpoint) => {
        trial.seconds = spent();
        await folder.save();
        if (epochs < fit.epochs!) await onCheckpoint(checkpoint);
        if (epochs >= target && epochs < fit.epochs!) throw new Paused();
      },
    });
    report.epochs.forEach(({ validation }, i) => {
      trial.curve[i] = validation!;
    });
    trial.isOver = true;
    trial.seconds = spent();
    await folder.save();
    await folder.forget(number);
  } catch (error) {
    if (!(error instanceof Paused)) throw error;
  }
}
