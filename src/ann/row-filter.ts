import type { HnswKernels, Lock } from "./hnsw-module.ts";
import type { RowBitmap } from "./vector-index.ts";

/** What of a graph's memory a filter needs. */
interface GraphMemory {
  readonly bytes: Uint8Array;
  readonly layout: { readonly allowed: number; readonly everyone: number };
  readonly kernels: Pick<HnswKernels, "hnswOpenRows">;
  readonly lock: Lock | undefined;
}

/** What a search is told of rows it may find: a bitmap in linear memory (0: all), and how many rows that are. */
export interface RowFilter {
  readonly address: number;
  readonly open: number;
  /** After the search. */
  close(): void;
}

const everything = (open: number): RowFilter => ({ address: 0, open, close: () => {} });

/**
 * Puts a filter into the graph's memory. Exclusions alone cost what they count: their bits are cleared in the bitmap
 * of all rows in use, and set again afterwards. A filter is copied, at one bit a row.
 */
export function openFilter(
  memory: GraphMemory,
  size: number,
  rows: number,
  allowed?: RowBitmap,
  excluded?: ArrayLike<number>,
): RowFilter {
  if (allowed !== undefined) return openAllowed(memory, rows, allowed, excluded);
  if (excluded === undefined || excluded.length === 0) return everything(size);
  if (memory.lock) return openAllowed(memory, rows, memory.bytes.subarray(memory.layout.everyone), excluded); // others read it
  const { bytes, layout } = memory;
  const cleared: number[] = [];
  for (let i = 0; i < excluded.length; i++)
    if (clear(bytes, layout.everyone, excluded[i], rows)) cleared.push(excluded[i]);
  return {
    address: layout.everyone,
    open: size - cleared.length,
    close: () => {
      for (const row of cleared) bytes[layout.everyone + (row >> 3)] |= 1 << (row & 7);
    },
  };
}

function openAllowed(
  memory: GraphMemory,
  rows: number,
  allowed: RowBitmap,
  excluded: ArrayLike<number> = [],
): RowFilter {
  const { bytes, layout, kernels } = memory;
  const end = Math.ceil(rows / 512) * 64; // whole lines, as the kernels read
  bytes.set(allowed.length > end ? allowed.subarray(0, end) : allowed, layout.allowed);
  if (allowed.length < end) bytes.fill(0, layout.allowed + allowed.length, layout.allowed + end);
  for (let i = 0; i < excluded.length; i++) clear(bytes, layout.allowed, excluded[i], rows);
  return {
    address: layout.allowed,
    open: kernels.hnswOpenRows(layout.allowed, layout.everyone, rows),
    close: () => {},
  };
}

/** Clears a row's bit; returns whether it was set. Rows that do not exist are none of ours. */
function clear(bytes: Uint8Array, bitmap: number, row: number, rows: number): boolean {
  if (!(row >= 0 && row < rows)) return false;
  const at = bitmap + (row >> 3);
  const bit = 1 << (row & 7);
  const was = (bytes[at] & bit) !== 0;
  bytes[at] &= ~bit;
  return was;
}
