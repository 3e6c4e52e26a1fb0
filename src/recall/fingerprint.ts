import type { Network } from "../model/network.ts";
import { checksum } from "../tensor/checksum.ts";

/** Rows of a table that are looked at: those of unknown and missing values, and the first of the vocabulary. */
const ROWS = 4;

/**
 * A checksum that tells a trained model from any other: of all its layers, and of the first rows of its tables. Training
 * changes it; new rows at the ends of tables, which `extend` adds, do not, since vectors made before stay what they were.
 */
export function fingerprint(network: Network): string {
  const tables = new Set([...network.tables.values()]);
  const sums = Array.from(network.parameters(), ([name, parameter]) => {
    const { data, shape } = parameter.value;
    const some = tables.has(parameter) ? data.subarray(0, ROWS * shape[shape.length - 1]) : data;
    const numbers = Float32Array.from(some);
    return `${name} ${checksum(new Uint8Array(numbers.buffer))}`;
  });
  return checksum(new TextEncoder().encode(sums.join("\n")));
}
