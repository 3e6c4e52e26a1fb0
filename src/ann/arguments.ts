import { TwoTowerError } from "../errors.ts";
import type { Metric } from "./vector-index.ts";

/** No search returns more than this. */
export const LARGEST_K = 4096;

/** Throws unless `vectors` holds `count` finite vectors of length d, each of a length that float32 can hold. */
export function expectVectors(vectors: ArrayLike<number>, count: number, d: number, what: string): void {
  if (typeof vectors !== "object" || vectors.length !== count * d)
    throw new TwoTowerError(
      "SHAPE_MISMATCH",
      `${what}: ${typeof vectors === "object" ? vectors.length : `a ${typeof vectors}, not the`} numbers where ${count === 1 ? "" : `${count} × `}${d} were expected`,
    );
  for (let i = 0; i < vectors.length; i++) {
    // 2⁵⁰ leaves room for the square of a length, summed over 2,048 numbers, and for what a graph makes of it in float32.
    if (Math.abs(vectors[i]) <= 2 ** 50) continue;
    const where = count === 1 ? `number ${i}` : `number ${i % d} of vector ${Math.floor(i / d)}`;
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `${what}: ${where} is ${vectors[i]}; finite numbers below 2^50 were expected`,
    );
  }
}

/** Throws for an option that does not exist: what is misspelt would be left out without a word. */
export function expectOptions(options: object, known: readonly string[]): void {
  if (options === null) throw new TwoTowerError("BAD_ARGUMENT", "the options are null, not an object");
  for (const name in options)
    if (!known.includes(name))
      throw new TwoTowerError("BAD_ARGUMENT", `there is no option "${name}"; the options are ${known.join(", ")}`);
}

/** Throws unless `value` is a whole number from `least` to `most`. */
export function expectWhole(name: string, value: unknown, least: number, most: number): asserts value is number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `${name} is ${value}; a whole number from ${least} to ${most} was expected`,
    );
}

/** Throws unless `metric` is one of the two. */
export function expectMetric(metric: unknown): asserts metric is Metric {
  if (metric !== "cosine" && metric !== "dot")
    throw new TwoTowerError("BAD_ARGUMENT", `metric is ${JSON.stringify(metric)}; "cosine" or "dot" was expected`);
}
