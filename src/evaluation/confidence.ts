import { TwoTowerError } from "../errors.ts";
import { Random } from "../tensor/random.ts";
import { mean } from "./metrics.ts";

/** A mean over users and the interval that holds the true mean with probability 0.95. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The 0.975 quantile of the normal distribution. */
const Z = 1.959963984540054;

/** x̄ ± 1.96 s/√n: right for means over some hundred users and more. */
export function normalInterval(values: Float64Array): Interval {
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) * (value - centre);
  const half = Z * Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
  return { mean: centre, low: centre - half, high: centre + half };
}

/** How often to draw, and with what seed. */
export interface BootstrapOptions {
  readonly seed: number;
  /** Samples drawn; 1,000 unless given, which settles the bounds to about 3 % of the interval's width. */
  readonly samples?: number;
}

/** Percentile bootstrap (Efron 1979): the middle 95 % of the means of samples drawn with replacement. Few users, skewed values. */
export function bootstrapInterval(values: Float64Array, options: BootstrapOptions): Interval {
  const means = bootstrapMeans(values, options);
  return { mean: mean(values), low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** One ranker against another on the same users. */
export interface Comparison extends Interval {
  /** Share of users with a higher, and with a lower value. */
  readonly wins: number;
  readonly losses: number;
  /** Whether the interval of the mean difference leaves out 0. */
  readonly significant: boolean;
  /** How likely a mean difference at least as large would be if it were chance which ranker did better for each user. */
  readonly p: number;
}

/**
 * The mean difference a − b user by user, with its bootstrap interval. Pairing removes what users have in common, and
 * so tells apart rankers whose own intervals overlap.
 *
 * @param a, b one value a user, of the same users in the same order: two evaluations of the same task
 */
export function compare(a: Float64Array, b: Float64Array, options: BootstrapOptions): Comparison {
  if (a.length !== b.length)
    throw new TwoTowerError("SHAPE_MISMATCH", `${a.length} values against ${b.length}: compare on the same users`);
  const differences = a.map((value, user) => value - b[user]);
  const interval = bootstrapInterval(differences, options);
  return {
    ...interval,
    wins: differences.filter((difference) => difference > 0).length / a.length,
    losses: differences.filter((difference) => difference < 0).length / a.length,
    significant: interval.low > 0 || interval.high < 0,
    p: signFlips(differences, options),
  };
}

/**
 * Fisher's randomisation test on paired differences: the share of random signs whose sum is as far from 0 as the true
 * one, both ways. It assumes nothing of the differences' distribution (Smucker, Allan and Carterette, CIKM 2007).
 */
function signFlips(differences: Float64Array, { seed, samples = 10_000 }: BootstrapOptions): number {
  const moved = differences.filter((difference) => difference !== 0);
  const observed = Math.abs(moved.reduce((sum, difference) => sum + difference, 0));
  const random = new Random(seed);
  let asFar = 1; // the true signs are one of the possible ones
  for (let s = 0; s < samples; s++) {
    let sum = 0;
    for (let i = 0, bits = 0; i < moved.length; i++) {
      if (i % 32 === 0) bits = random.bits();
      sum += bits & 1 ? moved[i] : -moved[i];
      bits >>>= 1;
    }
    if (Math.abs(sum) >= observed * (1 - 1e-12)) asFar++; // the same sum in another order may round lower
  }
  return asFar / (samples + 1);
}

/** Means of samples with replacement, ascending. */
function bootstrapMeans(values: Float64Array, { seed, samples = 1000 }: BootstrapOptions): Float64Array {
  const random = new Random(seed);
  const means = new Float64Array(samples);
  for (let s = 0; s < samples; s++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[random.below(values.length)];
    means[s] = sum / values.length;
  }
  return means.sort();
}

/** Linear between the two values on either side. */
function quantile(ascending: Float64Array, q: number): number {
  const place = q * (ascending.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
}
