// Recall from whatever index was saved, an exact one or a graph. Nothing here can train, so nothing that trains may be in
// the bundle.
import { HnswIndex } from "twotower/hnsw";
import { indexFromBytes, TrainedModel } from "twotower/recall";

globalThis.run = ({ model, index, users }) => {
  const recaller = TrainedModel.load(model).recaller(indexFromBytes(index, { kinds: [HnswIndex] }));
  return users.map((user) => recaller.recall(user, 10).map(({ id, score }) => [id, score]));
};
