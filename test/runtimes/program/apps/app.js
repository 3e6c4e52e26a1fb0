// A whole application with nothing configured: learns from rows, measures itself, recalls, saves and loads. Only what it
// says may be in the bundle: no graph, no other losses, negatives and tasks than the default ones.
import { category, id, number, TwoTower, tags, twoTower } from "twotower";

globalThis.run = async ({ users, items, interactions, test }, kindOfIndex) => {
  const model = twoTower({
    user: { userId: id(), country: category(), age: number() },
    item: { itemId: id(), genres: tags(), year: number() },
  });
  await model.fit({ users, items, interactions }, { validation: "leave-one-out" });
  const { metrics, skipped } = model.evaluate(test, { ks: [3] });
  const recaller = TwoTower.load(model.save()).index(kindOfIndex);
  const asked = [users[0].userId, { country: "KR", age: 30 }];
  return { skipped, ndcg: metrics[0].ndcg, top: asked.map((user) => recaller.recall(user, 5)) };
};
