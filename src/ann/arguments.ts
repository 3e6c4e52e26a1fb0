import { TwoTowerError } from "../errors.ts";
import type { Metric } from "./vector-index.ts";

/** No search returns more than this. */
export const LARGEST_K = 4096;

/** A value in a message. Not all become text, and whoever gave one of those must be told all the same. */
export function told(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  const isPlain = value === null || !["object", "function", "symbol"].includes(typeof value);
  return isPlain ? String(value) : `of type ${typeof value}`;
}

/** Throws unless `vectors` holds `count` finite vectors of length d, each of a length that float32 can hold. */
export function expectVectors(vectors: ArrayLike<number>, count: number, d: number, what: string): void {
  const length = typeof vectors === "object" ? vectors?.length : undefined;
  if (length !== count * d)
    throw new TwoTowerError(
      "SHAPE_MISMATCH",
      `${what}: ${length ?? `${told(vectors)}, not the`} numbers where ${count === 1 ? "" : `${count} × `}${d} were expected`,
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

/** Throws for what is no object but nothing, or a list. */
export function expectObject(what: string, value: object & { readonly [Symbol.iterator]?: unknown }): void {
  if (value === undefined || value === null || value[Symbol.iterator] !== undefined)
    throw unlike(what, value, "an object");
}

/** Throws unless `value` can be gone through. A single string would be taken for a list of its letters. */
export function expectList(what: string, value: Iterable<unknown>): void {
  if (typeof value === "string" || typeof value?.[Symbol.iterator] !== "function")
    throw unlike(what, value, "a list of ids");
}

/** How many ids there are to add. */
export function countOf(ids: ArrayLike<unknown>): number {
  if (typeof ids !== "object" || ids?.length === undefined) throw unlike("what to add", ids, "a list of ids");
  return ids.length;
}

/** Throws unless `index` is one: what a factory makes, not the factory. */
export function expectIndex(index: object): void {
  if (typeof index !== "object" || index === null || !("searchRows" in index)) throw unlike("this", index, "an index");
}

/** Throws for an option that does not exist: what is misspelt would be left out without a word. */
export function expectOptions(options: object, known: readonly string[]): void {
  expectObject("options", options);
  for (const name in options)
    if (!known.includes(name))
      throw new TwoTowerError("BAD_ARGUMENT", `there is no option "${name}"; the options are ${known.join(", ")}`);
}

/** Throws unless `value` is a whole number from `least` to `most`. */
export function expectWhole(name: string, value: unknown, least: number, most: number): asserts value is number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
    throw unlike(name, value, `a whole number from ${least} to ${most}`);
}

/** Throws unless `metric` is one of the two. */
export function expectMetric(metric: unknown): asserts metric is Metric {
  if (metric !== "cosine" && metric !== "dot") throw unlike("metric", metric, '"cosine" or "dot"');
}

const unlike = (what: string, value: unknown, expected: string): TwoTowerError =>
  new TwoTowerError("BAD_ARGUMENT", `${what} is ${told(value)}; ${expected} was expected`);
