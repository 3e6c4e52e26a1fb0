import { spreadCode } from "./codes";
import { codeOf, degreeAt, Graph, linksOf, NONE, normOf, SLOT, TREE } from "./layout";
import { entryOf, place, similarityIn, slotIn } from "./pool";
import { scoreBatch, similarity } from "./similarity";

/**
 * Links are mutual: a links b exactly if b links a. (The paper's are directed.) A node that is removed therefore knows
 * everyone who links to it, and its slot can be used again at once.
 *
 * Some links carry the bit TREE. At each level these form a spanning tree of the nodes there, and pruning never cuts
 * them: whatever is added, pruned and removed, every item can be reached from every other.
 *
 * A list is filled from its start; NONE ends it if it is not full.
 */
export function countLinks(links: usize, degree: u32): u32 {
  for (let i: u32 = 0; i < degree; i += 4) {
    const ends = i32x4.bitmask(v128.load(links + (<usize>i << 2))); // of these only NONE is negative
    if (ends != 0) return min(degree, i + ctz(ends));
  }
  return degree;
}

/** The address of the link to `slot` in a list, or 0. Four links at a time; what is read past the list's end does not count. */
export function findLink(links: usize, degree: u32, slot: i32): usize {
  const wanted = i32x4.splat(slot);
  for (let i: u32 = 0; i < degree; i += 4) {
    const same = i32x4.bitmask(i32x4.eq(v128.and(v128.load(links + (<usize>i << 2)), i32x4.splat(SLOT)), wanted));
    if (same != 0) return i + ctz(same) < degree ? links + (<usize>(i + ctz(same)) << 2) : 0;
  }
  return 0;
}

/**
 * Links a and b, which are of different parts of the tree, by a link of the tree. A node whose links all belong to the
 * tree already (it takes more than M that have nobody else) passes this on along the tree, at the latest to a leaf.
 */
export function tie(graph: Graph, a: i32, b: i32, level: u32): void {
  connect(graph, roomy(graph, a, level), roomy(graph, b, level), level, true);
}

function roomy(graph: Graph, slot: i32, level: u32): i32 {
  const degree = degreeAt(graph, level);
  let from = NONE;
  for (let steps: u32 = 0; steps < graph.slots; steps++) {
    const links = linksOf(graph, slot, level);
    let next = NONE;
    for (let i: u32 = 0; i < degree; i++) {
      const link = load<i32>(links + (<usize>i << 2));
      if (link == NONE || (link & TREE) == 0) return slot;
      if ((link & SLOT) != from) next = link & SLOT;
    }
    from = slot;
    slot = next;
  }
  return slot;
}

/** Links a and b at a level, if each has room or something worth less to give up. Returns whether they were not linked before and are now. */
export function connect(graph: Graph, a: i32, b: i32, level: u32, tree: bool): bool {
  const degree = degreeAt(graph, level);
  const linksA = linksOf(graph, a, level);
  const linksB = linksOf(graph, b, level);
  const known = findLink(linksA, degree, b);
  if (known != 0) {
    const back = findLink(linksB, degree, a);
    if (tree && back != 0) {
      store<i32>(known, b | TREE);
      store<i32>(back, a | TREE);
    }
    return false;
  }
  if (!makeRoom(graph, a, b, level, tree) || !makeRoom(graph, b, a, level, tree)) return false;
  const flag = tree ? TREE : 0;
  append(linksA, degree, b | flag);
  append(linksB, degree, a | flag);
  return true;
}

/** Puts a link at the end of a list that has room. */
@inline
export function append(links: usize, degree: u32, link: i32): void {
  store<i32>(links + (<usize>countLinks(links, degree) << 2), link);
}

/** Unlinks a and b; returns whether the link was one of the tree. */
export function disconnect(graph: Graph, a: i32, b: i32, level: u32): bool {
  const degree = degreeAt(graph, level);
  drop(linksOf(graph, a, level), degree, b);
  return drop(linksOf(graph, b, level), degree, a);
}

/** Takes `slot` out of a list, if it is there. Returns whether the link was of the tree. */
function drop(links: usize, degree: u32, slot: i32): bool {
  const at = findLink(links, degree, slot);
  if (at == 0) return false;
  const link = load<i32>(at);
  takeOut(links, degree, at);
  return (link & TREE) != 0;
}

/** The same, unless the link is of the tree. */
export function cutLink(links: usize, degree: u32, slot: i32): void {
  const at = findLink(links, degree, slot);
  if (at != 0 && (load<i32>(at) & TREE) == 0) takeOut(links, degree, at);
}

/** The last link of a list moves into the place of another. */
@inline
function takeOut(links: usize, degree: u32, at: usize): void {
  const last = links + (<usize>(countLinks(links, degree) - 1) << 2);
  store<i32>(at, load<i32>(last));
  store<i32>(last, NONE);
}

/**
 * Sees to it that the full list of `slot` can take `newcomer`: of the links and the newcomer the farthest gives way that
 * is nearer to another of them than to `slot`, and so can be reached by way of that other. The paper shrinks the whole
 * list by Algorithm 4 instead, which costs 500 similarities where this costs about 60, and leaves shorter lists.
 */
function makeRoom(graph: Graph, slot: i32, newcomer: i32, level: u32, mustTake: bool): bool {
  const degree = degreeAt(graph, level);
  const links = linksOf(graph, slot, level);
  const count = countLinks(links, degree);
  if (count < degree) return true;

  for (let i: u32 = 0; i < count; i++) store<i32>(graph.batch + (<usize>i << 2), load<i32>(links + (<usize>i << 2)) & SLOT);
  store<i32>(graph.batch + (<usize>count << 2), newcomer);
  spreadCode(graph, codeOf(graph, slot), graph.spreadA);
  scoreBatch(graph, graph.spreadA, normOf(graph, slot), count + 1);
  const sorted = graph.neighbours;
  for (let i: u32 = 0; i <= count; i++)
    place(sorted, i, entryOf(load<i32>(graph.scores + (<usize>i << 2)), load<i32>(graph.batch + (<usize>i << 2))));

  let victim = NONE;
  for (let i = <i32>count; i >= 0; i--) {
    const entry = load<u64>(sorted + (<usize>i << 3));
    const candidate = slotIn(entry);
    if (candidate == newcomer ? mustTake : (load<i32>(findLink(links, degree, candidate)) & TREE) != 0) continue;
    if (victim == NONE) victim = candidate; // the farthest, if all are needed
    if (!hasNearer(graph, candidate, similarityIn(entry), sorted, i)) continue;
    victim = candidate;
    break;
  }
  if (victim == NONE || victim == newcomer) return false;
  disconnect(graph, slot, victim, level);
  return true;
}

/** Whether any of the first `count` entries is nearer to `slot` than `bound`: the test of Algorithm 4. */
export function hasNearer(graph: Graph, slot: i32, bound: i32, entries: usize, count: u32): bool {
  spreadCode(graph, codeOf(graph, slot), graph.spreadB);
  const norm = normOf(graph, slot);
  for (let i: u32 = 0; i < count; i++)
    if (similarity(graph, graph.spreadB, norm, slotIn(load<u64>(entries + (<usize>i << 3)))) > bound) return true;
  return false;
}
