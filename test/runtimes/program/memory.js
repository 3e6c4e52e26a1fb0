// Creates and drops models and indexes, each with a memory of its own, and prints what the process then holds, in MB:
// once after a first round, so that code and pools are in place, and again after all the rounds.
import { ExactIndex, id, tags, twoTower } from "twotower";
import { HnswIndex } from "twotower/hnsw";

const items = Array.from({ length: 50 }, (_, i) => ({ itemId: `i${i}`, genres: [`g${i % 4}`] }));
const interactions = Array.from({ length: 100 }, (_, n) => ({ userId: `u${n % 20}`, itemId: `i${(7 * n) % 50}` }));
const vectors = Float32Array.from({ length: 50 * 16 }, (_, i) => ((i * 7919) % 101) - 50);

async function round() {
  const model = twoTower({ user: { userId: id() }, item: { itemId: id(), genres: tags() }, dimension: 16, hidden: [] });
  await model.fit({ items, interactions }, { epochs: 1, batchSize: 128 });
  model.index().recall("u1", 3);
  for (const Index of [HnswIndex, ExactIndex]) {
    const index = new Index({ dimension: 16 });
    index.addMany(
      items.map(({ itemId }) => itemId),
      vectors,
    );
    index.search(vectors.subarray(0, 16), 3);
  }
}

async function held() {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc();
  }
  const { rss, external, heapUsed, arrayBuffers } = process.memoryUsage();
  const megabytes = (bytes) => Math.round(bytes / 2 ** 20);
  return { rss: megabytes(rss), external: megabytes(external + arrayBuffers), heap: megabytes(heapUsed) };
}

const rounds = Number(process.argv[2]);
for (let i = 0; i < rounds / 10; i++) await round();
const early = await held();
for (let i = 0; i < rounds; i++) await round();
console.log(JSON.stringify({ early, late: await held() }));
