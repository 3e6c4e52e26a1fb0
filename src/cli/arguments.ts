import { InvalidArgumentError } from "commander";

// Readers of option values. What they refuse is a usage error, and the parser says which option it was.

/** Whether a number is whole and above 0. */
export const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (isWhole(value)) return value;
  throw new InvalidArgumentError("Expected a whole number above 0.");
}

/** A reader of whole numbers from 1 to `most`: beyond it a slip is likelier than a machine that can do it. */
export function wholeNumberTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (isWhole(value) && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most.toLocaleString("en-US")}.`);
  };
}

export function seed(text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("Expected a whole number from 0.");
}

export function port(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= 0 && value < 65536) return value;
  throw new InvalidArgumentError("Expected a port, from 0 to 65535.");
}

export function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

export function finite(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number.");
}

export function share(text: string): number {
  const value = Number(text);
  if (text !== "" && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("Expected a number from 0 to below 1.");
}

/** "128,64", or "none" for no number at all. */
export function wholeNumbers(text: string): number[] {
  const values = text === "none" ? [] : text.split(",").map(Number);
  if (values.every(isWhole)) return values;
  throw new InvalidArgumentError('Expected whole numbers above 0 with commas between them, such as 128,64; or "none".');
}

/** "12,7": texts between commas. */
export function commaSeparated(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
