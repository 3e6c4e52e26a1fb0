// Recall only: a model and an index, loaded and asked. Nothing here can train, so nothing that trains may be in the bundle.
import { indexFromBytes, TrainedModel } from "twotower/recall";

globalThis.run = ({ model, index, users }) => {
  const recaller = TrainedModel.load(model).recaller(indexFromBytes(index));
  return users.map((user) => recaller.recall(user, 10).map(({ id, score }) => [id, score]));
};
