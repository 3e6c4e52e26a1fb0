// Files pass between runtimes: "write <folder>" makes a model and its index, "read <folder>" loads them and recalls.
import { id, list, tags, twoTower } from "twotower";
import { loadIndex, loadModel, saveIndex, saveModel } from "twotower/files";
import { hnsw } from "twotower/hnsw";

const [verb, folder] = process.argv.slice(2);
if (verb === "write") {
  const itemId = id();
  const model = twoTower({
    user: { userId: id(), likes: list(itemId) },
    item: { itemId, genres: tags() },
    dimension: 16,
  });
  const items = Array.from({ length: 40 }, (_, i) => ({ itemId: `i${i}`, genres: [`g${i % 4}`] }));
  const interactions = Array.from({ length: 200 }, (_, n) => ({ userId: `u${n % 20}`, itemId: `i${(7 * n) % 40}` }));
  await model.fit({ items, interactions }, { epochs: 2, batchSize: 64 });
  await saveModel(`${folder}/model.safetensors`, model);
  await saveIndex(`${folder}/index.safetensors`, model.index(items, hnsw()).index);
}
const model = await loadModel(`${folder}/model.safetensors`);
const recaller = model.recaller(await loadIndex(`${folder}/index.safetensors`));
console.log(JSON.stringify(recaller.recall("u3", 5).map(({ id, score }) => [id, score])));
