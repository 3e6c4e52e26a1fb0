import { decode, encode, lengthOf, rotate, scale } from "./codes";
import { narrow, widenOne } from "./half";
import { codeOf, Graph, NONE, normOf, rowOf, setNorm, vectorOf } from "./layout";

// What is kept of a vector beside its code: float32 numbers as they were given (under cosine scaled to length 1), or its
// direction in 16-bit floats, or nothing. Lengths are kept apart, under the inner product. Whatever is kept decides the
// code, so that a snapshot needs no codes where it has vectors.

/** Takes in the vector that the host wrote to `graph.query`. */
export function storeVector(graph: Graph, slot: i32): void {
  const d = graph.dimension;
  const given = graph.query;
  const kept = vectorOf(graph, slot);
  const norm = lengthOf(given, d);
  if (graph.numberBytes == 4) {
    memory.copy(kept, given, d << 2);
    if (!graph.norms) scale(kept, norm, d);
  } else if (graph.numberBytes == 2) {
    scale(given, norm, d);
    for (let i: usize = 0; i < d; i++) store<u16>(kept + (i << 1), narrow(load<f32>(given + (i << 2))));
    setNorm(graph, slot, norm);
  } else {
    rotate(graph, given, norm);
    encode(graph, codeOf(graph, slot));
    setNorm(graph, slot, norm);
  }
  codeVector(graph, slot);
}

/** Codes what is kept of all vectors; returns whether all their numbers are finite. */
export function codeAll(graph: Graph): bool {
  for (let slot: u32 = 0; slot < graph.slots; slot++) {
    if (rowOf(graph, slot) == NONE) continue;
    codeVector(graph, slot);
    const kept = vectorOf(graph, slot);
    if (!isFinite(normOf(graph, slot)) || (graph.numberBytes == 4 && !isFinite(lengthOf(kept, graph.dimension)))) return false;
    if (graph.numberBytes == 2)
      for (let i: usize = 0; i < graph.dimension; i++) if ((~load<u16>(kept + (i << 1)) & 0x7c00) == 0) return false;
  }
  return true;
}

/** Codes what is kept of a vector: the same always gets the same code. */
function codeVector(graph: Graph, slot: i32): void {
  if (graph.numberBytes == 0) return; // the code is what is kept
  const kept = vectorOf(graph, slot);
  if (graph.numberBytes == 4) {
    const norm: f32 = graph.norms ? lengthOf(kept, graph.dimension) : 1;
    setNorm(graph, slot, norm);
    rotate(graph, kept, norm);
  } else {
    widenAll(graph, kept);
    rotate(graph, graph.query, 1);
  }
  encode(graph, codeOf(graph, slot));
}

/** Writes a vector, as well as it was kept, to `graph.query` for the host. */
export function readVector(graph: Graph, slot: i32): void {
  const d = graph.dimension;
  const out = graph.query;
  if (graph.numberBytes == 4) {
    memory.copy(out, vectorOf(graph, slot), d << 2);
    return;
  }
  if (graph.numberBytes == 2) widenAll(graph, vectorOf(graph, slot));
  else {
    decode(graph, codeOf(graph, slot));
    memory.copy(out, graph.rotated, d << 2);
  }
  scale(out, lengthOf(out, d), d); // rounding has changed it a little
  const norm = normOf(graph, slot);
  for (let i: usize = 0; i < d; i++) store<f32>(out + (i << 2), load<f32>(out + (i << 2)) * norm);
}

function widenAll(graph: Graph, halves: usize): void {
  for (let i: usize = 0; i < graph.dimension; i++) store<f32>(graph.query + (i << 2), widenOne(halves + (i << 1)));
}

/** Leaves nothing of a vector. */
export function forgetVector(graph: Graph, slot: i32): void {
  memory.fill(codeOf(graph, slot), 0, graph.codeBytes);
  memory.fill(vectorOf(graph, slot), 0, graph.dimension * graph.numberBytes);
  setNorm(graph, slot, 0);
}
