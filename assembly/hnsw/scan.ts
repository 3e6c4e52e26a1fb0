import { Graph, slotOfRow } from "./layout";
import { entryOf, FARTHEST, place } from "./pool";
import { QUERY, scoreBatch } from "./similarity";

const BATCH: u32 = 32;

/**
 * Closes the rows of `allowed` that are not in use and counts the open ones of the first `rows`, rounded up to a multiple
 * of 128: in both bitmaps the bits past them are 0 or belong to no row.
 */
export function openRows(allowed: usize, everyone: usize, rows: u32): u32 {
  let sum = i32x4.splat(0);
  const bytes = <usize>((rows + 127) >> 7) << 4;
  for (let at: usize = 0; at < bytes; at += 16) {
    const open = v128.and(v128.load(allowed + at), v128.load(everyone + at));
    v128.store(allowed + at, open);
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(i8x16.popcnt(open))));
  }
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
}

/** Every allowed row, without the graph: leaves the nearest `wanted` in the pool. */
export function scan(graph: Graph, rows: u32, wanted: u32, allowed: usize): void {
  graph.poolSize = 0;
  let bound = FARTHEST;
  let count: u32 = 0;
  for (let base: u32 = 0; base < rows; base += 64) {
    let bits = load<u64>(allowed + (base >> 3));
    while (bits != 0) {
      store<i32>(graph.batch + (<usize>count << 2), slotOfRow(graph, base + <u32>ctz(bits)));
      bits &= bits - 1;
      if (++count < BATCH) continue;
      bound = scoreIntoPool(graph, count, wanted, bound);
      count = 0;
    }
  }
  scoreIntoPool(graph, count, wanted, bound);
}

/** Scores a batch and keeps what is nearer than the bound; returns the new bound. */
function scoreIntoPool(graph: Graph, count: u32, wanted: u32, bound: u64): u64 {
  scoreBatch(graph, graph.spread, QUERY, count);
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const entry = entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i));
    if (entry >= bound) continue;
    if (graph.poolSize == wanted) graph.poolSize--;
    place(graph.pool, graph.poolSize++, entry);
    if (graph.poolSize == wanted) bound = load<u64>(graph.pool + (<usize>(wanted - 1) << 3));
  }
  return bound;
}
