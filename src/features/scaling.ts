import { log } from "../kernels/math.ts";
import type { Column } from "./columns.ts";
import type { Scale } from "./declare-number.ts";

/** What fitting learnt about a number: z = (y − centre) / spread, where y is x, or its logarithm for "log". */
export interface Scaling {
  readonly scale: Scale;
  readonly centre: number;
  readonly spread: number;
  /** What a missing number counts as: the mean. */
  readonly missing: number;
  /** Whether numbers were missing while fitting; then a second number says for each row if it is (1) or not (0). */
  readonly indicator: boolean;
  /** Whether z² and √z follow z; absent: not. */
  readonly powers?: boolean;
}

/** A value this many deviations away says no more by being further, and could wreck a tower. */
const FARTHEST = 100;

/** The scaling of some numbers, NaN where they are missing. Numbers that are all equal become 0. */
export function fitScaling(scale: Scale, numbers: Float64Array): Scaling {
  const known = numbers.filter((number) => !Number.isNaN(number)).map(scale === "log" ? signedLog : (x) => x);
  const indicator = known.length < numbers.length;
  const least = known.reduce((a, b) => Math.min(a, b), known[0] ?? 0) + 0; // not −0, which JSON would not keep
  const range = known.reduce((a, b) => Math.max(a, b), least) - least;
  if (range === 0) return { scale, centre: least, spread: 1, missing: 0, indicator };
  const mean = meanOf(known);
  if (scale === "min-max") return { scale, centre: least, spread: range, missing: (mean - least) / range, indicator };
  const deviation = Math.sqrt(meanOf(known.map((y) => (y - mean) * (y - mean))));
  return { scale, centre: mean, spread: deviation || 1, missing: 0, indicator };
}

/** How many numbers a scaled one becomes: z, perhaps z² and √z, and perhaps the indicator of missing ones. */
export const widthOf = ({ powers, indicator }: Scaling): number => (powers ? 3 : 1) + (indicator ? 1 : 0);

/** The numbers, scaled; with the indicator of missing ones where fitting met some. */
export function scaled(scaling: Scaling, numbers: ArrayLike<number>): Column {
  const width = widthOf(scaling);
  const values = new Float32Array(numbers.length * width);
  for (let i = 0; i < numbers.length; i++) {
    const isMissing = Number.isNaN(numbers[i]);
    const z = isMissing ? scaling.missing : scaleOne(scaling, numbers[i]);
    values[i * width] = z;
    if (scaling.powers) {
      values[i * width + 1] = z * z;
      values[i * width + 2] = Math.sqrt(z);
    }
    if (scaling.indicator) values[(i + 1) * width - 1] = isMissing ? 1 : 0;
  }
  return { kind: "number", width, values };
}

function scaleOne({ scale, centre, spread }: Scaling, number: number): number {
  const z = ((scale === "log" ? signedLog(number) : number) - centre) / spread;
  const [least, most] = scale === "min-max" ? [0, 1] : [-FARTHEST, FARTHEST];
  return Math.min(most, Math.max(least, z));
}

/** By our own logarithm: the last bits of JavaScript's depend on the engine. */
const signedLog = (x: number): number => (x < 0 ? -log(1 - x) : log(1 + x));

const meanOf = (numbers: Float64Array): number =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
