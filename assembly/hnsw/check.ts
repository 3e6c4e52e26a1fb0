import { degreeAt, Graph, levelOf, linksOf, NONE, rowOf, SLOT, TREE } from "./layout";
import { countLinks, findLink } from "./links";

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
  const count = countLinks(links, degree);
  if (count > 0 && rowOf(graph, slot) == NONE) return false; // so nobody can link to a vacant slot, as links are mutual
  for (let i = count; i < degree; i++) if (load<i32>(links + (<usize>i << 2)) != NONE) return false;
  let touched: u32 = 0; // the lists of all neighbours are on their way before any is read
  for (let i: u32 = 0; i < count; i++) {
    const link = load<i32>(links + (<usize>i << 2));
    const other = link & SLOT;
    if (link < 0 || <u32>other >= graph.slots || other == slot || levelOf(other) < level) return false;
    touched |= load<u32>(linksOf(graph, other, level));
  }
  graph.touched = touched;
  for (let i: u32 = 0; i < count; i++) {
    const at = links + (<usize>i << 2);
    const link = load<i32>(at);
    const back = findLink(linksOf(graph, link & SLOT, level), degree, slot);
    if (back == 0 || (load<i32>(back) & TREE) != (link & TREE)) return false;
    if (findLink(links, degree, link & SLOT) != at) return false; // twice in the list
  }
  return true;
}
