// Recall from an exact index: what a page needs that ranks its own few thousand items. No graph may be in the bundle.
import { ExactIndex, TrainedModel } from "twotower/recall";

globalThis.run = ({ model, index, users }) => {
  const recaller = TrainedModel.load(model).recaller(ExactIndex.fromBytes(index));
  return users.map((user) => recaller.recall(user, 10).map(({ id, score }) => [id, score]));
};
