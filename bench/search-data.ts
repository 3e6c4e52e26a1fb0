import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExactIndex } from "../src/ann/exact.ts";

export const DIMENSION = 64;
export const K = 10;
const QUERIES = 2000;
const LATENT = 20;
const CLUSTERS = 500;

/** Items, queries and the ten nearest items of each query, in memory and in files for peers to read. */
export interface SearchData {
  readonly items: Float32Array;
  readonly queries: Float32Array;
  readonly truth: Int32Array;
  /** The files begin with this; more may be kept beside them. */
  readonly path: string;
}

/**
 * Unit vectors that look like item embeddings: 500 clusters of power-law sizes (exponent 0.7), of latent dimension 20
 * lifted to 64, spread 0.7, noise 0.12; queries from the same mixture, spread 0.9, noise 0.15. Made once from a fixed
 * seed, kept in the system's folder for temporary files.
 */
export function searchData(n: number): SearchData {
  const folder = join(tmpdir(), "twotower-bench");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `search-${n}x${DIMENSION}`);
  const kept = (name: string, make: () => Float32Array | Int32Array): ArrayBuffer => {
    const file = `${path}.${name}`;
    if (!existsSync(file)) {
      writeFileSync(`${file}.part`, make());
      renameSync(`${file}.part`, file);
    }
    const bytes = readFileSync(file);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  };
  let made: Pick<SearchData, "items" | "queries"> | undefined;
  const items = new Float32Array(kept("items.f32", () => (made ??= generate(n)).items));
  const queries = new Float32Array(kept("queries.f32", () => (made ??= generate(n)).queries));
  const truth = new Int32Array(kept("truth.i32", () => nearest(items, queries)));
  return { items, queries, truth, path };
}

function nearest(items: Float32Array, queries: Float32Array): Int32Array {
  const exact = new ExactIndex<number>({ dimension: DIMENSION, metric: "dot" });
  const ids = Array.from({ length: items.length / DIMENSION }, (_, i) => i);
  exact.addMany(ids, items);
  const truth = new Int32Array((queries.length / DIMENSION) * K);
  for (const [q, { rows }] of exact.searchManyRows(queries, K).entries()) truth.set(rows, q * K);
  return truth;
}

function generate(n: number): Pick<SearchData, "items" | "queries"> {
  const uniform = mulberry32(0x9e3779b9);
  const normal = boxMuller(uniform);
  const lift = Float32Array.from({ length: LATENT * DIMENSION }, () => normal() / Math.sqrt(LATENT));
  const centres = Float32Array.from({ length: CLUSTERS * LATENT }, () => normal());
  const bounds: number[] = [];
  let total = 0;
  for (let i = 0; i < CLUSTERS; i++) bounds.push((total += (i + 1) ** -0.7));

  const draw = (count: number, spread: number, noise: number): Float32Array => {
    const vectors = new Float32Array(count * DIMENSION);
    for (let at = 0; at < vectors.length; at += DIMENSION) {
      const place = uniform() * total;
      const centre = bounds.findIndex((bound) => bound >= place) * LATENT;
      const latent = Float32Array.from({ length: LATENT }, (_, j) => centres[centre + j] + spread * normal());
      let square = 0;
      for (let i = 0; i < DIMENSION; i++) {
        let x = 0;
        for (let j = 0; j < LATENT; j++) x += latent[j] * lift[j * DIMENSION + i];
        vectors[at + i] = x += noise * normal();
        square += x * x;
      }
      for (let i = 0; i < DIMENSION; i++) vectors[at + i] /= Math.sqrt(square);
    }
    return vectors;
  };
  return { items: draw(n, 0.7, 0.12), queries: draw(QUERIES, 0.9, 0.15) };
}

function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function boxMuller(uniform: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform() || 1e-12));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
