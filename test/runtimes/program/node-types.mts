// The same for the parts that need Node.
import { id, twoTower } from "twotower";
import { loadIndex, loadModel, saveIndex, saveModel } from "twotower/files";

const model = twoTower({ user: { userId: id() }, item: { itemId: id() } });
await saveModel("model.safetensors", model);
await saveIndex("index.safetensors", model.index().index);
export const again: string[] = (await loadModel("model.safetensors"))
  .recaller(await loadIndex("index.safetensors"))
  .recall("u", 3)
  .map(({ id }) => id);
