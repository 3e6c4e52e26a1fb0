/**
 * Where everything of an index lies in its linear memory. The host lays memory out and writes the fields of `Graph`;
 * the kernels only read them, except `entry` and `top`.
 *
 *   | Graph | visited bits | scratch | chunk 0 | chunk 1 | …          grows at the end: nothing is ever moved
 *
 * A chunk has room for 256 nodes; a node is known by its slot, chunk = slot >> 8.
 *
 *   | codes | links of level 0 | links above | rows | slots | norms | vectors |     each × 256
 *
 * One array of each kind per chunk, not one record per node: a search scores some twenty codes for each list of links
 * it follows and ranks a few vectors at the end, so codes stand densely, 64 to a page at d = 64. Under cosine there are no
 * norms, as all are 1; and an index that keeps codes only has no vectors.
 */

/** 256 slots a chunk. */
export const CHUNK_BITS: u32 = 8;
export const CHUNK_SLOTS: u32 = 256;

/** No level above this one: enough for 16⁶ items. */
export const MAX_LEVEL: u32 = 5;

/** Ends a list of links that is not full; also the row of a vacant slot. */
export const NONE: i32 = -1;

/** A link carries this bit when it belongs to the spanning tree, which pruning never cuts (see links.ts). */
export const TREE: i32 = 1 << 30;
export const SLOT: i32 = TREE - 1;

@unmanaged
export class Graph {
  /** Length d of a vector. */
  dimension: u32;
  /** Bytes of a code: d, or 2d when d ≤ 8, rounded up to a multiple of 16. */
  codeBytes: u32;
  /** The most links of a node above level 0 (M in the paper), and at level 0 (Mmax0 = 2M). */
  M: u32;
  M0: u32;
  /** Candidates weighed for the links of a new node. */
  efConstruction: u32;
  /** 1 for the inner product of vectors of any length, 0 for cosine: all vectors have length 1. */
  norms: u32;
  /** Bytes of each number of a vector kept beside its code: 4, 2, or 0 if only codes are kept. */
  numberBytes: u32;

  /** The entry point (ep in the paper), or NONE; and its level L. */
  entry: i32;
  top: i32;

  chunks: usize;
  chunkBytes: usize;
  linksOffset: usize;
  upperOffset: usize;
  rowsOffset: usize;
  normsOffset: usize;
  slotsOffset: usize;
  vectorsOffset: usize;
  /** Slots laid out: 256 for each chunk. */
  slots: u32;

  /** One bit for each slot: v in the paper, the nodes a walk has seen. All 0 between walks. */
  visited: usize;
  /** The slots that the present walk has marked, so that clearing costs what the walk cost, not what the index holds. */
  seen: usize;
  seenCount: u32;

  /** The nearest nodes found so far (C and W in the paper, in one sorted array; see pool.ts). */
  pool: usize;
  poolCapacity: u32;
  poolSize: u32;

  /** A batch of nodes to score: their slots, the addresses of their codes, their similarities. */
  batch: usize;
  codes: usize;
  scores: usize;
  batchSize: u32;
  /** Bytes of the slots of a batch; each of the three has room for two. */
  batchBytes: u32;
  /** What touching memory ahead of its use has read: written down so that the loads are not optimised away. */
  touched: u32;
  touchedLinks: u32;

  /** The query: as float32[d], rotated, and as int16 to score codes with. */
  query: usize;
  rotated: usize;
  spread: usize;
  /** What the squared lengths of two items take off their similarity (see similarity.ts). */
  penalty: f32;
  /** The similarity of a query and a code of the same direction, and how far a score made of codes may err. */
  codeUnit: f32;
  codeError: f32;
  /** Two more codes as int16, for comparing items with items. */
  spreadA: usize;
  spreadB: usize;

  /** Neighbours being weighed, as entries of a pool; and a list of slots being mended. */
  neighbours: usize;
  wounded: usize;

  /** Rows and scores handed to the host. */
  resultRows: usize;
  resultScores: usize;

  /** Similarities computed since the host last set this to 0. */
  evaluations: u32;
  /** Links that a walk under a filter looked at to get past closed nodes. */
  lookups: u32;
}

@inline
export function chunkOf(graph: Graph, slot: i32): usize {
  return graph.chunks + <usize>(<u32>slot >> CHUNK_BITS) * graph.chunkBytes;
}

@inline
export function place(slot: i32): usize {
  return <usize>(<u32>slot & (CHUNK_SLOTS - 1));
}

@inline
export function codeOf(graph: Graph, slot: i32): usize {
  return chunkOf(graph, slot) + place(slot) * graph.codeBytes;
}

@inline
export function vectorOf(graph: Graph, slot: i32): usize {
  return chunkOf(graph, slot) + graph.vectorsOffset + place(slot) * (graph.dimension * graph.numberBytes);
}

@inline
export function rowOf(graph: Graph, slot: i32): i32 {
  return load<i32>(chunkOf(graph, slot) + graph.rowsOffset + (place(slot) << 2));
}

export function setRow(graph: Graph, slot: i32, row: i32): void {
  store<i32>(chunkOf(graph, slot) + graph.rowsOffset + (place(slot) << 2), row);
}

/** Where the vector of a row is: rows are the host's numbers, dense; which slot a row gets is the graph's business. */
export function slotOfRow(graph: Graph, row: i32): i32 {
  return load<i32>(slotsOfRows(graph, row));
}

/** Where that is written; in one piece for all rows of a chunk. */
@inline
export function slotsOfRows(graph: Graph, row: i32): usize {
  return chunkOf(graph, row) + graph.slotsOffset + (place(row) << 2);
}

/** The length of the vector in a slot; 1 under cosine. */
@inline
export function normOf(graph: Graph, slot: i32): f32 {
  if (!graph.norms) return 1;
  return load<f32>(chunkOf(graph, slot) + graph.normsOffset + (place(slot) << 2));
}

/** Notes it, where lengths differ. */
export function setNorm(graph: Graph, slot: i32, norm: f32): void {
  if (graph.norms) store<f32>(chunkOf(graph, slot) + graph.normsOffset + (place(slot) << 2), norm);
}

/**
 * The level of a slot (l in the paper): every 16th slot reaches level 1, every 256th level 2, and so on, so that upper
 * links need no directory. What makes levels random is that the host hands the slots of a chunk out in shuffled order.
 */
@inline
export function levelOf(slot: i32): u32 {
  if (slot & 15) return 0;
  if (slot & 255) return 1;
  return min(MAX_LEVEL, ctz(slot) >> 2);
}

/** The most links at a level. */
export function degreeAt(graph: Graph, level: u32): u32 {
  return level == 0 ? graph.M0 : graph.M;
}

/**
 * The links of a slot at a level not above its own. Above level 0 a chunk has 16 lists of level 1, then one list
 * for each higher level, all of them of its first slot.
 */
@inline
export function linksOf(graph: Graph, slot: i32, level: u32): usize {
  const chunk = chunkOf(graph, slot);
  if (level == 0) return chunk + graph.linksOffset + place(slot) * (graph.M0 << 2);
  const list = level == 1 ? place(slot) >> 4 : 14 + level;
  return chunk + graph.upperOffset + list * (graph.M << 2);
}
