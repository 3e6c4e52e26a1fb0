// Deno: a vector index by itself, with filters.
//   npm install && deno run deno.ts
import { HnswIndex } from "twotower/hnsw";

const dimension = 16;
const index = new HnswIndex<number>({ dimension, metric: "cosine" });
const vector = (seed: number): Float32Array =>
  Float32Array.from({ length: dimension }, (_, i) => ((seed * (i + 3) * 7919) % 101) / 50 - 1);

const ids = Array.from({ length: 2000 }, (_, i) => i);
for (const id of ids) index.add(id, vector(id));

const nearest = index.search(vector(42), 5);
console.log("nearest to 42:", nearest.ids.join(" "));
const even = index.search(vector(42), 5, { filter: (id) => id % 2 === 0, exclude: [42] });
console.log("even ones, 42 itself apart:", even.ids.join(" "));
