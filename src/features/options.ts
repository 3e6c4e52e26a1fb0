import { type ErrorCode, TwoTowerError } from "../errors.ts";
import { didYouMean, quoted } from "./suggest.ts";

/** Throws unless `options` is an object with no other keys than `allowed`. `maker` is the function called: "category". */
export function checkKeys(
  maker: string,
  options: unknown,
  allowed: readonly string[],
  code: ErrorCode = "BAD_SCHEMA",
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TwoTowerError(code, `${maker}(): options must be an object, not ${show(options)}`);
  for (const key of Object.keys(options))
    if (!allowed.includes(key))
      throw new TwoTowerError(
        code,
        `${maker}(): there is no option "${key}"${didYouMean(key, allowed)}; the options are ${quoted(allowed)}`,
      );
}

/** A whole number of at least `least`, or undefined where none was given. */
export function wholeNumber(maker: string, name: string, value: unknown, least: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw badOption(maker, `${name} must be a whole number of at least ${least}, not ${show(value)}`);
}

/** Text that is not empty, or undefined where none was given. */
export function someText<T extends string | undefined>(maker: string, name: string, value: T): T {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw badOption(maker, `${name} must be text that is not empty, not ${show(value)}`);
}

/** True, false, or false where nothing was given. */
export function yesOrNo(maker: string, name: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw badOption(maker, `${name} must be true or false, not ${show(value)}`);
}

/** One of a few words, or undefined where none was given. */
export function oneOf<T extends string>(
  maker: string,
  name: string,
  value: unknown,
  words: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw badOption(maker, `${name} must be one of ${quoted(words)}, not ${show(value)}`);
}

/** A regular expression whose first group is the value. */
export function patternOf(maker: string, value: unknown): RegExp | undefined {
  if (value === undefined) return undefined;
  let pattern: RegExp;
  try {
    if (!(value instanceof RegExp) && typeof value !== "string") throw new TypeError("it is neither text nor a RegExp");
    pattern = new RegExp(value);
  } catch (cause) {
    throw badOption(maker, `pattern ${show(value)} is not a regular expression: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (/[gy]/.test(pattern.flags)) throw badOption(maker, `pattern ${pattern} must not have the flags g or y`);
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec(""); // always matches, so it shows the groups
  if (groups === null || groups.length < 2)
    throw badOption(maker, `pattern ${pattern} has no group; put round brackets around the value: /\\((\\d{4})\\)$/`);
  return pattern;
}

/** A value as it should appear in a message: short, on one line. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
  if (Array.isArray(value)) return value.length > 0 ? "a list" : "an empty list";
  if (typeof value === "function") return `the function ${value.name}`;
  if (value instanceof RegExp || value === null || typeof value !== "object") return String(value);
  return value instanceof Date ? `Date(${value.getTime()})` : "an object";
}

export function badOption(maker: string, problem: string, options?: ErrorOptions): TwoTowerError {
  return new TwoTowerError("BAD_SCHEMA", `${maker}(): ${problem}`, options);
}
