import type { UserItems } from "../../features/interactions.ts";
import type { Engine } from "../../kernels/engine.ts";
import { createEngine } from "../../kernels/wasm.ts";
import { Random } from "../../tensor/random.ts";
import { type CandidateScorer, checkRows, type Ranker } from "../ranker.ts";
import { itemsOf, itemUsers } from "../user-items.ts";
import { vectorRanker } from "../vector-ranker.ts";
import { solveInPlace } from "./cholesky.ts";

/** What an `ials` may be told. */
export interface IalsOptions {
  readonly dimension?: number;
  /** Weight of every pair as a zero, beside 1 for a pair that was chosen as a one. */
  readonly unobserved?: number;
  readonly regularisation?: number;
  readonly epochs?: number;
  readonly seed?: number;
}

/**
 * Matrix factorisation by alternating least squares (Hu, Koren and Volinsky 2008), regularised as Rendle et al. 2021 found
 * best, by how much each vector has to explain:
 *
 *   Σ over chosen (u, i) (xᵤ·yᵢ − 1)² + α Σ over all (u, i) (xᵤ·yᵢ)² + λ ( Σᵤ (nᵤ + α·items) |xᵤ|² + Σᵢ (nᵢ + α·users) |yᵢ|² )
 *
 * Each half of an epoch is exact: all user vectors are the minimum given the item vectors, then the reverse.
 */
export function ials(history: UserItems, itemCount: number, options: IalsOptions = {}): Ranker & CandidateScorer {
  checkRows(history.items, itemCount, "item");
  const { dimension = 64, unobserved = 0.1, regularisation = 0.003, epochs = 12, seed = 1 } = options;
  const userCount = history.offsets.length - 1;
  const random = new Random(seed);
  const spread = Math.sqrt(0.03 / dimension); // small beside 1, so that the first half-epoch is no echo of it
  const items = Float32Array.from({ length: itemCount * dimension }, () => random.between(-spread, spread));
  const users = new Float32Array(userCount * dimension);
  const chosenBy = itemUsers(history, itemCount);
  const shape = { dimension, unobserved, regularisation };
  for (let epoch = 0; epoch < epochs; epoch++) {
    leastSquares(users, history, items, shape);
    leastSquares(items, chosenBy, users, shape);
  }
  return vectorRanker(users, items, dimension, { name: "iALS" });
}

interface Shape {
  readonly dimension: number;
  readonly unobserved: number;
  readonly regularisation: number;
}

/** Sets row r of `solved` to the minimum given the vectors of what it `chose`: all others count as zeros, α each. */
export function leastSquares(
  solved: Float32Array,
  chose: UserItems,
  given: Float32Array,
  { dimension: d, unobserved, regularisation }: Shape,
): void {
  const engine = createEngine();
  const givenCount = given.length / d;
  const everything = product(engine, given, d);
  const system = new Float64Array(d * d);
  const right = new Float64Array(d);
  let chosen = new Float32Array(0);
  for (let row = 0; row * d < solved.length; row++) {
    const own = itemsOf(chose, row);
    if (chosen.length < own.length * d) chosen = new Float32Array(2 * own.length * d);
    right.fill(0);
    for (let n = 0; n < own.length; n++)
      for (let e = 0, at = own[n] * d; e < d; e++) right[e] += chosen[n * d + e] = given[at + e];
    const own2 = product(engine, chosen.subarray(0, own.length * d), d);
    for (let e = 0; e < d * d; e++) system[e] = unobserved * everything[e] + own2[e];
    const ridge = regularisation * (own.length + unobserved * givenCount);
    for (let e = 0; e < d; e++) system[e * d + e] += ridge;
    solveInPlace(system, right, d);
    solved.set(right, row * d);
  }
}

/** VᵀV of the rows of V [n, d]. */
function product(engine: Engine, vectors: Float32Array, d: number): Float32Array {
  const rows = engine.passing(vectors.byteLength);
  engine.floats(rows, vectors.length).set(vectors);
  const result = engine.passing(d * d * Float32Array.BYTES_PER_ELEMENT);
  engine.kernels.matmulTN(rows, rows, result, d, d, vectors.length / d, false);
  const copy = engine.floats(result, d * d).slice();
  engine.endStep();
  return copy as Float32Array;
}
