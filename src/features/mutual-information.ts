import { log } from "../kernels/math.ts";
import type { Column, Table } from "./columns.ts";

const BINS = 10; // of numbers: as many as tell a tenth from a tenth

/**
 * How much the features of a table tell about each other, over its rows, each once (Yao et al. 2021, section 3.2):
 *   I(V, W) = Σ P(v, w) log( P(v, w) / (P(v) P(w)) )
 * Of features with several values a row, one is drawn: P(v, w) is the mean over rows of [v ∈ V][w ∈ W] / (|V| |W|).
 * Returns [k, k] in the order of `features`, in nats; the diagonal is each feature's entropy.
 */
export function mutualInformation(table: Table, features: readonly string[]): Float64Array {
  const k = features.length;
  const values = features.map((feature) => valuesOf(table.columns[feature], table.count));
  const information = new Float64Array(k * k);
  for (let a = 0; a < k; a++)
    for (let b = a; b < k; b++) {
      information[a * k + b] = between(values[a], values[b], table.count);
      information[b * k + a] = information[a * k + b];
    }
  return information;
}

/** The values of each row, as whole numbers. */
type Values = (row: number) => ArrayLike<number>;

function between(v: Values, w: Values, rows: number): number {
  const joint = new Map<number, Map<number, number>>();
  const [ofV, ofW] = [new Map<number, number>(), new Map<number, number>()];
  const add = (map: Map<number, number>, key: number, p: number): void => void map.set(key, (map.get(key) ?? 0) + p);
  for (let row = 0; row < rows; row++) {
    const [xs, ys] = [v(row), w(row)];
    const p = 1 / (rows * xs.length * ys.length);
    for (let i = 0; i < xs.length; i++)
      for (let j = 0; j < ys.length; j++) {
        const x = xs[i];
        let given = joint.get(x);
        if (!given) joint.set(x, (given = new Map()));
        // The same feature twice: one draw, not two.
        if (v === w && i !== j) continue;
        const share = v === w ? p * ys.length : p;
        add(given, ys[j], share);
        add(ofV, x, share);
        add(ofW, ys[j], share);
      }
  }
  let information = 0;
  for (const [x, given] of joint) for (const [y, p] of given) information += p * log(p / (ofV.get(x)! * ofW.get(y)!));
  return information;
}

function valuesOf(column: Column, rows: number): Values {
  if (column.kind === "index") return (row) => column.rows.subarray(row, row + 1);
  if (column.kind === "bag") {
    const none = Int32Array.of(-1);
    return (row) =>
      column.offsets[row] === column.offsets[row + 1]
        ? none
        : column.rows.subarray(column.offsets[row], column.offsets[row + 1]);
  }
  const sorted = Float32Array.from({ length: rows }, (_, row) => column.values[row * column.width]).sort();
  const edges = Array.from({ length: BINS - 1 }, (_, b) => sorted[Math.floor(((b + 1) * rows) / BINS)]);
  return (row) => [edges.filter((edge) => column.values[row * column.width] >= edge).length];
}
