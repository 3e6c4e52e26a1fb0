import { Graph, NONE } from "./layout";
import { rank } from "./rank";
import { scan } from "./scan";
import { QUERY } from "./similarity";
import { descend, prepareQuery, searchLayer } from "./search";

/**
 * Algorithm 5, K-NN-SEARCH: the k items nearest to the query the host wrote, of those that `allowed` (a bitmap of rows;
 * 0 = all) lets through; `open` says how many that are. Writes rows and scores, best first; returns how many: k, if so many exist. k ≤ ef.
 */
export function search(graph: Graph, k: u32, ef: u32, allowed: usize, rows: u32, open: u32): u32 {
  if (graph.entry == NONE) return 0;
  prepareQuery(graph);
  graph.evaluations = 0;
  if (allowed == 0) walk(graph, ef, 0, u32.MAX_VALUE, graph.poolCapacity);
  else searchAllowed(graph, k, ef, allowed, rows, open);
  return rank(graph, k);
}

@inline
function walk(graph: Graph, wanted: u32, allowed: usize, budget: u32, capacity: u32): bool {
  return searchLayer(graph, graph.spread, QUERY, descend(graph, graph.spread, QUERY, 0), 0, wanted, allowed, budget, capacity);
}

/**
 * Under a filter that lets a share s through, the k nearest open nodes are among the k/s nearest of all, so a pool of
 * about 1.25 k/s is enough, however large ef · 1/s would be. If few are let through it is cheaper to score just those, and
 * a walk is given up for it that has cost a good part of that already, or keeps three times as many closed nodes as it
 * should: the open ones lie far from the query.
 */
function searchAllowed(graph: Graph, k: u32, ef: u32, allowed: usize, rows: u32, open: u32): void {
  const wanted = max(k + (k >> 2) + 2, <u32>(<u64>ef * open / rows));
  // A walk scores about 14 nodes for each it keeps, at 2.3 times the price of a scan.
  const kept = <u64>min(ef, wanted) * rows / max(1, open);
  const capacity = <u32>min(<u64>graph.poolCapacity, 3 * kept + 64);
  if (kept * 32 < open && kept < capacity / 2 && walk(graph, min(ef, wanted), allowed, open / 4, capacity)) return;
  scan(graph, rows, max(ef, 2 * k + 16), allowed);
}
