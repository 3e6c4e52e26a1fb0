import { degreeAt, Graph, levelOf, linksOf, NONE, rowOf, SLOT, TREE } from "./layout";
import { findLink } from "./links";

/** Whether the links of a graph that came from outside are what insert and remove would leave: safe to walk, and mutual; sets `top`. */
export function isSound(graph: Graph): bool {
  for (let slot: u32 = 0; slot < graph.slots; slot++)
    for (let level: u32 = 0; level <= levelOf(slot); level++) if (!isListSound(graph, slot, level)) return false;
  if (graph.entry == NONE) return true;
  if (<u32>graph.entry >= graph.slots || rowOf(graph, graph.entry) == NONE) return false;
  graph.top = levelOf(graph.entry);
  return true;
}

function isListSound(graph: Graph, slot: i32, level: u32): bool {
  const degree = degreeAt(graph, level);
  const links = linksOf(graph, slot, level);
  let ended = rowOf(graph, slot) == NONE; // a vacant slot has no links
  for (let i: u32 = 0; i < degree; i++) {
    const at = links + (<usize>i << 2);
    const link = load<i32>(at);
    if (link == NONE) {
      ended = true;
      continue;
    }
    const other = link & SLOT;
    if (ended || link < 0 || <u32>other >= graph.slots || other == slot || levelOf(other) < level || rowOf(graph, other) == NONE) return false;
    const back = findLink(linksOf(graph, other, level), degree, slot);
    if (back == 0 || (load<i32>(back) & TREE) != (link & TREE)) return false;
    if (findLink(links, degree, other) != at) return false; // twice in the list
  }
  return true;
}
