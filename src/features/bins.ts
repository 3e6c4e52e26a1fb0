/**
 * Edges that cut the numbers into at most `count` bins of about equally many each. Bins that would be empty, as many
 * equal numbers make them, are left out. NaN is a missing value and counts for nothing.
 */
export function quantileEdges(numbers: Float64Array, count: number): number[] {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).sort();
  const edges: number[] = [];
  let last = sorted[0]; // an edge at the least number would leave nothing below it
  for (let i = 1; i < count; i++) {
    const edge = sorted[Math.floor((i * sorted.length) / count)] + 0; // not −0, which JSON would not keep
    if (edge > last) edges.push((last = edge));
  }
  return edges;
}

/** In which bin a number falls: how many edges it reaches. Bin i is edges[i − 1] ≤ x < edges[i]. */
export function binOf(edges: readonly number[], number: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (number >= edges[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}
