import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  allItems,
  attention,
  category,
  crossBatch,
  each,
  id,
  impressed,
  inBatch,
  list,
  listwise,
  metricAt,
  mined,
  mixed,
  number,
  pairwise,
  pointwise,
  selfSupervision,
  streaming,
  TwoTower,
  tags,
  transformer,
  twoTower,
  uniform,
} from "../src/index.ts";
import { Random } from "../src/tensor/random.ts";

/** Two tastes: users like the items of their own group, each item having a genre and a year that tell its group. */
function world(users = 40, items = 30, perUser = 8) {
  const random = new Random(5);
  const itemRows = Array.from({ length: items }, (_, i) => ({
    itemId: `i${i}`,
    genres: i % 2 === 0 ? ["quiet"] : ["loud", "fast"],
    year: 1980 + i,
  }));
  const userRows = Array.from({ length: users }, (_, u) => ({ userId: `u${u}`, country: u % 2 === 0 ? "KR" : "US" }));
  const interactions = userRows.flatMap(({ userId }, u) =>
    Array.from({ length: perUser }, (_, n) => ({
      userId,
      itemId: `i${2 * random.below(items / 2) + (u % 2)}`,
      timestamp: 1_700_000_000 + 100 * u + n,
    })),
  );
  return { users: userRows, items: itemRows, interactions };
}

const model = (hidden: number[] = [16]) =>
  twoTower({
    user: { userId: id(), country: category() },
    item: { itemId: id(), genres: tags(), year: number() },
    dimension: 16,
    hidden,
  });

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("training", () => {
  test.each([
    ["listwise, in the batch", listwise(), inBatch(), 0.05],
    ["listwise, learnt temperature", listwise({ learnTemperature: true }), inBatch(), 0.02],
    ["listwise, full softmax", listwise(), allItems(), 0.05],
    ["pairwise", pairwise(), each(uniform(3)), 0.005],
    ["pairwise, logistic", pairwise({ variant: "logistic" }), each(uniform(3)), 0.02],
    ["pointwise", pointwise({ scale: 10 }), each(uniform(3)), 0.02],
  ])("%s overfits a tiny set to next to no loss", async (_name, loss, negatives, limit) => {
    // As many users as items, each with one of its own: a loss of 0 is possible.
    const interactions = Array.from({ length: 8 }, (_, i) => ({ userId: `u${i}`, itemId: `i${i}` }));
    const tiny = twoTower({ user: { userId: id() }, item: { itemId: id() }, dimension: 16, hidden: [] });
    const report = await tiny.fit(
      { interactions },
      { loss, negatives, epochs: 300, batchSize: 8, learningRate: 0.05, unknown: 0 },
    );
    expect(report.epochs.at(-1)!.loss).toBeLessThan(limit);
    const recaller = tiny.index();
    for (const { userId, itemId } of interactions)
      expect(recaller.recall(userId, 1, { includeSeen: true })[0].id).toBe(itemId);
  });

  test("finds the two tastes, and better than chance by far", async () => {
    const m = model();
    await m.fit(world(200), { epochs: 10, batchSize: 32, learningRate: 0.01 });
    const top = m.index().recall("u0", 7);
    expect(top.length).toBe(7);
    expect(top.filter(({ id }) => Number(id.slice(1)) % 2 === 0).length).toBeGreaterThan(5); // u0 likes the even ones
  });

  test("same seed, same bytes; another seed, other bytes", async () => {
    const trained = async (seed: number): Promise<string> => {
      const m = model();
      await m.fit(world(), { epochs: 2, batchSize: 32, dropout: 0.1, seed });
      return hash(m.save());
    };
    const [first, again, other] = [await trained(1), await trained(1), await trained(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test("reports progress, and stops early on the retrieval metric with the best epoch's weights", async () => {
    const m = model();
    const validations: number[] = [];
    const report = await m.fit(world(), {
      epochs: 50,
      batchSize: 32,
      learningRate: 0.05,
      validation: "leave-one-out",
      patience: 2,
      onProgress: ({ validation }) => validation !== undefined && validations.push(validation),
    });
    expect(validations.length).toBe(report.epochs.length);
    expect(report.epochs.length).toBeLessThan(50);
    expect(validations[report.bestEpoch - 1]).toBe(Math.max(...validations));
    expect(report.epochs.length - report.bestEpoch).toBe(2);
  });

  test("an abort rejects with its reason, and the model is what it was", async () => {
    const m = model();
    await m.fit(world(), { epochs: 1, batchSize: 32 });
    const before = hash(m.save());
    const controller = new AbortController();
    const fit = m.fit(world(), {
      epochs: 100_000,
      batchSize: 32,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(fit).rejects.toThrow("enough");
    expect(hash(m.save())).toBe(before);
  });

  test("a diverging loss says so", async () => {
    const m = model();
    const fit = m.fit(world(), { batchSize: 32, schedule: (step) => (step < 3 ? 1 : Number.NaN) });
    await expect(fit).rejects.toThrow("schedule(3, 300) is NaN");
  });
});

describe("saving and loading", () => {
  test("brings back every bit: the same bytes again, the same recommendations", async () => {
    const m = model();
    await m.fit(world(), { epochs: 3, batchSize: 32 });
    const bytes = m.save();
    const loaded = TwoTower.load(bytes);
    expect(hash(loaded.save())).toBe(hash(bytes));
    const [before, after] = [m.index(), loaded.index()];
    for (const user of ["u0", "u1", "u7"]) expect(after.recall(user, 5)).toEqual(before.recall(user, 5));
    const stranger = { country: "US" };
    expect(after.recall(stranger, 5)).toEqual(before.recall(stranger, 5));
  });

  test("a truncated or altered model is refused", async () => {
    const m = model();
    await m.fit(world(), { epochs: 1, batchSize: 32 });
    const bytes = m.save();
    for (const length of [0, 7, 100, bytes.length - 1]) expect(() => TwoTower.load(bytes.slice(0, length))).toThrow();
    for (let at = 0; at < bytes.length; at += 997) {
      const altered = bytes.slice();
      altered[at] ^= 1;
      expect(() => TwoTower.load(altered), `byte ${at}`).toThrow();
    }
  });
});

describe("recall", () => {
  test("leaves out what the user has seen, what is excluded and what the filter forbids", async () => {
    const data = world();
    const m = model();
    await m.fit(data, { epochs: 2, batchSize: 32 });
    const recaller = m.index();
    const seen = new Set(data.interactions.filter(({ userId }) => userId === "u3").map(({ itemId }) => itemId));
    const all = recaller.recall("u3", 30).map(({ id }) => id);
    expect(all.length).toBe(30 - seen.size);
    expect(all.some((id) => seen.has(id))).toBe(false);
    expect(recaller.recall("u3", 30, { includeSeen: true }).length).toBe(30);
    expect(recaller.recall("u3", 30, { exclude: [all[0], "never heard of"] }).map(({ id }) => id)).toEqual(
      all.slice(1),
    );
    const allowed = new Set(all.slice(3, 6));
    expect(recaller.recall("u3", 2, { filter: allowed }).map(({ id }) => id)).toEqual(all.slice(3, 5));
    expect(recaller.recall("u3", 2, { filter: (id) => allowed.has(id) }).map(({ id }) => id)).toEqual(all.slice(3, 5));
  });

  test("places a new item by its features, and serves a new user by theirs", async () => {
    const data = world(80);
    const m = model();
    await m.fit(data, { epochs: 30, batchSize: 32, learningRate: 0.01, unknown: 0.2 });
    const recaller = m.index();
    recaller.add([
      { itemId: "new-even", genres: ["quiet"], year: 1990 },
      { itemId: "new-odd", genres: ["loud", "fast"], year: 1990 },
    ]);
    const near = recaller.similar("new-even", 10).filter(({ id }) => !id.startsWith("new"));
    expect(near.filter(({ id }) => Number(id.slice(1)) % 2 === 0).length).toBeGreaterThan(7);
    const forStranger = recaller.recall({ country: "US" }, 10).filter(({ id }) => !id.startsWith("new"));
    expect(forStranger.filter(({ id }) => Number(id.slice(1)) % 2 === 1).length).toBeGreaterThan(6);
    recaller.remove("new-odd");
    expect(() => recaller.similar("new-odd")).toThrow('item "new-odd" is not in the index');
  });

  test("an unknown user id is told what to do", async () => {
    const m = model();
    await m.fit(world(), { epochs: 1 });
    expect(() => m.index().recall("nobody")).toThrow('user "nobody" was not in the training data; pass a row');
  });

  test("before any training there is nothing to recall with", () => {
    expect(() => model().index()).toThrow("this model has learnt nothing yet");
  });
});

describe("a history in the user tower", () => {
  const itemId = id();
  const withHistory = () =>
    twoTower({
      user: { userId: id(), watched: list(itemId, { max: 5 }) },
      item: { itemId },
      dimension: 16,
      hidden: [16],
    });

  test("is taken from the interactions in training, and may be given by a new user", async () => {
    const { interactions } = world(80, 30, 10);
    const m = withHistory();
    await m.fit({ interactions }, { epochs: 30, batchSize: 64, learningRate: 0.01, unknown: 0.3 });
    const recaller = m.index();
    const even = recaller.recall({ watched: ["i2", "i4", "i8"] }, 8);
    expect(even.filter(({ id }) => Number(id.slice(1)) % 2 === 0).length).toBeGreaterThan(6);
    const odd = recaller.recall({ watched: ["i3", "i5", "i9"] }, 8);
    expect(odd.filter(({ id }) => Number(id.slice(1)) % 2 === 1).length).toBeGreaterThan(6);
    const loaded = TwoTower.load(m.save()).index();
    expect(loaded.recall("u5", 5)).toEqual(recaller.recall("u5", 5));
  });
});

describe("self-supervision", () => {
  test.each(["random", "correlated"] as const)("with %s masks learns beside the main task", async (mask) => {
    const data = world();
    const losses: number[] = [];
    const m = model();
    await m.fit(data, {
      selfSupervision: selfSupervision({ mask, on: "both", weight: 1, count: 24 }),
      epochs: 10,
      batchSize: 32,
      learningRate: 0.01,
      onProgress: ({ loss }) => losses.push(loss),
    });
    const plain = model();
    await plain.fit(data, { epochs: 10, batchSize: 32, learningRate: 0.01 });
    expect(losses.at(-1)!).toBeLessThan(losses[0]);
    expect(hash(m.save())).not.toBe(hash(plain.save()));
  });

  test("needs two features to hide", async () => {
    const m = twoTower({ user: { userId: id() }, item: { itemId: id() } });
    const fit = m.fit({ interactions: world().interactions }, { selfSupervision: selfSupervision() });
    await expect(fit).rejects.toThrow("it has one feature, and two views need two to hide");
  });
});

describe("towers of other shapes", () => {
  test.each([
    ["attention", attention()],
    ["a Transformer", transformer({ layers: 1 })],
  ])("%s over the history learns which item follows which, and loads as it was saved", async (_name, pool) => {
    // Everybody walks the circle of ten items from a place of their own: the last one alone tells the next.
    const interactions = Array.from({ length: 60 }, (_, u) =>
      Array.from({ length: 6 }, (_, t) => ({ userId: `u${u}`, itemId: `i${(u * 7 + t) % 10}`, timestamp: t })),
    ).flat();
    const itemId = id();
    const m = twoTower({
      user: { userId: id(), watched: list(itemId, { max: 5, pool }) },
      item: { itemId },
      dimension: 16,
      hidden: { user: [], item: [] },
      identity: { user: "none", item: "add" },
    });
    await m.fit({ interactions }, { epochs: 60, batchSize: 64, learningRate: 0.02, negatives: allItems(), unknown: 0 });
    const recaller = m.index();
    for (const last of [2, 5, 9]) {
      const watched = [`i${(last + 8) % 10}`, `i${(last + 9) % 10}`, `i${last}`];
      expect(recaller.recall({ watched }, 1)[0].id).toBe(`i${(last + 1) % 10}`);
    }
    const loaded = TwoTower.load(m.save()).index();
    expect(loaded.recall({ watched: ["i1", "i2"] }, 5)).toEqual(recaller.recall({ watched: ["i1", "i2"] }, 5));
  });

  test("crosses, layer norm and widths of each side's own train, save and load", async () => {
    const m = twoTower({
      user: { userId: id(), country: category() },
      item: { itemId: id(), genres: tags(), year: number() },
      dimension: 16,
      hidden: { user: [24, 12], item: [8] },
      crosses: { item: 2 },
      layerNorm: true,
    });
    await m.fit(world(), { epochs: 4, batchSize: 32, learningRate: 0.01 });
    expect(hash(TwoTower.load(m.save()).save())).toBe(hash(m.save()));
    expect(m.trained.network.parameters().has("item.cross.layers.1.weight")).toBe(true);
    expect(m.trained.network.parameters().get("user.mlp.layers.1.weight")!.value.shape).toEqual([24, 12]);
  });
});

describe("evaluation", () => {
  test("masks training items, skips what the model does not know, and counts it", async () => {
    const data = world();
    const m = model();
    const train = data.interactions.filter((_, i) => i % 8 !== 7);
    const test = data.interactions.filter((_, i) => i % 8 === 7);
    await m.fit({ ...data, interactions: train }, { epochs: 20, batchSize: 32, learningRate: 0.01 });
    const result = m.evaluate([...test, { userId: "stranger", itemId: "i1", timestamp: 0 }], { ks: [5] });
    expect(result.skipped).toBe(1);
    expect(metricAt(result, "recall", 5)).toBeGreaterThan(0.2);
  });
});

test("options that make no sense are refused before any work", async () => {
  expect(() => model([0])).toThrow("hidden is a list; expected a list of widths, each a whole number from 1 to 16384");
  const m = model();
  await expect(m.fit(world(), { learningRate: -1 })).rejects.toThrow("learningRate is -1; expected a number above 0");
  await expect(m.fit(world(), { dropout: 1 })).rejects.toThrow("dropout is 1");
  await expect(m.fit({ ...world(), interactions: [] })).rejects.toThrow();
  await expect(m.fit(world(), { negatives: mixed(inBatch(), uniform(3)), batchSize: 1.5 })).rejects.toThrow(
    "batchSize is 1.5",
  );
});

describe("negatives from elsewhere", () => {
  const impressions = world().users.map(({ userId }, u) => ({ userId, itemId: `i${(7 * u + 1) % 30}`, timestamp: 0 }));
  test.each([
    ["former batches", mixed(inBatch(), crossBatch(64, { after: 3 }))],
    ["the model's own ranking", mixed(inBatch(), mined(2, { from: 2, to: 12, every: 10 }))],
    ["what was shown and not chosen", mixed(inBatch(), uniform(4), impressed(2))],
    ["a stream's estimated frequencies", mixed(inBatch({ frequency: streaming() }), uniform(8))],
  ])("%s teach the two tastes too", async (_name, negatives) => {
    const m = model();
    const data = { ...world(), impressions };
    await m.fit(data, {
      negatives,
      loss: listwise({ logQ: "negatives" }),
      epochs: 8,
      batchSize: 32,
      learningRate: 0.01,
    });
    const top = m.index().recall("u0", 7);
    expect(top.filter(({ id }) => Number(id.slice(1)) % 2 === 0).length).toBeGreaterThan(4);
  });

  test("impressed() without impressions in the data says what is missing", async () => {
    const fit = model().fit(world(), { negatives: mixed(inBatch(), impressed(1)) });
    await expect(fit).rejects.toThrow("add impressions to");
  });
});
