import { type ErrorCode, TwoTowerError } from "../../errors.ts";
import { metric as figure } from "../figures.ts";
import { type FlagTexts, typed } from "../flag-texts.ts";
import type { Stage } from "../stage.ts";
import { type Rung, survivorsOf } from "./halving.ts";
import type { SearchFolder, Trial } from "./search-folder.ts";
import { type TrialTask, trainTo } from "./train-trial.ts";

/** A trial as the search judges it. */
export interface Judged {
  /** From 0, in the order of drawing; 0 is what holds if nothing is chosen. */
  readonly number: number;
  readonly trial: Trial;
  /** How many rungs it took part in. */
  readonly rungs: number;
  /** The best of its epochs; undefined if it failed. */
  readonly best: { readonly epoch: number; readonly validation: number } | undefined;
}

/** Of one trial these are no reason to end the search. */
const ITS_OWN_FAULT: readonly ErrorCode[] = ["BAD_ARGUMENT", "BAD_SCHEMA", "DIVERGED", "OUT_OF_MEMORY"];

/**
 * Trains all trials a little, the better ones longer, and returns them from the best to the worst. The first has gone to
 * the end: whatever was dropped was no better than a trial of its group that went on.
 */
export async function search(
  stage: Stage,
  folder: SearchFolder,
  groups: readonly number[],
  rungs: readonly Rung[],
  metricName: string,
  taskOf: (flags: FlagTexts) => Omit<TrialTask, "onProgress">,
): Promise<Judged[]> {
  const { trials } = folder;
  const bar = new SearchBar(stage, rungs, trials.length, metricName);
  const reached = trials.map(() => 0);
  const bestBy = (epochs: number) => (trial: number) => bestOf(trials[trial], epochs)?.validation;
  let running = [...trials.keys()];
  for (const [r, { epochs }] of rungs.entries()) {
    if (r > 0) {
      const survivors = survivorsOf(running, (trial) => groups[trial], bestBy(rungs[r - 1].epochs));
      for (const trial of running) if (!survivors.includes(trial)) await folder.forget(trial);
      running = survivors;
    }
    for (const [place, number] of running.entries()) {
      const trial = trials[number];
      reached[number] = r + 1;
      if (!trial.isOver && trial.failure === undefined && trial.curve.length < epochs) {
        await trainOn(folder, number, epochs, {
          ...taskOf(trial.flags),
          onProgress: (progress) => bar.show(r, place, number, progress),
        });
        bar.milestone(number, trial, bestOf(trial, epochs));
      }
      bar.over(bestOf(trial, epochs)?.validation);
    }
  }
  for (const number of running) await folder.forget(number);
  const longest = rungs[rungs.length - 1].epochs;
  return trials
    .map((trial, number) => ({ number, trial, rungs: reached[number], best: bestOf(trial, longest) }))
    .sort((a, b) => validationOf(b) - validationOf(a) || b.rungs - a.rungs || a.number - b.number);
}

async function trainOn(folder: SearchFolder, number: number, epochs: number, task: TrialTask): Promise<void> {
  try {
    await trainTo(epochs, number, folder, task);
  } catch (cause) {
    if (!(cause instanceof TwoTowerError)) throw cause;
    if (cause.code === "CORRUPT")
      throw new TwoTowerError(
        "CORRUPT",
        `${folder.checkpointPath(number)}: ${cause.message}. Or remove it: then the trial starts anew`,
        { cause },
      );
    // If the first trial cannot be trained, it is the data or the flags of all.
    if (number === 0 || !ITS_OWN_FAULT.includes(cause.code)) throw cause;
    folder.trials[number].failure = cause.message;
    await folder.save();
    await folder.forget(number);
  }
}

/** A trial's best epoch among its first ones. */
function bestOf({ curve, failure }: Trial, epochs: number): Judged["best"] {
  if (failure !== undefined || curve.length === 0) return undefined;
  const validation = Math.max(...curve.slice(0, epochs));
  return { validation, epoch: curve.indexOf(validation) + 1 };
}

const validationOf = ({ best }: Judged): number => best?.validation ?? -Infinity;

/** One bar for the whole search, which moves epoch by epoch. */
class SearchBar {
  readonly #stage: Stage;
  readonly #rungs: readonly Rung[];
  readonly #metricName: string;
  readonly #trials: number;
  #best = -Infinity;

  constructor(stage: Stage, rungs: readonly Rung[], trials: number, metricName: string) {
    this.#stage = stage;
    this.#rungs = rungs;
    this.#trials = trials;
    this.#metricName = metricName;
  }

  show(
    rung: number,
    place: number,
    number: number,
    { epoch, step, steps }: Parameters<TrialTask["onProgress"]>[0],
  ): void {
    const [from, to] = this.#span(rung);
    const within = Math.max(0, epoch - 1 + step / steps - from);
    const state = `trial ${number + 1}/${this.#trials}  epoch ${epoch}/${to}`;
    const best = this.#best > -Infinity ? `  best ${this.#metricName} ${figure(this.#best)}` : "";
    this.#stage.update(
      this.#before(rung) + place * (to - from) + within,
      this.#before(this.#rungs.length),
      state + best,
    );
  }

  milestone(number: number, { flags, curve, failure }: Trial, best: Judged["best"]): void {
    const found = best ? `epoch ${curve.length}  ${this.#metricName} ${figure(best.validation)}` : `failed: ${failure}`;
    this.#stage.milestone(`trial ${number + 1}/${this.#trials}  ${found}  ${typed(flags) || "defaults"}`);
  }

  over(validation: number | undefined): void {
    this.#best = Math.max(this.#best, validation ?? -Infinity);
  }

  /** The epochs that a trial trains on a rung. */
  #span(rung: number): readonly [from: number, to: number] {
    return [rung === 0 ? 0 : this.#rungs[rung - 1].epochs, this.#rungs[rung].epochs];
  }

  /** Epochs of all trials before a rung. */
  #before(rung: number): number {
    return this.#rungs.slice(0, rung).reduce((sum, { trials }, r) => {
      const [from, to] = this.#span(r);
      return sum + trials * (to - from);
    }, 0);
  }
}
