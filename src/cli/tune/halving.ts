/** A stage of the search: all trials still in it are trained up to this many epochs. */
export interface Rung {
  readonly epochs: number;
  /** How many trials get here. */
  readonly trials: number;
}

/** Fewer epochs than this say nothing yet. */
const FEWEST_EPOCHS = 3;

/** Of the trials of a group 1 in `REDUCTION` goes on, this many times as long. */
const REDUCTION = 3;

/**
 * Successive halving (Jamieson and Talwalkar, AISTATS 2016): all trials train a little, the best third of them three
 * times as long, and so on to the whole length. Trials compete within their group: an epoch of one kind of negatives
 * teaches more than an epoch of another, and costs more. A group of one goes to the end.
 *
 * @param sizes of the groups
 */
export function halving(sizes: readonly number[], epochs: number): Rung[] {
  const lengths = [epochs];
  while (Math.floor(lengths[0] / REDUCTION) >= FEWEST_EPOCHS) lengths.unshift(Math.floor(lengths[0] / REDUCTION));
  return lengths.map((length, rung) => ({
    epochs: length,
    trials: sizes.reduce((sum, size) => sum + placesAfter(size, rung), 0),
  }));
}

/** Plain random search: every trial trains the whole length. */
export function wholeLength(trials: number, epochs: number): Rung[] {
  return [{ epochs, trials }];
}

const placesAfter = (size: number, rungs: number): number =>
  rungs === 0 ? size : Math.ceil(placesAfter(size, rungs - 1) / REDUCTION);

/** The trials, by number, that go on: the best of each group; of equals the one drawn first, never one that failed. */
export function survivorsOf(
  running: readonly number[],
  groupOf: (trial: number) => number,
  metricOf: (trial: number) => number | undefined,
): number[] {
  const groups = new Set(running.map(groupOf));
  const best = Array.from(groups, (group) => {
    const own = running.filter((trial) => groupOf(trial) === group);
    return own
      .filter((trial) => metricOf(trial) !== undefined)
      .sort((a, b) => metricOf(b)! - metricOf(a)! || a - b)
      .slice(0, placesAfter(own.length, 1));
  });
  return best.flat().sort((a, b) => a - b);
}
