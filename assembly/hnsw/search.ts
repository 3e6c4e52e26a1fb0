import { lengthOf, rotate, scale, spreadQuery } from "./codes";
import { degreeAt, Graph, linksOf, NONE, rowOf, SLOT } from "./layout";
import { CLOSED, entryAt, entryOf, EXPANDED, FARTHEST, place, similarityIn, slotIn } from "./pool";
import { scoreBatch, scoreTouched, touchCodes } from "./similarity";

/**
 * Nodes expanded at a time. Two share one wait for memory; on 100,000 × 64 a search of equal recall takes 6 % less time
 * than one by one, and three gain nothing more.
 */
const WIDE: i32 = 2;

/**
 * Algorithm 2, SEARCH-LAYER: from one entry point to the `wanted` open nodes nearest to the spread query, left in the
 * pool, nearest first. `allowed` is a bitmap of open rows, or 0 when all are open. Gives up after `budget` similarities,
 * returning false, as when `capacity` nodes were too few to hold the closed ones among them.
 *
 * Where the paper takes neighbours one by one, all unvisited neighbours of two nodes are a batch, and while one batch is
 * scored the codes of the next are on their way. So a node may be expanded that the batch under way would have put off:
 * that costs some similarities and earns some recall.
 */
export function searchLayer(graph: Graph, spread: usize, norm: f32, entry: u64, level: u32, wanted: u32, allowed: usize, budget: u32, capacity: u32): bool {
  const pool = graph.pool;
  let size: u32 = 0;
  let open: u32 = 0;
  let bound = FARTHEST; // entries from here on are of no use
  let cursor: u32 = 0; // everything before it is expanded

  mark(graph, slotIn(entry));
  if (allowed != 0 && !isOpen(graph, slotIn(entry), allowed)) entry |= CLOSED;
  else open = 1;
  store<u64>(pool, entry);
  size = 1;

  let here: usize = 0; // the batch that is scored, and the one whose codes are on their way meanwhile
  let there: usize = graph.batchBytes;
  let flying: u32 = 0;
  while (true) {
    cursor = nextUnexpanded(pool, cursor, size);
    let started: u32 = 0;
    if (cursor < size && graph.evaluations <= budget) {
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
    for (let i = here; i < here + (<usize>flying << 2); i += 4) {
      let e = entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i));
      if (e >= bound) continue;
      if (allowed != 0 && !isOpen(graph, slotIn(e), allowed)) e |= CLOSED;
      else open++;
      if (size == capacity) {
        size--;
        if ((load<u64>(pool + (<usize>size << 3)) & CLOSED) == 0) open--;
      }
      cursor = min(cursor, place(pool, size++, e));
      if (open > wanted) {
        // The farthest open node goes, and the closed ones between it and the next.
        while ((load<u64>(pool + (<usize>(--size) << 3)) & CLOSED) != 0) {}
        open--;
        while ((load<u64>(pool + (<usize>(size - 1) << 3)) & CLOSED) != 0) size--;
      }
      if (open == wanted || size == capacity) bound = load<u64>(pool + (<usize>(size - 1) << 3));
    }
    flying = started;
    const swap = here;
    here = there;
    there = swap;
  }
  graph.poolSize = size;
  clearMarks(graph);
  return cursor >= size && (open == wanted || size < capacity);
}

@inline
function nextUnexpanded(pool: usize, from: u32, size: u32): u32 {
  while (from < size && (load<u64>(pool + (<usize>from << 3)) & EXPANDED) != 0) from++;
  return from;
}

@inline
function touchLinks(graph: Graph, slot: i32, level: u32): void {
  const links = linksOf(graph, slot, level);
  graph.touchedLinks = load<u32>(links) | load<u32>(links + (degreeAt(graph, level) << 1));
}

/** Writes the neighbours of a node that this walk has not seen to `graph.batch` and marks them; returns how many. */
function gatherUnseen(graph: Graph, slot: i32, level: u32, at: usize): u32 {
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

function mark(graph: Graph, slot: i32): void {
  const byte = graph.visited + (<usize>slot >> 3);
  store<u8>(byte, load<u8>(byte) | (1 << <u8>(slot & 7)));
  store<i32>(graph.seen, slot);
  graph.seenCount = 1;
}

function clearMarks(graph: Graph): void {
  if (graph.seenCount > SEEN_CAPACITY) {
    memory.fill(graph.visited, 0, graph.slots >> 3);
    return;
  }
  const end = graph.seen + (<usize>graph.seenCount << 2);
  for (let at = graph.seen; at < end; at += 4) store<u8>(graph.visited + (load<u32>(at) >> 3), 0);
}

export function isOpen(graph: Graph, slot: i32, allowed: usize): bool {
  const row = rowOf(graph, slot);
  return (load<u8>(allowed + (<usize>row >> 3)) >> <u8>(row & 7) & 1) != 0;
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
