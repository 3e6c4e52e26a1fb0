/** A stage of the search: all trials still in it are trained up to this many epochs. */
export interface Rung {
  readonly epochs: number;
  /** How many trials get here. */
  readonly trials: number;
}

/** Fewer epochs than this say nothing yet. */
const FEWEST_EPOCHS = 3;

/**
 * Successive halving (Jamieson and Talwalkar, AISTATS 2016): all trials train a little, the best 1/reduction of them
 * reduction times as long, and so on to the whole length. With `reduction` 1 it is plain random search: all trials
 * train the whole length.
 */
export function rungsOf(trials: number, epochs: number, reduction: number): Rung[] {
  const lengths = [epochs];
  while (reduction > 1 && Math.floor(lengths[0] / reduction) >= FEWEST_EPOCHS)
    lengths.unshift(Math.floor(lengths[0] / reduction));
  return lengths.map((length, rung) => ({
    epochs: length,
    trials: Math.max(1, Math.ceil(trials / reduction ** rung)),
  }));
}

/** Trials that go on, by number: the best ones; of equals the one drawn first. `undefined` is a trial that failed. */
export function survivorsOf(
  numbers: readonly number[],
  metricOf: (trial: number) => number | undefined,
  count: number,
): number[] {
  const measured = numbers.filter((trial) => metricOf(trial) !== undefined);
  return measured.sort((a, b) => metricOf(b)! - metricOf(a)! || a - b).slice(0, count);
}
