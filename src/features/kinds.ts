import { TwoTowerError } from "../errors.ts";
import { checkKeys, show } from "./options.ts";
import { quoted } from "./suggest.ts";

/** A kind of value: how to tell one, and what to call it. */
export type Kind = readonly [isOne: (value: unknown) => boolean, expected: string];

/** Whether a value is an object that has, under this key, something of this type. */
export const holds = (value: unknown, key: string, type: string): boolean =>
  typeof value === "object" && value !== null && typeof (value as Record<string, unknown>)[key] === type;

const isNumber = (value: unknown): value is number => typeof value === "number";

export const callback: Kind = [(value) => typeof value === "function", "a function"];
export const anObject: Kind = [(value) => typeof value === "object" && value !== null, "an object"];
export const yesNo: Kind = [(value) => typeof value === "boolean", "true or false"];
export const positive: Kind = [(n) => isNumber(n) && n > 0 && n < Infinity, "a number above 0"];
export const notNegative: Kind = [(n) => isNumber(n) && n >= 0 && n < Infinity, "a number of at least 0"];
export const rate: Kind = [(n) => isNumber(n) && n >= 0 && n < 1, "a rate from 0 to below 1"];
export const whole: Kind = [(n) => Number.isSafeInteger(n) && (n as number) > 0, "a whole number above 0"];

export const between = (least: number, most: number): Kind => [
  (n) => isNumber(n) && n >= least && n <= most,
  `a number from ${least} to ${most}`,
];
export const wholeBetween = (least: number, most: number): Kind => [
  (n) => Number.isInteger(n) && (n as number) >= least && (n as number) <= most,
  `a whole number from ${least} to ${most}`,
];
export const oneOf = (...words: readonly string[]): Kind => [
  (value) => words.includes(value as string),
  `one of ${quoted(words)}`,
];

/** Throws BAD_ARGUMENT unless the value is of the kind. `what` names it: "uniform: count". */
export function expectKind(what: string, value: unknown, [isOne, expected]: Kind): void {
  if (!isOne(value)) throw new TwoTowerError("BAD_ARGUMENT", `${what} is ${show(value)}; expected ${expected}`);
}

/** Throws BAD_ARGUMENT for an option that does not exist or cannot be meant: plain JavaScript has no compiler to ask. */
export function expectKinds(maker: string, options: unknown, kinds: Readonly<Record<string, Kind>>): void {
  checkKeys(maker, options, Object.keys(kinds), "BAD_ARGUMENT");
  for (const [name, value] of Object.entries(options as object))
    if (value !== undefined) expectKind(`${maker}: ${name}`, value, kinds[name]);
}
