import { withAttributes } from "../../src/ann/with-attributes.ts";
import { category, id, number, type Recaller, tags, twoTower } from "../../src/index.ts";

export const KINDS = { genres: "category", year: "number", inStock: "boolean" } as const;

/** Ids as people have them, and as they hope nobody has. */
export const STRANGE = [
  "'; DROP TABLE items; --",
  '"',
  "\\",
  "\\'",
  "$1",
  "Ünïcödé 映画 🎬",
  " ",
  "null",
  "{a,b}",
  "%",
  "e\u0301",
  "[1]",
];

/** So many items that a graph is worth walking; every third has no year. */
export const items = Array.from({ length: 1200 }, (_, i) => ({
  itemId: i < STRANGE.length ? STRANGE[i] : `i${i}`,
  genres: [`genre ${i % 7}`, i % 2 ? "odd" : "it's even"],
  year: i % 3 === 0 ? null : 1980 + (i % 40),
  inStock: i % 10 !== 0,
}));
const users = Array.from({ length: 60 }, (_, i) => ({ userId: i, country: ["KR", "DE", "US"][i % 3] }));
const interactions = users.flatMap(({ userId }) =>
  Array.from({ length: 20 }, (_, n) => ({ userId, itemId: items[(userId * 31 + n * n * 7) % items.length].itemId })),
);

/** A model that has learnt a little; `seed` makes another. */
export async function shopModel(seed = 1) {
  const model = twoTower({
    user: { userId: id(), country: category() },
    item: { itemId: id(), genres: tags(), year: number() },
    dimension: 24,
  });
  await model.fit({ users, items, interactions }, { epochs: 2, batchSize: 256, seed });
  return model;
}
export type Shop = Awaited<ReturnType<typeof shopModel>>;

/** Exact recall in this process: what every store is held against. */
export function inProcess(model: Shop): Recaller<Shop["schema"]> {
  const index = withAttributes(model.index([]).index, KINDS);
  const recaller = model.recaller(index);
  recaller.add(items);
  return recaller;
}
