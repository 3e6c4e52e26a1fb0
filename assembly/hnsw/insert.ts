import { spreadCode } from "./codes";
import { codeOf, degreeAt, Graph, levelOf, linksOf, NONE, normOf } from "./layout";
import { connect, hasNearer, tie } from "./links";
import { entryAt, entryOf, similarityIn, slotIn } from "./pool";
import { descend, searchLayer } from "./search";

/** Algorithm 1, INSERT: links the stored vector of a slot (q in the paper) at each of its levels. */
export function insert(graph: Graph, q: i32): void {
  const level = levelOf(q);
  for (let l: u32 = 0; l <= level; l++) memory.fill(linksOf(graph, q, l), 0xff, degreeAt(graph, l) << 2);
  if (graph.entry == NONE) {
    graph.entry = q;
    graph.top = level;
    return;
  }

  spreadCode(graph, codeOf(graph, q), graph.spread);
  const norm = normOf(graph, q);
  let nearest = descend(graph, graph.spread, norm, level);
  for (let l = <i32>min(level, <u32>graph.top); l >= 0; l--) {
    searchLayer(graph, graph.spread, norm, nearest, l, graph.efConstruction);
    nearest = entryOf(similarityIn(entryAt(graph, 0)), slotIn(entryAt(graph, 0)));
    linkToPool(graph, q, l);
  }
  if (level > <u32>graph.top) {
    graph.entry = q;
    graph.top = level;
  }
}

/** Links q to neighbours chosen from the pool: to the nearest by a link of the tree. */
function linkToPool(graph: Graph, q: i32, level: u32): void {
  const count = selectNeighbours(graph, graph.M);
  tie(graph, q, load<i32>(graph.wounded), level);
  for (let i: u32 = 1; i < count; i++) connect(graph, q, load<i32>(graph.wounded + (<usize>i << 2)), level, false);
}

/**
 * Algorithm 4, SELECT-NEIGHBORS-HEURISTIC, over the sorted pool: a candidate is chosen unless one chosen before is
 * nearer to it than q is. Writes at most M slots to `graph.wounded`, nearest first; returns how many.
 */
export function selectNeighbours(graph: Graph, M: u32): u32 {
  const chosen = graph.neighbours;
  let count: u32 = 0;
  for (let i: u32 = 0; i < graph.poolSize && count < M; i++) {
    const e = entryAt(graph, i);
    if (hasNearer(graph, slotIn(e), similarityIn(e), chosen, count)) continue;
    store<u64>(chosen + (<usize>count << 3), e);
    store<i32>(graph.wounded + (<usize>count << 2), slotIn(e));
    count++;
  }
  return count;
}
