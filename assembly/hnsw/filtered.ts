import { degreeAt, Graph, linksOf, NONE, rowOf, SLOT, slotOfRow } from "./layout";
import { CLOSED, entryAt, entryOf, EXPANDED, FARTHEST, place, similarityIn, slotIn } from "./pool";
import { clearMarks, gatherUnseen, mark, nextUnexpanded, touchLinks, WIDE } from "./search";
import { QUERY, scoreBatch, scoreTouched, touchCodes, unordered } from "./similarity";

/**
 * A filter closes nodes. There are two ways past them:
 *
 * GUIDED: closed nodes are scored and kept beside the open ones, as guides that are no results. Right where a neighbourhood
 * holds open and closed ones mixed. It is given up when less than a third of the share of open nodes is met that there
 * is in all: then the open ones lie elsewhere, and one would have to wade through all closed ones that are nearer.
 *
 * OPEN_ONLY: closed nodes are neither scored nor kept. Where few neighbours of a node are open, those behind the closed
 * ones are taken in their place (ACORN, Patel et al., arXiv 2403.04871). Begins at a sample of open nodes.
 */
export const GUIDED: u32 = 0;
export const OPEN_ONLY: u32 = 1;

/** Open rows that a walk among open nodes begins at. */
const SOWN: u32 = 96;

/**
 * SEARCH-LAYER at level 0 under a filter, from the entries in the pool: `allowed` is a bitmap of rows, `share` how many of
 * 4,096 are open. Gives up, returning false, after `budget` similarities, when `capacity` nodes are too few to hold the
 * closed ones among the nearest, or when open ones are rarer than they should be.
 */
export function searchFiltered(graph: Graph, way: u32, wanted: u32, allowed: usize, share: u32, budget: u32, capacity: u32): bool {
  const pool = graph.pool;
  let size = graph.poolSize;
  let open: u32 = 0;
  let cursor: u32 = 0;
  let bound = FARTHEST;
  for (let i: u32 = 0; i < size; i++) {
    const at = pool + (<usize>i << 3);
    const slot = slotIn(load<u64>(at));
    mark(graph, slot);
    if (isOpen(graph, slot, allowed)) open++;
    else store<u64>(at, load<u64>(at) | CLOSED);
  }

  let here: usize = 0;
  let there: usize = graph.batchBytes;
  let flying: u32 = 0;
  let rare = false;
  while (!rare) {
    cursor = nextUnexpanded(pool, cursor, size);
    let started: u32 = 0;
    if (cursor < size && graph.evaluations + (graph.lookups >> 3) <= budget) {
      for (let n = 0; n < WIDE && cursor < size; n++) {
        const at = pool + (<usize>cursor << 3);
        const c = load<u64>(at);
        store<u64>(at, c | EXPANDED);
        const to = there + (<usize>started << 2);
        started += way == GUIDED ? gatherUnseen(graph, slotIn(c), 0, to) : gatherOpen(graph, slotIn(c), to, allowed);
        cursor = nextUnexpanded(pool, cursor + 1, size);
      }
      let next = cursor;
      for (let n = 0; n < WIDE && next < size; n++) {
        touchLinks(graph, slotIn(load<u64>(pool + (<usize>next << 3))), 0);
        next = nextUnexpanded(pool, next + 1, size);
      }
      touchCodes(graph, there, started);
    } else if (flying == 0) break;
    scoreTouched(graph, graph.spread, QUERY, here, flying);
    for (let i = here; i < here + (<usize>flying << 2); i += 4) {
      let e = entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i));
      if (e >= bound) continue;
      if (way == GUIDED && !isOpen(graph, slotIn(e), allowed)) e |= CLOSED;
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
    rare = (<u32>(3 * open + 8) << 12) < size * share;
    flying = started;
    const swap = here;
    here = there;
    there = swap;
  }
  graph.poolSize = size;
  clearMarks(graph);
  return !rare && cursor >= size && (open == wanted || size < capacity);
}

@inline
function isOpen(graph: Graph, slot: i32, allowed: usize): bool {
  const row = rowOf(graph, slot);
  return (load<u8>(allowed + (<usize>row >> 3)) >> <u8>(row & 7) & 1) != 0;
}

/** Writes the open nodes about a node that this walk has not seen to `graph.batch` and marks them; returns how many. */
function gatherOpen(graph: Graph, slot: i32, at: usize, allowed: usize): u32 {
  const M0 = graph.M0;
  const batch = graph.batch + at;
  let count = gatherOpenLinks(graph, slot, allowed, batch, 0);
  const links = linksOf(graph, slot, 0);
  for (let i: u32 = 0; i < M0 && count < (graph.M * 3) >> 3; i++) {
    const link = load<i32>(links + (<usize>i << 2));
    if (link == NONE) break;
    if (!isOpen(graph, link & SLOT, allowed) && mark(graph, link & SLOT))
      count = gatherOpenLinks(graph, link & SLOT, allowed, batch, count);
  }
  return count;
}

/** The same of a node's own neighbours only, after `count` in the batch, up to M0 in all. */
function gatherOpenLinks(graph: Graph, slot: i32, allowed: usize, batch: usize, count: u32): u32 {
  const M0 = graph.M0;
  const links = linksOf(graph, slot, 0);
  let i: u32 = 0;
  for (; i < M0 && count < M0; i++) {
    const link = load<i32>(links + (<usize>i << 2));
    if (link == NONE) break;
    const neighbour = link & SLOT;
    if (!isOpen(graph, neighbour, allowed) || !mark(graph, neighbour)) continue;
    store<i32>(batch + (<usize>(count++) << 2), neighbour);
  }
  graph.lookups += i;
  return count;
}

/**
 * Leaves in the pool its open nodes and a sample of the open rows, as entry points; at most `wanted`. Returns the
 * similarity that the nearest open node should have if it stands out from the others (see `standsOut`).
 */
export function sow(graph: Graph, rows: u32, allowed: usize, wanted: u32): f32 {
  let size: u32 = 0;
  for (let i: u32 = 0; i < graph.poolSize; i++) {
    const entry = entryAt(graph, i);
    if ((entry & CLOSED) == 0) store<u64>(graph.pool + (<usize>(size++) << 3), entry & ~EXPANDED);
  }
  size = min(size, wanted);
  const count = sample(graph, rows, allowed);
  scoreBatch(graph, graph.spread, QUERY, count);
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const entry = entryOf(load<i32>(graph.scores + i), load<i32>(graph.batch + i));
    if (isIn(graph.pool, size, entry)) continue;
    if (size == wanted) {
      if (entry >= load<u64>(graph.pool + (<usize>(size - 1) << 3))) continue;
      size--;
    }
    place(graph.pool, size++, entry);
  }
  graph.poolSize = size;
  return outstanding(graph, count);
}

/** One open row of every so many words of the bitmap that have any, as slots in the batch; returns how many. */
function sample(graph: Graph, rows: u32, allowed: usize): u32 {
  const end = allowed + (<usize>((rows + 63) >> 6) << 3);
  let words: u32 = 0;
  for (let at = allowed; at < end; at += 8) words += <u32>(load<u64>(at) != 0);
  const step = words / SOWN + 1;
  let count: u32 = 0;
  let passed: u32 = 0;
  for (let at = allowed; at < end; at += 8) {
    const bits = load<u64>(at);
    if (bits == 0 || passed++ % step != 0) continue;
    const row = (<u32>(at - allowed) << 3) + <u32>ctz(bits);
    store<i32>(graph.batch + (<usize>(count++) << 2), slotOfRow(graph, row));
  }
  return count;
}

/**
 * If what is closed is a ball about the query, such as all that a user has seen and more like it, then the nearest open
 * nodes are the inner side of a shell, all of them about equally near, and a graph leads to none of them in particular.
 * Shells are known by the sample: the nearest open node is hardly nearer than the fourth of a hundred taken at random.
 * Where it is not so, it is farther from the fourth than six tenths of what the fourth is from the mean.
 */
function outstanding(graph: Graph, count: u32): f32 {
  let sum: f32 = 0;
  let first: f32 = -Infinity, second = first, third = first, fourth = first;
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const x = valueOf(graph, load<i32>(graph.scores + i));
    sum += x;
    fourth = max(fourth, min(third, x));
    third = max(third, min(second, x));
    second = max(second, min(first, x));
    first = max(first, x);
  }
  return fourth + (fourth - sum / <f32>count) * 0.6;
}

/** Whether the nearest in the pool is as near as `sow` said it should be. */
export function standsOut(graph: Graph, least: f32): bool {
  return graph.poolSize > 0 && valueOf(graph, similarityIn(entryAt(graph, 0))) >= least;
}

@inline
function valueOf(graph: Graph, similarity: i32): f32 {
  return graph.norms ? unordered(similarity) : <f32>similarity;
}

function isIn(pool: usize, size: u32, entry: u64): bool {
  for (let at = pool; at < pool + (<usize>size << 3); at += 8) if (load<u64>(at) == entry) return true;
  return false;
}
