import { Random } from "../../src/tensor/random.ts";

const LATENT = 20;
const CLUSTERS = 500;

/** Vectors that look like item embeddings, and queries that look like users'. */
export interface Clustered {
  readonly items: Float32Array;
  readonly queries: Float32Array;
}

/**
 * Unit vectors in clusters of power-law sizes, of latent dimension 20 lifted to d, with noise; queries from the same mixture,
 * spread wider. The same recipe as the benchmarks'.
 */
export function clustered(n: number, d: number, queryCount: number, seed = 1): Clustered {
  const random = new Random(seed);
  const lift = Float32Array.from({ length: LATENT * d }, () => normal(random) / Math.sqrt(LATENT));
  const centres = Float32Array.from({ length: CLUSTERS * LATENT }, () => normal(random));
  const bounds: number[] = [];
  let total = 0;
  for (let i = 0; i < CLUSTERS; i++) bounds.push((total += (i + 1) ** -0.7));

  const draw = (count: number, spread: number, noise: number): Float32Array => {
    const vectors = new Float32Array(count * d);
    for (let i = 0; i < count; i++) {
      const at = random.next() * total;
      const cluster = bounds.findIndex((bound) => bound >= at);
      const latent = Float32Array.from(
        { length: LATENT },
        (_, j) => centres[cluster * LATENT + j] + spread * normal(random),
      );
      const vector = vectors.subarray(i * d, (i + 1) * d);
      for (let j = 0; j < LATENT; j++) for (let c = 0; c < d; c++) vector[c] += latent[j] * lift[j * d + c];
      for (let c = 0; c < d; c++) vector[c] += noise * normal(random);
      normalise(vector);
    }
    return vectors;
  };
  return { items: draw(n, 0.7, 0.12), queries: draw(queryCount, 0.9, 0.15) };
}

/** Each vector times a factor between 1/spread and spread: lengths as towers without normalisation give them. */
export function stretched(vectors: Float32Array, d: number, spread: number, seed = 2): Float32Array {
  const random = new Random(seed);
  const out = vectors.slice();
  for (let i = 0; i < out.length; i += d) {
    const factor = spread ** random.between(-1, 1);
    for (let j = 0; j < d; j++) out[i + j] *= factor;
  }
  return out;
}

/** Scales to length 1, in place. */
function normalise(vector: Float32Array): void {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  for (let i = 0; i < vector.length; i++) vector[i] /= length;
}

/** A standard normal number, near enough: the sum of four uniform ones. */
function normal(random: Random): number {
  return (random.next() + random.next() + random.next() + random.next() - 2) * Math.sqrt(3);
}

/** 0, 1 … n − 1. */
export const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The i-th of vectors that stand one after another. */
export const nth = (vectors: Float32Array, d: number, i: number): Float32Array => vectors.subarray(i * d, (i + 1) * d);
