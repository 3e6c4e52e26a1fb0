/** What the host sees of the graph. */
import { arrange, codeQuery } from "./arrange";
import { isSound } from "./check";
import { insert } from "./insert";
import { search } from "./knn";
import { Graph } from "./layout";
import { remove } from "./remove";
import { openRows } from "./scan";
import { codeAll, readVector, storeVector } from "./store";

/** Bytes of the Graph struct: the host checks that it lays out as many fields. */
export function hnswGraphBytes(): u32 {
  return offsetof<Graph>();
}

/** Stores, codes and links the vector that the host wrote to `query`, after setting the slot's row. */
export function hnswInsert(graph: Graph, slot: i32): void {
  storeVector(graph, slot);
  insert(graph, slot);
}

/** Codes the vector in `query` to an address of the host's: what `hnswArrange` arranges. */
export function hnswCodeQuery(graph: Graph, code: usize): void {
  codeQuery(graph, code);
}

export function hnswArrange(graph: Graph, codes: usize, entries: usize, count: u32): void {
  arrange(graph, codes, entries, count);
}

export function hnswRemove(graph: Graph, slot: i32): void {
  remove(graph, slot);
}

export function hnswSearch(graph: Graph, k: u32, ef: u32, allowed: usize, rows: u32, open: u32): u32 {
  return search(graph, k, ef, allowed, rows, open);
}

/** Closes the rows of a bitmap that are not in use; returns how many stay open. */
export function hnswOpenRows(allowed: usize, everyone: usize, rows: u32): u32 {
  return openRows(allowed, everyone, rows);
}

/** Writes the vector of a slot to `query`. */
export function hnswVector(graph: Graph, slot: i32): void {
  readVector(graph, slot);
}

/** Codes the vectors of all slots in use again: snapshots hold vectors and links. Returns whether all their numbers are finite. */
export function hnswCodeAll(graph: Graph): bool {
  return codeAll(graph);
}

export function hnswIsSound(graph: Graph): bool {
  return isSound(graph);
}
