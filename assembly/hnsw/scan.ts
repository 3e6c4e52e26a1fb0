import { Graph, slotOfRow } from "./layout";
import { entryOf, FARTHEST, place } from "./pool";
import { QUERY, scoreBatch } from "./similarity";

const BATCH: u32 = 32;

/** How many of the first `rows` bits are set. `rows` is rounded up to a multiple of 128: the bits past it must be 0. */
export function countAllowed(allowed: usize, rows: u32): u32 {
  let sum: u32 = 0;
  for (let at = allowed; at < allowed + (<usize>rows + 7 >> 3); at += 8) sum += <u32>popcnt(load<u64>(at));
  return sum;
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
