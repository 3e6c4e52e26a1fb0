import { Graph, slotsOfRows } from "./layout";
import { entryAt, entryOf, place } from "./pool";
import { bestPossible, leastRanked, placeRanked, queryLength, touchVectors, worstPossible, writeRanked } from "./rank";
import { QUERY, scoreBatch } from "./similarity";

const BATCH: u32 = 128;

/**
 * Closes the rows of `allowed` that are not in use and counts the open ones of the first `rows`, rounded up to a multiple
 * of 512: in both bitmaps the bits past them are 0 or belong to no row. Where nothing is allowed it only looks, a line at
 * a time: a filter that lets little through costs hardly more than its copying.
 */
export function openRows(allowed: usize, everyone: usize, rows: u32): u32 {
  let sum = i32x4.splat(0);
  const end = allowed + (<usize>((rows + 511) >> 9) << 6);
  for (let line = allowed; line < end; line += 64) {
    if (isClosed(line)) continue;
    for (let at = line; at < line + 64; at += 16) {
      const open = v128.and(v128.load(at), v128.load(everyone + (at - allowed)));
      v128.store(at, open);
      sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(i8x16.popcnt(open))));
    }
  }
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
}

/** Whether none of 512 rows is open. */
@inline
function isClosed(line: usize): bool {
  return !v128.any_true(v128.or(v128.or(v128.load(line), v128.load(line, 16)), v128.or(v128.load(line, 32), v128.load(line, 48))));
}

/**
 * The k best of all open rows, without the graph: codes are scored, and whoever may be among the best for all that they
 * tell is ranked at once. In a shell about the query, where nobody is much nearer than others, that is nearly everyone;
 * the batch's vectors are on their way together all the same. Writes rows and scores as `rank` does.
 */
export function scan(graph: Graph, k: u32, rows: u32, allowed: usize): u32 {
  const length = queryLength(graph);
  let count: u32 = 0;
  let at: u32 = 0;
  do {
    at = nextBatch(graph, at, rows, allowed);
    scoreBatch(graph, graph.spread, QUERY, graph.batchSize);
    const least = count < k ? leastOfBatch(graph, k, length) : leastRanked(graph, count, k);
    gatherDoubtful(graph, least, length);
    touchVectors(graph, graph.poolSize);
    for (let i: u32 = 0; i < graph.poolSize; i++) {
      const entry = entryAt(graph, i);
      if (bestPossible(graph, entry, length) >= leastRanked(graph, count, k)) count = placeRanked(graph, count, k, entry, length);
    }
  } while (at < rows);
  return writeRanked(graph, count);
}

/** A score that k of a batch surely reach; −∞ if it has fewer. */
function leastOfBatch(graph: Graph, k: u32, length: f32): f32 {
  if (graph.batchSize < k) return -Infinity;
  let size: u32 = 0;
  for (let i: usize = 0; i < <usize>graph.batchSize << 2; i += 4) {
    const entry = entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i));
    if (size == k) {
      if (entry > entryAt(graph, k - 1)) continue;
      size--;
    }
    place(graph.pool, size++, entry);
  }
  let least: f32 = Infinity;
  for (let i: u32 = 0; i < k; i++) least = min(least, worstPossible(graph, entryAt(graph, i), length));
  return least;
}

/** Leaves in the pool, in the order of rows, the nodes of a batch whose score may be as good as `least`. */
function gatherDoubtful(graph: Graph, least: f32, length: f32): void {
  // Under cosine four at a time are told to be too far, as most are.
  const far = graph.norms ? i32.MIN_VALUE : i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(f32x4.splat((least - graph.codeError) * graph.codeUnit)), 0);
  const scores = graph.scores;
  const end = <usize>graph.batchSize << 2;
  const bound = i32x4.splat(far);
  let size: u32 = 0;
  for (let four: usize = 0; four < end; four += 16) {
    if (!v128.any_true(i32x4.ge_s(v128.load(scores + four), bound))) continue;
    for (let i = four; i < min(four + 16, end); i += 4) {
      const entry = entryOf(load<i32>(scores + i), load<i32>(graph.batch + i));
      if (bestPossible(graph, entry, length) >= least) store<u64>(graph.pool + (<usize>(size++) << 3), entry);
    }
  }
  graph.poolSize = size;
}

/** Writes the slots of some open rows from `from` on to the batch; returns where to go on. */
function nextBatch(graph: Graph, from: u32, rows: u32, allowed: usize): u32 {
  const batch = graph.batch;
  let count: u32 = 0;
  let base = from;
  for (; base < rows && count <= BATCH - 64; base += 64) {
    if ((base & 511) == 0) {
      while (base < rows && isClosed(allowed + (base >> 3))) base += 512;
      if (base >= rows) break;
    }
    let bits = load<u64>(allowed + (base >> 3));
    if (bits == 0) continue;
    for (const slots = slotsOfRows(graph, base); bits != 0; bits &= bits - 1)
      store<i32>(batch + (<usize>(count++) << 2), load<i32>(slots + (<usize>ctz(bits) << 2)));
  }
  graph.batchSize = count;
  return base;
}
