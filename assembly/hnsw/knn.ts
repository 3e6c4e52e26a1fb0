import { GUIDED, OPEN_ONLY, searchFiltered, sow, standsOut } from "./filtered";
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
  if (allowed == 0) {
    searchLayer(graph, graph.spread, QUERY, descend(graph, graph.spread, QUERY, 0), 0, ef);
    return rank(graph, k);
  }
  return walkFiltered(graph, k, ef, allowed, rows, open) ? rank(graph, k) : scan(graph, k, rows, allowed);
}

/** Similarities that a walk computes for each node it keeps, and rows that a scan scores in the time of one of those. */
const PER_KEPT: u32 = 16;
const SCANNED: u32 = 4;

/**
 * Whether a walk has left the nearest open nodes in the pool. It is not even tried when scoring everything that is open
 * costs no more than two and a half searches without a filter, and given up when it has cost as much as that would.
 *
 * Under a filter that lets a share s through, the k nearest open nodes are among the k/s nearest of all, so a pool of
 * about 1.25 k/s is enough, however large ef · 1/s would be.
 */
function walkFiltered(graph: Graph, k: u32, ef: u32, allowed: usize, rows: u32, open: u32): bool {
  const budget = open / SCANNED;
  const wanted = min(ef, max(k + (k >> 2) + 2, <u32>(<u64>ef * open / rows)));
  const kept = <u32>(<u64>wanted * rows / max(1, open));
  const most = budget / PER_KEPT; // nodes that a walk could keep
  graph.lookups = 0;
  if (most > ef * 5 / 2 && most > kept && kept < graph.poolCapacity / 2) {
    // So few may be closed (what a user has seen, and it is near) that all of them can be waded through.
    const all = rows - open + wanted;
    const wade = all < most && all < graph.poolCapacity;
    const share = wade ? 0 : <u32>(<u64>open * 4096 / rows);
    const capacity = wade ? max(all, kept * 3) + 64 : kept * 3 + 64;
    store<u64>(graph.pool, descend(graph, graph.spread, QUERY, 0));
    graph.poolSize = 1;
    if (searchFiltered(graph, GUIDED, wanted, allowed, share, budget, min(graph.poolCapacity, capacity))) return true;

    const more = ef + (ef >> 1); // among open nodes alone the graph is sparser
    if (graph.evaluations + PER_KEPT * more < budget) {
      const least = sow(graph, rows, allowed, more);
      const done = searchFiltered(graph, OPEN_ONLY, more, allowed, 0, budget, graph.poolCapacity);
      if (done && graph.poolSize >= k && standsOut(graph, least)) return true;
    }
  }
  return false;
}
