import { Graph } from "./layout";

/**
 * The candidates C and the results W of the paper in one array, sorted nearest first, of bounded length. The paper's
 * two heaps hold the same nodes twice and cost two logarithms each; here "nearest not yet expanded" is a cursor, and
 * "farthest kept" is the last entry.
 *
 * An entry is 64 bits that sort as one unsigned number: 32 of farness, 30 of slot, CLOSED, EXPANDED. Farness is the
 * similarity turned over. Of equally near nodes the smaller slot comes first, so that results depend on nothing else.
 *
 * Closed nodes are those the filter does not let through: they guide the walk but are no results. The pool keeps
 * `wanted` open nodes and all closed ones nearer than the last of them, as far as its capacity goes.
 */
export const EXPANDED: u64 = 1;
export const CLOSED: u64 = 2;
export const FARTHEST: u64 = u64.MAX_VALUE;

@inline
export function entryOf(similarity: i32, slot: i32): u64 {
  return (<u64>(<u32>similarity ^ 0x7fffffff) << 32) | (<u64>(<u32>slot) << 2);
}

@inline
export function slotIn(entry: u64): i32 {
  return <i32>((<u32>entry) >> 2);
}

@inline
export function similarityIn(entry: u64): i32 {
  return <i32>(<u32>(entry >> 32) ^ 0x7fffffff);
}

@inline
export function entryAt(graph: Graph, i: u32): u64 {
  return load<u64>(graph.pool + (<usize>i << 3));
}

/** Puts an entry in its place among `size` sorted ones and returns the place. There must be room for one more. */
@inline
export function place(pool: usize, size: u32, entry: u64): u32 {
  let at = pool + (<usize>size << 3);
  while (at > pool && load<u64>(at - 8) > entry) {
    store<u64>(at, load<u64>(at - 8));
    at -= 8;
  }
  store<u64>(at, entry);
  return <u32>((at - pool) >> 3);
}

/**
 * Merges `count` sorted newcomers into `size` sorted entries, of which the first `wanted` are kept; at least one newcomer
 * must be among those. Returns the place of the first newcomer.
 */
export function merge(pool: usize, size: u32, newcomers: usize, count: u32, wanted: u32): u32 {
  let old = pool + (<usize>size << 3) - 8; // the last of each that is not placed yet
  let fresh = newcomers + (<usize>count << 3) - 8;
  let excess = size + count;
  for (; excess > wanted; excess--) {
    if (load<u64>(old) > load<u64>(fresh)) old -= 8;
    else fresh -= 8;
  }
  let at = pool + (<usize>excess << 3);
  while (fresh >= newcomers) {
    at -= 8;
    const e = load<u64>(fresh);
    const o = load<u64>(old);
    if (old >= pool && o > e) {
      store<u64>(at, o);
      old -= 8;
    } else {
      store<u64>(at, e);
      fresh -= 8;
    }
  }
  return <u32>((at - pool) >> 3);
}
