// The same for the parts that need Node.
import { createServer } from "node:http";
import { id, twoTower } from "twotower";
import { loadIndex, loadModel, saveIndex, saveModel } from "twotower/files";
import { nodeListener, recallService } from "twotower/server";

const model = twoTower({ user: { userId: id() }, item: { itemId: id() } });
await saveModel("model.safetensors", model);
await saveIndex("index.safetensors", model.index().index);
export const again: string[] = (await loadModel("model.safetensors"))
  .recaller(await loadIndex("index.safetensors"))
  .recall("u", 3)
  .map(({ id }) => id);

createServer(nodeListener(recallService(model.index()).fetch)).listen(8080);
