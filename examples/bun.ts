// Bun: someone whom training never saw gets recommendations from what they say about themselves.
//   npm install && bun bun.ts
import { category, id, tags, twoTower } from "twotower";

const model = twoTower({
  user: { userId: id(), team: category() },
  item: { itemId: id(), topics: tags() },
  dimension: 16,
});
const users = Array.from({ length: 60 }, (_, u) => ({ userId: `u${u}`, team: u % 2 ? "garden" : "workshop" }));
const items = Array.from({ length: 40 }, (_, i) => ({ itemId: `i${i}`, topics: i % 2 ? ["plants"] : ["tools"] }));
const interactions = users.flatMap(({ userId }, u) =>
  [0, 1, 2, 3, 4, 5].map((n) => ({ userId, itemId: `i${(2 * (u + 3 * n) + (u % 2)) % 40}` })),
);

await model.fit({ users, items, interactions }, { epochs: 8, batchSize: 64, learningRate: 0.01 });
for (const { id, score } of model.index().recall({ team: "garden" }, 5)) console.log(id, score.toFixed(3));
