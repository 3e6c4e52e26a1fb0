import { lengthOf } from "./codes";
import { dotHalf } from "./half";
import { Graph, normOf, rowOf, vectorOf } from "./layout";
import { CLOSED, entryAt, place, similarityIn, slotIn } from "./pool";
import { ordered, unordered } from "./similarity";

/**
 * Codes choose the candidates, what is kept of the vectors ranks them: the open nodes of the pool are scored again, nearest
 * first, until the codes of the rest leave no doubt that they come after the k best. Writes those as rows and scores, best
 * first; returns how many.
 */
export function rank(graph: Graph, k: u32): u32 {
  const length = queryLength(graph);
  touchVectors(graph, min(graph.poolSize, k + (k >> 1)));
  let count: u32 = 0;
  for (let i: u32 = 0; i < graph.poolSize; i++) {
    const entry = entryAt(graph, i);
    if ((entry & CLOSED) != 0) continue;
    if (bestPossible(graph, entry, length) < leastRanked(graph, count, k)) break;
    count = placeRanked(graph, count, k, entry, length);
  }
  return writeRanked(graph, count);
}

/** The score that whoever is to be among the k best must reach, once `count` are ranked. */
@inline
export function leastRanked(graph: Graph, count: u32, k: u32): f32 {
  return count < k ? -Infinity : scoreIn(load<u64>(graph.resultScores + (<usize>(k - 1) << 3)));
}

/** Scores a node by what is kept of its vector and puts it among the best, at most k, of which there are `count`; returns how many there are then. */
export function placeRanked(graph: Graph, count: u32, k: u32, entry: u64, length: f32): u32 {
  const slot = slotIn(entry);
  const vector = vectorOf(graph, slot);
  const score = graph.numberBytes == 4 ? dot(graph.query, vector, graph.dimension)
    : graph.numberBytes == 2 ? dotHalf(graph.query, vector, graph.dimension) * normOf(graph, slot)
    : scoreByCode(graph, entry, length);
  const ranked = rankedEntry(score, slot);
  if (count == k) {
    if (ranked > load<u64>(graph.resultScores + (<usize>(k - 1) << 3))) return count;
    count--;
  }
  place(graph.resultScores, count, ranked);
  return count + 1;
}

/** Leaves the ranked as rows and scores for the host: scores take the place of entries. */
export function writeRanked(graph: Graph, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const entry = load<u64>(graph.resultScores + (<usize>i << 3));
    store<i32>(graph.resultRows + (<usize>i << 2), rowOf(graph, <i32>(<u32>entry)));
    store<f32>(graph.resultScores + (<usize>i << 2), scoreIn(entry));
  }
  return count;
}

@inline
function scoreByCode(graph: Graph, entry: u64, length: f32): f32 {
  if (!graph.norms) return <f32>similarityIn(entry) / graph.codeUnit;
  return length * (unordered(similarityIn(entry)) / graph.codeUnit);
}

/** Starts loading the vectors of the first entries of the pool, all of them at once. */
export function touchVectors(graph: Graph, count: u32): void {
  const bytes = graph.dimension * graph.numberBytes;
  let touched: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const vector = vectorOf(graph, slotIn(entryAt(graph, i)));
    for (let line: u32 = 0; line < bytes; line += 64) touched |= load<u32>(vector + line);
  }
  graph.touched = touched;
}

/** The factor that scores by codes lack. */
export function queryLength(graph: Graph): f32 {
  return graph.norms ? lengthOf(graph.query, graph.dimension) : 1;
}

/** The score of a node if its code errs as far as codes do, in its favour. */
@inline
export function bestPossible(graph: Graph, entry: u64, length: f32): f32 {
  return scoreByCode(graph, entry, length) + length * graph.codeError * normOf(graph, slotIn(entry));
}

/** And to its disadvantage. */
@inline
export function worstPossible(graph: Graph, entry: u64, length: f32): f32 {
  return scoreByCode(graph, entry, length) - length * graph.codeError * normOf(graph, slotIn(entry));
}

/** Sorts by score, largest first; of equals the smaller slot first. */
@inline
function rankedEntry(score: f32, slot: i32): u64 {
  return (<u64>(<u32>(ordered(score) ^ 0x7fffffff)) << 32) | <u64>(<u32>slot);
}

@inline
function scoreIn(entry: u64): f32 {
  return unordered(similarityIn(entry));
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
