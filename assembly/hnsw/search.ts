import { lengthOf, rotate, scale, spreadQuery } from "./codes";
import { degreeAt, Graph, linksOf, NONE, SLOT } from "./layout";
import { entryOf, EXPANDED, FARTHEST, merge, place, similarityIn, slotIn } from "./pool";
import { scoreBatch, scoreTouched, touchCodes } from "./similarity";

/**
 * Nodes expanded at a time. Two share one wait for memory; on 100,000 × 64 a search of equal recall takes 6 % less time
 * than one by one, and three gain nothing more.
 */
export const WIDE: i32 = 2;

/**
 * Pools of more than this take the newcomers of a batch in one go, so that each entry is moved once: 1.12 × as many items
 * a second at efConstruction = 200. In small ones there is little to move, and the bound is better known at once: 3 %.
 */
const SMALL: u32 = 64;

/**
 * Algorithm 2, SEARCH-LAYER: from the entry points in the pool to the `wanted` nodes nearest to the spread query, left in
 * the pool, nearest first. All nodes are open: filtered.ts has the same for a filter.
 *
 * Where the paper takes neighbours one by one, all unvisited neighbours of two nodes are a batch, and while one batch is
 * scored the codes of the next are on their way. So a node may be expanded that the batch under way would have put off:
 * that costs some similarities and earns some recall.
 */
export function searchLayer(graph: Graph, spread: usize, norm: f32, entry: u64, level: u32, wanted: u32): void {
  const pool = graph.pool;
  let bound = FARTHEST; // entries from here on are of no use
  let cursor: u32 = 0; // everything before it is expanded
  mark(graph, slotIn(entry));
  store<u64>(pool, entry);
  let size: u32 = 1;
  const newcomers = pool + (<usize>wanted << 3); // sorted before they are merged

  let here: usize = 0; // the batch that is scored, and the one whose codes are on their way meanwhile
  let there: usize = graph.batchBytes;
  let flying: u32 = 0;
  while (true) {
    cursor = nextUnexpanded(pool, cursor, size);
    let started: u32 = 0;
    if (cursor < size) {
      for (let n = 0; n < WIDE && cursor < size; n++) {
        const at = pool + (<usize>cursor << 3);
        const c = load<u64>(at);
        store<u64>(at, c | EXPANDED);
        started += gatherUnseen(graph, slotIn(c), level, there + (<usize>started << 2));
        cursor = nextUnexpanded(pool, cursor + 1, size);
      }
      let next = cursor;
      for (let n = 0; n < WIDE && next < size; n++) {
        touchLinks(graph, slotIn(load<u64>(pool + (<usize>next << 3))), level);
        next = nextUnexpanded(pool, next + 1, size);
      }
      touchCodes(graph, there, started);
    } else if (flying == 0) break;
    scoreTouched(graph, spread, norm, here, flying);
    let fresh: u32 = 0;
    for (let i = here; i < here + (<usize>flying << 2); i += 4) {
      const e = entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i));
      if (e >= bound) continue;
      if (wanted > SMALL) {
        place(newcomers, fresh++, e);
        continue;
      }
      if (size == wanted) size--;
      cursor = min(cursor, place(pool, size++, e));
      if (size == wanted) bound = load<u64>(pool + (<usize>(size - 1) << 3));
    }
    if (fresh > 0) {
      cursor = min(cursor, merge(pool, size, newcomers, fresh, wanted));
      size = min(size + fresh, wanted);
      if (size == wanted) bound = load<u64>(pool + (<usize>(size - 1) << 3));
    }
    flying = started;
    const swap = here;
    here = there;
    there = swap;
  }
  graph.poolSize = size;
  clearMarks(graph);
}

@inline
export function nextUnexpanded(pool: usize, from: u32, size: u32): u32 {
  while (from < size && (load<u64>(pool + (<usize>from << 3)) & EXPANDED) != 0) from++;
  return from;
}

@inline
export function touchLinks(graph: Graph, slot: i32, level: u32): void {
  const links = linksOf(graph, slot, level);
  graph.touchedLinks = load<u32>(links) | load<u32>(links + (degreeAt(graph, level) << 1));
}

/** Writes the neighbours of a node that this walk has not seen to `graph.batch` and marks them; returns how many. */
export function gatherUnseen(graph: Graph, slot: i32, level: u32, at: usize): u32 {
  const links = linksOf(graph, slot, level);
  const end = links + (degreeAt(graph, level) << 2);
  const visited = graph.visited;
  const batch = graph.batch + at;
  let count: usize = 0;
  for (let from = links; from < end; from += 4) {
    const link = load<i32>(from);
    if (link == NONE) break;
    const neighbour = link & SLOT;
    const byte = visited + (<usize>neighbour >> 3);
    const bits = <u32>load<u8>(byte);
    const bit: u32 = 1 << (neighbour & 7);
    store<u8>(byte, bits | bit);
    store<i32>(batch + (count << 2), neighbour);
    count += (bits & bit) == 0 ? 1 : 0; // no branch: whether a neighbour was seen is a coin toss
  }
  remember(graph, batch, count);
  return <u32>count;
}

/** Longer walks are cleared by clearing everything. */
export const SEEN_CAPACITY: u32 = 1 << 14;

/** Notes a batch of marked slots. */
@inline
function remember(graph: Graph, batch: usize, count: usize): void {
  const seen = graph.seen + (<usize>graph.seenCount << 2);
  if (graph.seenCount + <u32>count > SEEN_CAPACITY) {
    graph.seenCount = SEEN_CAPACITY + 1;
    return;
  }
  for (let i: usize = 0; i < count << 2; i += 16) v128.store(seen + i, v128.load(batch + i));
  graph.seenCount += <u32>count;
}

/** Marks a node as seen; returns whether it was not. */
@inline
export function mark(graph: Graph, slot: i32): bool {
  const byte = graph.visited + (<usize>slot >> 3);
  const bits = load<u8>(byte);
  const bit: u8 = 1 << <u8>(slot & 7);
  if ((bits & bit) != 0) return false;
  store<u8>(byte, bits | bit);
  if (graph.seenCount >= SEEN_CAPACITY) graph.seenCount = SEEN_CAPACITY + 1;
  else store<i32>(graph.seen + (<usize>(graph.seenCount++) << 2), slot);
  return true;
}

export function clearMarks(graph: Graph): void {
  clearSeen(graph);
  graph.seenCount = 0;
}

function clearSeen(graph: Graph): void {
  if (graph.seenCount > SEEN_CAPACITY) {
    memory.fill(graph.visited, 0, graph.slots >> 3);
    return;
  }
  const end = graph.seen + (<usize>graph.seenCount << 2);
  for (let at = graph.seen; at < end; at += 4) store<u8>(graph.visited + (load<u32>(at) >> 3), 0);
}

/**
 * The upper levels of Algorithms 1 and 5: from the entry point down to just above `level`, at each level stepping to the
 * nearest neighbour while that is nearer (SEARCH-LAYER with ef = 1). Returns the node reached, as an entry of a pool.
 */
export function descend(graph: Graph, spread: usize, norm: f32, level: u32): u64 {
  store<i32>(graph.batch, graph.entry);
  scoreBatch(graph, spread, norm, 1);
  let best = entryOf(load<i32>(graph.scores), graph.entry);
  for (let l = <u32>graph.top; l > level; l--) {
    let here: i32 = NONE;
    while (slotIn(best) != here) {
      here = slotIn(best);
      const links = linksOf(graph, here, l);
      let count: u32 = 0;
      for (; count < graph.M; count++) {
        const link = load<i32>(links + (<usize>count << 2));
        if (link == NONE) break;
        store<i32>(graph.batch + (<usize>count << 2), link & SLOT);
      }
      scoreBatch(graph, spread, norm, count);
      for (let i: usize = 0; i < <usize>count << 2; i += 4)
        best = min(best, entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i)));
    }
  }
  return best;
}

/** Reads the query the host wrote: its length, the numbers to score codes with, and under cosine its direction. */
export function prepareQuery(graph: Graph): void {
  const norm = lengthOf(graph.query, graph.dimension);
  if (!graph.norms) scale(graph.query, norm, graph.dimension);
  rotate(graph, graph.query, graph.norms ? norm : 1);
  spreadQuery(graph);
}
