// What the bundled programs are given, and what they must return: as the installed package answers with no bundler.
import * as twotower from "twotower";
import * as graph from "twotower/hnsw";
import "./apps/app.js";
import { program } from "./program.js";

const { bits } = await program({ ...twotower, ...graph });
const itemId = twotower.id();
const model = twotower.twoTower({
  user: { userId: twotower.id(), likes: twotower.list(itemId) },
  item: { itemId, genres: twotower.tags(), year: twotower.number() },
  dimension: 16,
});
const items = Array.from({ length: 60 }, (_, i) => ({ itemId: `i${i}`, genres: [`g${i % 4}`], year: 1990 + i }));
const interactions = Array.from({ length: 300 }, (_, n) => ({ userId: `u${n % 30}`, itemId: `i${(7 * n) % 60}` }));
await model.fit({ items, interactions }, { epochs: 2, batchSize: 64 });
const recaller = model.index(items, graph.hnsw());
const exact = model.index(items);
const users = ["u3", { likes: ["i1", "i5"] }];

// Everybody keeps to one of four shelves, and chose all of it but one thing: that is what is asked for.
const sold = Array.from({ length: 140 }, (_, n) => {
  const [u, k] = [n % 20, Math.floor(n / 20)];
  return { userId: `u${u}`, itemId: `i${(u % 4) + 4 * ((u + 3 * k) % 7)}` };
});
const shop = {
  users: Array.from({ length: 20 }, (_, u) => ({ userId: `u${u}`, country: ["KR", "DE"][u % 2], age: 20 + u })),
  items: Array.from({ length: 28 }, (_, i) => ({ itemId: `i${i}`, genres: [`g${i % 4}`], year: 1990 + i })),
  interactions: sold.slice(0, 120),
  test: sold.slice(120),
};
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
console.log(
  JSON.stringify({
    bits,
    shop,
    soldIn: await globalThis.run(shop),
    soldInByGraph: await globalThis.run(shop, graph.hnsw()),
    model: base64(model.save()),
    index: base64(recaller.index.toBytes()),
    users,
    exactIndex: base64(exact.index.toBytes()),
    recalled: users.map((user) => recaller.recall(user, 10).map(({ id, score }) => [id, score])),
    recalledExactly: users.map((user) => exact.recall(user, 10).map(({ id, score }) => [id, score])),
  }),
);
