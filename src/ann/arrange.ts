import type { Random } from "../tensor/random.ts";

/** How many of a part's vectors stand for all of it when it is cut. */
const SAMPLE = 32;
/** Parts are cut at whole chunks of 256, and below that at whole groups of 16 (assembly/hnsw/layout.ts says why). */
const CUTS = [256, 16, 2];

/**
 * An order in which near vectors stand near each other: cut in two halves across the line between the means of two
 * groups, then each half likewise. A search reads codes and links of one neighbourhood, which then share pages and
 * often lines of memory. About nd log n operations: a hundredth of what building the graph takes.
 */
export function arrange(vectors: ArrayLike<number>, d: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: vectors.length / d }, (_, i) => i);
  const along = new Float32Array(order.length);
  const parts: [number, number][] = [[0, order.length]];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [from, to] = part;
    const cut = CUTS.find((multiple) => to - from >= 2 * multiple);
    if (cut === undefined) continue;
    const middle = from + Math.round((to - from) / 2 / cut) * cut;
    const direction = between(vectors, d, order, from, to, random);
    for (let i = from; i < to; i++) along[i] = product(vectors, order[i] * d, direction);
    halve(order, along, from, to, middle);
    parts.push([from, middle], [middle, to]);
  }
  return order;
}

/** The line between the means of two groups of a sample: those nearer to one of its vectors, and those nearer to that farthest from it. */
function between(
  vectors: ArrayLike<number>,
  d: number,
  order: Int32Array,
  from: number,
  to: number,
  random: Random,
): Float64Array {
  const sample = Array.from({ length: Math.min(SAMPLE, to - from) }, () => order[from + random.below(to - from)] * d);
  const first = Float64Array.from({ length: d }, (_, j) => vectors[sample[0] + j]);
  const products = sample.map((at) => product(vectors, at, first));
  const second = sample[products.indexOf(Math.min(...products))];
  const line = first.map((x, j) => x - vectors[second + j]);
  const places = sample.map((at) => product(vectors, at, line));
  const border = places.reduce((sum, x) => sum + x, 0) / places.length;
  const near = places.filter((x) => x >= border).length;
  const direction = new Float64Array(d);
  for (const [i, at] of sample.entries()) {
    const weight = places[i] >= border ? 1 / near : -1 / (sample.length - near || 1);
    for (let j = 0; j < d; j++) direction[j] += weight * vectors[at + j];
  }
  return direction;
}

function product(vectors: ArrayLike<number>, at: number, direction: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < direction.length; j++) sum += vectors[at + j] * direction[j];
  return sum;
}

/** Reorders from … to − 1 so that nothing before `middle` lies farther along than anything after it: Hoare's selection. */
function halve(order: Int32Array, along: Float32Array, from: number, to: number, middle: number): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = along[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (along[i] < pivot) i++;
      while (along[j] > pivot) j--;
      if (i > j) break;
      [along[i], along[j]] = [along[j], along[i]];
      [order[i], order[j]] = [order[j], order[i]];
      i++;
      j--;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
