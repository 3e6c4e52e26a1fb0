import { Graph, rowOf, vectorOf } from "./layout";
import { CLOSED, entryAt, place, slotIn } from "./pool";

/**
 * Codes choose the candidates, float32 ranks them: the first `head` open nodes of the pool are scored again with
 * their vectors as they were given, and the best k are written as rows and scores, best first. Returns how many.
 */
export function rank(graph: Graph, k: u32, head: u32): u32 {
  const d = graph.dimension;
  const sorted = graph.resultScores; // entries first, scores in their place at the end
  let count: u32 = 0;
  let touched: u32 = 0;
  for (let i: u32 = 0; i < min(head, graph.poolSize); i++) {
    const vector = vectorOf(graph, slotIn(entryAt(graph, i)));
    for (let line: u32 = 0; line < d << 2; line += 64) touched |= load<u32>(vector + line);
  }
  graph.touched = touched;
  for (let i: u32 = 0; i < graph.poolSize && count < head; i++) {
    const entry = entryAt(graph, i);
    if ((entry & CLOSED) != 0) continue;
    const score = dot(graph.query, vectorOf(graph, slotIn(entry)), d);
    place(sorted, count++, rankedEntry(score, slotIn(entry)));
  }
  const found = min(k, count);
  for (let i: u32 = 0; i < found; i++) {
    const entry = load<u64>(sorted + (<usize>i << 3));
    store<i32>(graph.resultRows + (<usize>i << 2), rowOf(graph, <i32>(<u32>entry)));
    store<f32>(graph.resultScores + (<usize>i << 2), scoreIn(entry));
  }
  return found;
}

/** Sorts by score, largest first; of equals the smaller slot first. */
@inline
function rankedEntry(score: f32, slot: i32): u64 {
  const bits = reinterpret<i32>(score);
  return (<u64>(<u32>(bits ^ ((bits >> 31) & 0x7fffffff)) ^ 0x7fffffff) << 32) | <u64>(<u32>slot);
}

@inline
function scoreIn(entry: u64): f32 {
  const bits = <i32>(<u32>(entry >> 32) ^ 0x7fffffff);
  return reinterpret<f32>(bits ^ ((bits >> 31) & 0x7fffffff));
}

/** The inner product of two float32 vectors, in an order that depends on d alone. 2d flops. */
export function dot(x: usize, y: usize, d: u32): f32 {
  const whole = <usize>(d & ~7) << 2;
  let low = f32x4.splat(0);
  let high = f32x4.splat(0);
  for (let i: usize = 0; i < whole; i += 32) {
    low = f32x4.add(low, f32x4.mul(v128.load(x + i), v128.load(y + i)));
    high = f32x4.add(high, f32x4.mul(v128.load(x + i, 16), v128.load(y + i, 16)));
  }
  low = f32x4.add(low, high);
  low = f32x4.add(low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
  let sum = f32x4.extract_lane(low, 0) + f32x4.extract_lane(low, 1);
  for (let i = whole; i < <usize>d << 2; i += 4) sum += load<f32>(x + i) * load<f32>(y + i);
  return sum;
}
