import type { HnswIndex } from "../../src/ann/hnsw.ts";
import type { ItemId } from "../../src/ann/vector-index.ts";
import { decodeSafetensors } from "../../src/tensor/safetensors.ts";

const SLOT = (1 << 30) - 1;
const TREE = 1 << 30;

/** The level-0 graph of an index, read from its snapshot. */
export interface LevelZero {
  /** Neighbours by slot; vacant slots have none. */
  readonly neighbours: Map<number, number[]>;
  /** Those by links of the spanning tree. */
  readonly tree: Map<number, number[]>;
  readonly entry: number;
}

export function levelZero<Id extends ItemId>(index: HnswIndex<Id>): LevelZero {
  const { tensors, metadata } = decodeSafetensors(index.toBytes());
  const links = tensors.get("links")!;
  const degree = links.shape[1];
  const taken = [...(tensors.get("slots")!.data as Int32Array)].filter((slot) => slot >= 0);
  const listOf = (slot: number): number[] =>
    [...(links.data as Int32Array).subarray(slot * degree, (slot + 1) * degree)].filter((link) => link !== -1);
  return {
    neighbours: new Map(taken.map((slot) => [slot, listOf(slot).map((link) => link & SLOT)])),
    tree: new Map(
      taken.map((slot) => [
        slot,
        listOf(slot)
          .filter((link) => link & TREE)
          .map((link) => link & SLOT),
      ]),
    ),
    entry: JSON.parse(metadata.get("state")!).entry,
  };
}

/** How many slots a walk along these links reaches. */
export function reach(links: Map<number, number[]>, from: number): number {
  const seen = new Set([from]);
  for (const slot of seen) for (const next of links.get(slot)!) seen.add(next);
  return seen.size;
}
