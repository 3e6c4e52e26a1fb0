import { Graph, slotsOfRows } from "./layout";
import { entryOf, FARTHEST, place } from "./pool";
import { bestPossible, queryLength } from "./rank";
import { QUERY, scoreBatch } from "./similarity";

const BATCH: u32 = 128;

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
  let at: u32 = 0;
  do {
    at = nextBatch(graph, at, rows, allowed);
    bound = scoreIntoPool(graph, graph.batchSize, wanted, bound);
  } while (at < rows);
}

/** The same, but leaves all in the pool, as far as it goes, whose score may be as good as `least` for all that codes tell. */
export function scanDoubtful(graph: Graph, rows: u32, allowed: usize, least: f32): void {
  const length = queryLength(graph);
  graph.poolSize = 0;
  let at: u32 = 0;
  do {
    at = nextBatch(graph, at, rows, allowed);
    scoreBatch(graph, graph.spread, QUERY, graph.batchSize);
    for (let i: usize = 0; i < <usize>graph.batchSize << 2; i += 4) {
      const entry = entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i));
      if (bestPossible(graph, entry, length) < least) continue;
      if (graph.poolSize == graph.poolCapacity) graph.poolSize--;
      place(graph.pool, graph.poolSize++, entry);
    }
  } while (at < rows);
}

/** Writes the slots of some open rows from `from` on to the batch; returns where to go on. */
function nextBatch(graph: Graph, from: u32, rows: u32, allowed: usize): u32 {
  const batch = graph.batch;
  let count: u32 = 0;
  let base = from;
  for (; base < rows && count <= BATCH - 64; base += 64) {
    let bits = load<u64>(allowed + (base >> 3));
    if (bits == 0) continue;
    for (const slots = slotsOfRows(graph, base); bits != 0; bits &= bits - 1)
      store<i32>(batch + (<usize>(count++) << 2), load<i32>(slots + (<usize>ctz(bits) << 2)));
  }
  graph.batchSize = count;
  return base;
}

/** Scores a batch and keeps what is nearer than the bound; returns the new bound. */
function scoreIntoPool(graph: Graph, count: u32, wanted: u32, bound: u64): u64 {
  scoreBatch(graph, graph.spread, QUERY, count);
  const scores = graph.scores;
  let least = i32x4.splat(<i32>(<u32>(bound >> 32) ^ 0x7fffffff));
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    // Most are farther than the farthest kept, four at a time.
    if (!v128.any_true(i32x4.ge_s(v128.load(scores + i), least))) continue;
    const end = min(i + 16, <usize>count << 2);
    for (let j = i; j < end; j += 4) {
      const entry = entryOf(load<i32>(scores + j), load<i32>(graph.batch + j));
      if (entry >= bound) continue;
      if (graph.poolSize == wanted) graph.poolSize--;
      place(graph.pool, graph.poolSize++, entry);
      if (graph.poolSize < wanted) continue;
      bound = load<u64>(graph.pool + (<usize>(wanted - 1) << 3));
      least = i32x4.splat(<i32>(<u32>(bound >> 32) ^ 0x7fffffff));
    }
  }
  return bound;
}
