import type { Random } from "../tensor/random.ts";

/** Passes over the runs, each of every so manyth. */
const PASSES = 25;
/** Items of so many neighbouring slots are a run; at most 16, so that none has two items of upper levels. */
const LONGEST_RUN = 16;

/**
 * In which order rounds take the slots of new items. Those of upper levels come first, an even sample of all; then every
 * 25th run of the others as they lie in memory, then the one after each of these, and so on. So neighbours are in one run,
 * where they see each other, or in different rounds, and a run comes soon after the one it lies beside: taken at random
 * instead, 100,000 × 64 lose .002 of recall@10 at ef = 32.
 */
export function roundOrder(slots: Int32Array, run: number, random: Random): Int32Array {
  const sorted = slots.slice().sort();
  const upper = random.shuffle(sorted.filter((slot) => slot % 16 === 0));
  const others = sorted.filter((slot) => slot % 16 !== 0);
  const begins = runBegins(others, run);
  const order = new Int32Array(sorted.length);
  order.set(upper);
  let at = upper.length;
  for (let pass = 0; pass < PASSES; pass++)
    for (let r = pass; r < begins.length - 1; r += PASSES)
      for (let i = begins[r]; i < begins[r + 1]; i++) order[at++] = others[i];
  return order;
}

/** A run has M + 1 items at most: assembly/hnsw/rounds.ts says why. */
export const runLength = (M: number): number => Math.min(LONGEST_RUN, 1 << (31 - Math.clz32(M + 1)));

/** Where runs begin in sorted slots, which are cut where one group of `length` slots ends; and where the last one ends. */
export function runBegins(slots: Int32Array, length: number): number[] {
  const begins: number[] = [];
  let last = -1;
  for (let i = 0; i < slots.length; i++) {
    const group = Math.floor(slots[i] / length);
    if (group !== last) begins.push(i);
    last = group;
  }
  begins.push(slots.length);
  return begins;
}

/** As levelOf in assembly/hnsw/layout.ts. */
export function levelOf(slot: number): number {
  if (slot % 16 !== 0) return 0;
  if (slot % 256 !== 0) return 1;
  return Math.min(5, slot === 0 ? 5 : (31 - Math.clz32(slot & -slot)) >> 2);
}
