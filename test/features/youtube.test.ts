import { describe, expect, test } from "vitest";
import { fitSchema } from "../../src/features/fit-schema.ts";
import { exampleAge, id, list, number, TwoTower, tags, twoTower } from "../../src/index.ts";
import { Random } from "../../src/tensor/random.ts";
import { messageOf, messageOfAsync } from "./messages.ts";

// The recall network of YouTube (Covington, Adams and Sargin 2016), as its parts are declared here: averages of what was
// watched and what was searched for, the age of the example, numbers with their squares and roots.

/** What people choose changes: item i is in fashion at time i. Everybody follows the fashion, nobody has a taste. */
function fashion(people = 60, items = 40, each = 12) {
  const random = new Random(8);
  const interactions = Array.from({ length: people * each }, (_, n) => {
    const time = random.below(1000);
    const itemId = Math.min(items - 1, Math.max(0, Math.floor((time * items) / 1000) + random.below(5) - 2));
    return { userId: n % people, itemId, timestamp: 1_700_000_000 + time };
  });
  const users = Array.from({ length: people }, (_, userId) => ({
    userId,
    searched: ["jazz", "cats", "chess"].filter(() => random.below(2) === 0),
    visits: userId % 7 === 0 ? null : random.below(300),
  }));
  return { users, interactions };
}

const itemId = id();
const youTube = () =>
  twoTower({
    user: {
      userId: id(),
      watched: list(itemId, { max: 10 }),
      searched: tags(),
      visits: number({ powers: true }),
      age: exampleAge({ powers: true }),
    },
    item: { itemId },
    dimension: 16,
    hidden: { user: [32, 16], item: [] },
    layerNorm: true,
  });

describe("the YouTube recall network", () => {
  test("serves people what is in fashion now, for at serving the example's age is nought", async () => {
    const data = fashion();
    const model = youTube();
    await model.fit(data, { epochs: 20, batchSize: 64, seed: 2, learningRate: 0.01 });
    const recaller = TwoTower.load(model.save()).index();
    const recalled = recaller.recall({ userId: "new", searched: "cats", visits: 40, watched: [] }, 5);
    expect(Math.min(...recalled.map(({ id }) => Number(id)))).toBeGreaterThanOrEqual(30); // of 40, by time
    expect(model.trained.on.users.table.columns.age).toMatchObject({ width: 3, values: new Float32Array(3 * 60) });
  });

  test("needs to know when the interactions were", async () => {
    const interactions = fashion().interactions.map(({ userId, itemId }) => ({ userId, itemId }));
    expect(await messageOfAsync(youTube().fit({ ...fashion(), interactions }))).toContain(
      'BAD_SCHEMA interactions: there is no column "timestamp"',
    );
    expect(
      messageOf(() => new TwoTower({ user: { userId: id() }, item: { itemId, age: exampleAge() } as never })),
    ).toBe("BAD_SCHEMA item.age is exampleAge(): it tells the user tower; declare it there");
  });
});

describe("powers", () => {
  const schema = { user: { u: id(), n: number({ powers: true }) }, item: { i: id() } };
  const columnOf = (numbers: (number | null)[]) => {
    const users = numbers.map((n, u) => ({ u, n }));
    const fitted = fitSchema(schema, { users, interactions: [{ u: 0, i: 0 }] });
    const column = fitted.users.encodeRows(users).columns.n;
    return column.kind === "number" ? { ...column, values: Array.from(column.values) } : column;
  };

  test("are z, its square and its root; z goes from 0 to 1", () => {
    expect(columnOf([0, 4, 1])).toEqual({ kind: "number", width: 3, values: [0, 0, 0, 1, 1, 1, 0.25, 0.0625, 0.5] });
  });

  test("of what is missing are those of the mean, and it is said that it is missing", () => {
    expect(columnOf([0, 4, null])).toEqual({
      kind: "number",
      width: 4,
      values: [0, 0, 0, 0, 1, 1, 1, 0, 0.5, 0.25, Math.fround(Math.SQRT1_2), 1],
    });
  });

  test("go with no other scale, nor with bins", () => {
    const message =
      'BAD_SCHEMA number(): powers are of a number from 0 to 1: they go with scale "min-max" and no other, nor with bins';
    expect(messageOf(() => number({ powers: true, scale: "log" }))).toBe(message);
    expect(messageOf(() => number({ powers: true, bins: 3 } as never))).toBe(message);
  });
});
