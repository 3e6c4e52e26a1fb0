import { describe, expect, test } from "vitest";
import { attention, id, list, type ModelOptions, TwoTower, twoTower } from "../../src/index.ts";

const interactions = Array.from({ length: 60 }, (_, n) => ({ userId: `u${n % 6}`, itemId: `i${(n * 7) % 20}` }));

async function trained(pool: "mean" | "root") {
  const itemId = id();
  const model = twoTower({
    user: { userId: id(), chosen: list(itemId, { pool }) },
    item: { itemId },
    dimension: 4,
  });
  await model.fit({ interactions }, { epochs: 3 });
  return model;
}

/** id + W · (Σ embeddings of the list / divisor) + b, at length 1, from the weights. */
function byHand(model: Awaited<ReturnType<typeof trained>>, chosen: readonly string[], divisor: number): number[] {
  const { network, on } = model.trained;
  const of = (name: string): number[] => [...(network.parameters().get(name)?.value.data ?? [])];
  const items = of("tables.item.itemId");
  const embedding = on.fitted.items.embeddingRows(on.items.ids);
  const rowOf = (itemId: string): number => embedding[on.items.ids.rowOf(itemId) as number];
  const history = [0, 1, 2, 3].map((e) => chosen.reduce((sum, name) => sum + items[rowOf(name) * 4 + e], 0) / divisor);
  const [weight, bias] = [of("user.mlp.layers.0.weight"), of("user.mlp.layers.0.bias")];
  const unknown = of("tables.user.userId").slice(0, 4); // the row of ids never seen
  const sum = [0, 1, 2, 3].map(
    (e) => unknown[e] + bias[e] + history.reduce((total, value, i) => total + value * weight[i * 4 + e], 0),
  );
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}

describe("a history of no order", () => {
  const chosen = ["i1", "i4", "i9"];

  test.each([
    ["mean", 3],
    ["root", Math.sqrt(3)],
  ] as const)("pooled by %s", async (pool, divisor) => {
    const model = await trained(pool);
    const vector = model.embedUsers([{ userId: "somebody new", chosen }]);
    for (const [e, value] of byHand(model, chosen, divisor).entries()) expect(vector[e]).toBeCloseTo(value, 5);
  });

  test("is what training shows of users too: whole, whichever pair is asked for, so that users are encoded once", async () => {
    const { histories } = (await trained("root")).trained;
    expect(histories.unordered).toBe(true);
    const whole = histories.whole(Int32Array.of(0, 1)).chosen;
    expect(whole.kind === "bag" && [...whole.offsets]).toEqual([0, 10, 20]);
  });
});

describe("where times are known", () => {
  // Later rows were chosen earlier.
  const timed = interactions.map((row, n) => ({ ...row, timestamp: 1e9 - n }));
  const inOrder = timed.filter(({ userId }) => userId === "u0").map(({ itemId }) => itemId);

  async function shown(causal: boolean | undefined) {
    const itemId = id();
    const model = twoTower({
      user: { userId: id(), chosen: list(itemId, { max: 4, ...(causal !== undefined && { causal }) }) },
      item: { itemId },
      dimension: 4,
    });
    await model.fit({ interactions: timed }, { epochs: 1, batchSize: 64 });
    const { histories, on } = model.trained;
    const bag = histories.before(Int32Array.of(30)).chosen; // the sixth from the end of u0's ten choices
    const names = new Map(
      Array.from(on.fitted.items.embeddingRows(on.items.ids), (row, i) => [row, on.items.ids.idOf(i)]),
    );
    return {
      before: bag.kind === "bag" ? Array.from(bag.rows, (row) => names.get(row)) : [],
      unordered: histories.unordered,
    };
  }

  test("a causal history, the default, is what came before", async () => {
    const expected = { before: inOrder.slice(6, 10).reverse(), unordered: false };
    expect(await shown(undefined)).toEqual(expected);
    expect(await shown(true)).toEqual(expected);
  });

  test("one that is not is the choices around it, itself apart, and the same for all pairs where all are shown", async () => {
    const around = [inOrder[7], inOrder[6], inOrder[4], inOrder[3]];
    expect(await shown(false)).toEqual({ before: around, unordered: true });
  });

  test("what reads the order reads what came before", () => {
    expect(() => list(id(), { pool: attention(), causal: false })).toThrow(/causal must be true/);
    expect(() => list(id(), { causal: "no" as never })).toThrow(/causal must be true or false/);
  });
});

describe("hidden layers, if nothing is said", () => {
  const itemId = id();
  const hiddenOf = (options: ModelOptions, pool?: Parameters<typeof list>[1]): readonly (readonly number[])[] => {
    const { towers } = twoTower({
      user: { userId: id(), chosen: list(itemId, pool) },
      item: { itemId },
      ...options,
    }).options;
    return [towers.user.hidden, towers.item.hidden];
  };

  test("are none over ids and lists of them", () => expect(hiddenOf({})).toEqual([[], []]));
  test("are one over lists read in order", () => expect(hiddenOf({}, { pool: attention() })).toEqual([[128], []]));
  test("are what is said, on each side", () => expect(hiddenOf({ hidden: { user: [8] } })).toEqual([[8], []]));

  test("are as wide again in a model that was saved and loaded", async () => {
    const model = await trained("root");
    expect(TwoTower.load(model.save()).options.towers).toEqual(model.options.towers);
  });
});
