import { spreadCode } from "./codes";
import { selectNeighbours } from "./insert";
import { search } from "./knn";
import { codeOf, degreeAt, Graph, levelOf, linksOf, NONE, normOf, SLOT, TREE } from "./layout";
import { append, countLinks, cutLink, findLink, hasNearer, tie } from "./links";
import { entryAt, entryOf, place, similarityIn, slotIn } from "./pool";
import { descend, searchLayer, touchLinks } from "./search";
import { scoreBatch, similarity } from "./similarity";
import { storeVector } from "./store";

/**
 * Many items at once, in rounds (after ParlayANN, Manohar et al., arXiv 2305.04359): all items of a round choose their
 * neighbours in the graph as it was before, then the neighbours weigh what they give up for them, and only then are
 * links made, in the order of items. The first two read what nobody writes, so any number of threads may share them,
 * and the graph is the same however they do.
 *
 * An item and one of its levels are a task; `firsts[i]` is item i's task of level 0, and the others follow it. A task has
 * M proposals, of which the first is by a link of the tree; NONE ends them. Each proposal gets a verdict of whom it is made to.
 */

/** The verdict that there is room. Otherwise it is whom to give up, or */
const ROOM: i32 = -1;
/** that the proposal is refused. */
const REFUSED: i32 = -2;

@inline
function at(array: usize, i: u32): i32 {
  return load<i32>(array + (<usize>i << 2));
}

/** The level at which an item of a round is linked first: not above the graph's own. */
@inline
function levelIn(graph: Graph, slot: i32): i32 {
  return min(<i32>levelOf(slot), graph.top);
}

/** Stores the vectors of slots from … to − 1; nothing links to them yet. */
export function hnswStore(graph: Graph, slots: usize, vectors: usize, from: u32, to: u32): void {
  const bytes = <usize>graph.dimension << 2;
  for (let i = from; i < to; i++) {
    const q = at(slots, i);
    memory.copy(graph.query, vectors + <usize>i * bytes, bytes);
    storeVector(graph, q);
    for (let l: u32 = 0; l <= levelOf(q); l++) memory.fill(linksOf(graph, q, l), 0xff, degreeAt(graph, l) << 2);
  }
}

/**
 * Proposes neighbours for the items of blocks from … to − 1, all stored: Algorithm 1 but for the linking. `blocks` says where
 * each begins. An item sees the `mates[i]` items before it beside the graph, like one that was added after them: those of
 * its run, which lie near each other. A block is of one run, so that an item finds in the cache what the one before has read.
 */
export function hnswPropose(
  graph: Graph, slots: usize, firsts: usize, mates: usize, blocks: usize, proposals: usize, from: u32, to: u32,
): void {
  for (let i = at(blocks, from); i < at(blocks, to); i++) {
    const count = at(mates, i);
    proposeFor(graph, at(slots, i), slots + (<usize>(i - count) << 2), count, proposals + <usize>at(firsts, i) * (graph.M << 2));
  }
}

/** For the item in slot q, by its tasks: proposals in the graph and among the `count` mates. */
function proposeFor(graph: Graph, q: i32, mates: usize, count: u32, list: usize): void {
  spreadCode(graph, codeOf(graph, q), graph.spread);
  const norm = normOf(graph, q);
  const level = levelIn(graph, q);
  const taskBytes = graph.M << 2;
  let nearest = descend(graph, graph.spread, norm, level);
  for (let l = level; l >= 0; l--) {
    searchLayer(graph, graph.spread, norm, nearest, l, graph.efConstruction);
    nearest = entryOf(similarityIn(entryAt(graph, 0)), slotIn(entryAt(graph, 0)));
    addMates(graph, norm, l, mates, count);
    const chosen = selectNeighbours(graph, graph.M);
    memory.fill(list + <usize>l * taskBytes, 0xff, taskBytes);
    memory.copy(list + <usize>l * taskBytes, graph.wounded, chosen << 2);
  }
}

/** Puts the mates of a level in the pool, which keeps the nearest. */
function addMates(graph: Graph, norm: f32, level: i32, mates: usize, count: u32): void {
  let some: u32 = 0;
  for (let i: u32 = 0; i < count; i++)
    if (levelIn(graph, at(mates, i)) >= level) store<i32>(graph.batch + (<usize>(some++) << 2), at(mates, i));
  scoreBatch(graph, graph.spread, norm, some);
  for (let i: u32 = 0; i < some; i++) {
    const entry = entryOf(at(graph.scores, i), at(graph.batch, i));
    if (graph.poolSize == graph.efConstruction) {
      if (entry >= entryAt(graph, graph.poolSize - 1)) continue;
      graph.poolSize--;
    }
    place(graph.pool, graph.poolSize++, entry);
  }
}

/** Bits of a slot sorted by at a time, of the 24 there are and 3 of the level. */
const DIGIT: u32 = 9;

/**
 * Sorts the proposals of all tasks by level, by whom they are made to, and by item, into `order`; writes where the groups of
 * one level and node begin, and returns how many there are. By digits, the last one first; `spare` is as long as `order`.
 */
export function hnswGroup(graph: Graph, levels: usize, tasks: u32, proposals: usize, order: usize, spare: usize, groups: usize): u32 {
  let count: u32 = 0;
  for (let p: u32 = 0; p < tasks * graph.M; p++) if (at(proposals, p) != NONE) put(spare, count++, p);
  let from = spare;
  let to = order;
  const begins = graph.seen; // no walk is under way
  for (let shift: u32 = 0; shift < 3 * DIGIT; shift += DIGIT) {
    memory.fill(begins, 0, 4 << DIGIT);
    for (let i: u32 = 0; i < count; i++) {
      const digit = begins + (digitOf(graph, levels, proposals, at(from, i), shift) << 2);
      store<u32>(digit, load<u32>(digit) + 1);
    }
    let begin: u32 = 0;
    for (let digit = begins; digit < begins + (4 << DIGIT); digit += 4) {
      const size = load<u32>(digit);
      store<u32>(digit, begin);
      begin += size;
    }
    for (let i: u32 = 0; i < count; i++) {
      const digit = begins + (digitOf(graph, levels, proposals, at(from, i), shift) << 2);
      const place = load<u32>(digit);
      store<u32>(digit, place + 1);
      put(to, place, at(from, i));
    }
    const swap = from;
    from = to;
    to = swap;
  }
  let size: u32 = 0;
  let last: u32 = u32.MAX_VALUE;
  for (let i: u32 = 0; i < count; i++) {
    const key = keyOf(graph, levels, proposals, at(order, i));
    if (key != last) put(groups, size++, i);
    last = key;
  }
  put(groups, size, count);
  return size;
}

@inline
function keyOf(graph: Graph, levels: usize, proposals: usize, proposal: u32): u32 {
  return <u32>at(levels, proposal / graph.M) << 24 | <u32>at(proposals, proposal);
}

@inline
function digitOf(graph: Graph, levels: usize, proposals: usize, proposal: u32, shift: u32): usize {
  return (keyOf(graph, levels, proposals, proposal) >> shift) & ((1 << DIGIT) - 1);
}

@inline
function put(array: usize, i: u32, value: u32): void {
  store<u32>(array + (<usize>i << 2), value);
}

/**
 * Weighs the proposals of groups from … to − 1. A group is all that one node gets at one level; `order` holds proposals by
 * group and within a group by item, `groups` where each begins. `owners` and `levels` are of tasks.
 */
export function hnswWeigh(graph: Graph, owners: usize, levels: usize, proposals: usize, order: usize, groups: usize, verdicts: usize, from: u32, to: u32): void {
  for (let g = from; g < to; g++) {
    const first = at(order, at(groups, g));
    weigh(graph, at(proposals, first), at(levels, first / graph.M), owners, order + (at(groups, g) << 2), at(groups, g + 1) - at(groups, g), verdicts);
  }
}

/** As `makeRoom` in links.ts for one newcomer after another, on a copy of the list. */
function weigh(graph: Graph, slot: i32, level: u32, owners: usize, order: usize, count: u32, verdicts: usize): void {
  const degree = degreeAt(graph, level);
  const links = linksOf(graph, slot, level);
  const list = graph.wounded;
  const sorted = graph.neighbours;
  let size = countLinks(links, degree);
  let scored = false;
  memory.copy(list, links, size << 2);
  for (let n: u32 = 0; n < count; n++) {
    const proposal = at(order, n);
    const newcomer = at(owners, proposal / graph.M);
    const isTree = proposal % graph.M == 0;
    let verdict = ROOM;
    if (size == degree) {
      if (!scored) score(graph, slot, size);
      scored = true;
      place(sorted, size, entryOf(similarity(graph, graph.spreadA, normOf(graph, slot), newcomer), newcomer));
      const loser = leastOf(graph, size + 1, newcomer, isTree);
      const victim = loser == NONE ? newcomer : loser;
      drop(sorted, size + 1, victim);
      verdict = victim == newcomer ? REFUSED : victim;
      if (verdict != REFUSED) store<i32>(findLink(list, size, victim), isTree ? newcomer | TREE : newcomer);
    } else store<i32>(list + (<usize>(size++) << 2), isTree ? newcomer | TREE : newcomer);
    store<i32>(verdicts + (<usize>proposal << 2), verdict);
  }
}

/** Sorts the list in `graph.wounded` by nearness to a slot into `graph.neighbours`; leaves the slot's code in `spreadA`. */
function score(graph: Graph, slot: i32, size: u32): void {
  for (let i: u32 = 0; i < size; i++) store<i32>(graph.batch + (<usize>i << 2), at(graph.wounded, i) & SLOT);
  spreadCode(graph, codeOf(graph, slot), graph.spreadA);
  scoreBatch(graph, graph.spreadA, normOf(graph, slot), size);
  for (let i: u32 = 0; i < size; i++) place(graph.neighbours, i, entryOf(at(graph.scores, i), at(graph.batch, i)));
}

/** Of the sorted entries the farthest that is nearer to another of them than to their node; NONE if all must stay. */
function leastOf(graph: Graph, size: u32, newcomer: i32, mustTake: bool): i32 {
  const sorted = graph.neighbours;
  let farthest = NONE;
  for (let i = <i32>size - 1; i >= 0; i--) {
    const entry = load<u64>(sorted + (<usize>i << 3));
    const candidate = slotIn(entry);
    if (candidate == newcomer ? mustTake : (load<i32>(findLink(graph.wounded, size - 1, candidate)) & TREE) != 0) continue;
    if (farthest == NONE) farthest = candidate;
    if (hasNearer(graph, candidate, similarityIn(entry), sorted, i)) return candidate;
  }
  return farthest;
}

function drop(sorted: usize, size: u32, slot: i32): void {
  let i: usize = 0;
  while (slotIn(load<u64>(sorted + (i << 3))) != slot) i++;
  memory.copy(sorted + (i << 3), sorted + (i << 3) + 8, (size - 1 - <u32>i) << 3);
}

/** A node's list is changed by one part only: near nodes, whose lists lie side by side, belong to the same. `parts` is a power of two. */
@inline
function isOf(part: u32, parts: u32, slot: i32): bool {
  return ((<u32>slot >> 4) & (parts - 1)) == part;
}

/**
 * Makes the links of items `first` … `last` − 1 as they were weighed; parts from … to − 1 of all lists. Every part goes through
 * all links in the order of items and changes its own lists, so each list is in the end what one thread alone makes of it.
 * Links stay mutual, as whether one is there is the same in both lists at every step.
 *
 * None overflows: a list holds no more than `weigh` expected, besides the up to M proposals of a node of this round, which
 * is weighed by mates only, and a run has no more than M + 1 of them.
 */
export function hnswApply(
  graph: Graph, slots: usize, firsts: usize, proposals: usize, verdicts: usize, first: u32, last: u32, parts: u32, from: u32, to: u32,
): void {
  for (let part = from; part < to; part++)
    for (let i = first; i < last; i++)
      for (let l = levelIn(graph, at(slots, i)); l >= 0; l--) {
        const task = <usize>(at(firsts, i) + l) * (graph.M << 2);
        applyPart(graph, at(slots, i), l, proposals + task, verdicts + task, part, parts);
      }
}

function applyPart(graph: Graph, q: i32, level: u32, proposals: usize, verdicts: usize, part: u32, parts: u32): void {
  const degree = degreeAt(graph, level);
  const own = isOf(part, parts, q) ? linksOf(graph, q, level) : 0;
  let count: u32 = 0;
  for (; count < graph.M && at(proposals, count) != NONE; count++) {
    const other = at(proposals, count);
    const victim = at(verdicts, count);
    if (isOf(part, parts, other)) touchLinks(graph, other, level); // all lists are on their way before one is needed
    if (victim >= 0 && isOf(part, parts, victim)) touchLinks(graph, victim, level);
  }
  for (let j: u32 = 0; j < count; j++) {
    const other = at(proposals, j);
    const victim = at(verdicts, j);
    if (victim == REFUSED) continue;
    const flag = j == 0 ? TREE : 0;
    if (isOf(part, parts, other)) {
      const links = linksOf(graph, other, level);
      if (victim >= 0) cutLink(links, degree, victim); // may be gone by now
      append(links, degree, q | flag);
    }
    if (victim >= 0 && isOf(part, parts, victim)) cutLink(linksOf(graph, victim, level), degree, other);
    if (own != 0) append(own, degree, other | flag);
  }
}

/** Ties those items to the tree whose first proposal was refused, as all links there are of the tree: few. One thread, after `hnswApply`. */
export function hnswTie(graph: Graph, slots: usize, firsts: usize, proposals: usize, verdicts: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++)
    for (let l = levelIn(graph, at(slots, i)); l >= 0; l--) {
      const first = <u32>(at(firsts, i) + l) * graph.M;
      if (at(proposals, first) != NONE && at(verdicts, first) == REFUSED) tie(graph, at(slots, i), at(proposals, first), l);
    }
}

/** Algorithm 5 for queries from … to − 1; `rows` and `scores` have room for k results of each, `counts` says how many there are. */
export function hnswSearchMany(
  graph: Graph, queries: usize, k: u32, ef: u32, allowed: usize, count: u32, open: u32, rows: usize, scores: usize, counts: usize, from: u32, to: u32,
): void {
  const bytes = <usize>graph.dimension << 2;
  for (let i = from; i < to; i++) {
    memory.copy(graph.query, queries + <usize>i * bytes, bytes);
    const found = search(graph, k, ef, allowed, count, open);
    memory.copy(rows + <usize>i * (k << 2), graph.resultRows, found << 2);
    memory.copy(scores + <usize>i * (k << 2), graph.resultScores, found << 2);
    store<i32>(counts + (<usize>i << 2), found);
  }
}
