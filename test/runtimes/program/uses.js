// What the bundles that hold all of an entry are asked to do with it. These functions are handed in as text from outside, so
// that nothing but the entry is weighed, and run by the test on the installed package, to compare. Each returns the names of
// what it was given too: nothing may be missing.

export async function core(all) {
  const { category, id, list, mined, mixed, inBatch, selfSupervision, TwoTower, transformer, twoTower } = all;
  const itemId = id();
  const model = twoTower({
    user: { userId: id(), history: list(itemId, { pool: transformer() }) },
    item: { itemId, shelf: category() },
    dimension: 8,
  });
  const items = Array.from({ length: 24 }, (_, i) => ({ itemId: i, shelf: i % 4 }));
  const interactions = Array.from({ length: 90 }, (_, n) => ({ userId: n % 15, itemId: (7 * n) % 24, timestamp: n }));
  const negatives = mixed(inBatch(), mined(1, { from: 2, to: 9 }));
  const options = {
    epochs: 2,
    batchSize: 16,
    negatives,
    selfSupervision: selfSupervision(),
    validation: "leave-one-out",
  };
  const { epochs } = await model.fit({ items, interactions }, options);
  const recalled = TwoTower.load(model.save()).index().recall(3, 5);
  return { names: Object.keys(all).sort(), epochs: epochs.map(({ loss, validation }) => [loss, validation]), recalled };
}

export function recall(all, { model, index, users }) {
  const { indexFromBytes, TrainedModel, withAttributes } = all;
  const priced = withAttributes(indexFromBytes(index), { price: "number" });
  const recaller = TrainedModel.load(model).recaller(priced);
  priced.describe(["i3", "i5", "i8"].map((id, i) => [id, { price: i }]));
  const recalled = users.map((user) => recaller.recall(user, 10, { where: { price: { max: 1 } }, includeSeen: true }));
  return { names: Object.keys(all).sort(), recalled };
}

export function hnsw(all, { dimension, ids, vectors, query }) {
  const index = all.hnsw({ M: 8 })(dimension);
  index.addMany(ids, vectors);
  const { ids: found, scores } = all.HnswIndex.fromBytes(index.toBytes()).search(query, 3);
  return { names: Object.keys(all).sort(), found, scores: [...scores] };
}
