import { describe, expect, test } from "vitest";
import { id, list, twoTower } from "../../src/index.ts";

const interactions = Array.from({ length: 60 }, (_, n) => ({ userId: `u${n % 6}`, itemId: `i${(n * 7) % 20}` }));

async function trained(pool: "mean" | "root") {
  const itemId = id();
  const model = twoTower({
    user: { userId: id(), chosen: list(itemId, { pool }) },
    item: { itemId },
    dimension: 4,
    hidden: [],
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
