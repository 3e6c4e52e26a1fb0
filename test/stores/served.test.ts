import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recallService } from "../../src/server.ts";
import * as stores from "../../src/stores.ts";
import { postgresStore, storeRecaller } from "../../src/stores.ts";
import { backends, type Database } from "./backends.ts";
import { items, KINDS, type Shop, shopModel } from "./shop.ts";

let database: Database;
let model: Shop;
beforeAll(async () => {
  [database, model] = await Promise.all([backends[0].open!(), shopModel()]);
});
afterAll(() => database.stop());

test("a store is served as an index in the process is; what is wrong with the store is nobody's business outside", async () => {
  const recaller = storeRecaller(
    model,
    postgresStore(database.client, { table: "served", attributes: KINDS, index: "exact" }),
  );
  const errors: unknown[] = [];
  const { fetch } = recallService(recaller, { changes: true, onError: (error) => errors.push(error) });
  const ask = async (path: string, body?: unknown, method = body ? "POST" : "GET"): Promise<[number, unknown]> => {
    const headers = { "content-type": "application/json" };
    const init = { method, ...(body !== undefined && { headers, body: JSON.stringify(body) }) };
    const response = await fetch(new Request(`http://host${path}`, init));
    return [response.status, await response.json()];
  };
  expect(await ask("/recall?user=7")).toEqual([500, { error: { code: "INTERNAL", message: expect.any(String) } }]);
  expect(errors).toEqual([expect.objectContaining({ code: "BAD_FILE" })]);

  await recaller.replaceAll(items.slice(0, 100));
  const where = { genres: "odd", year: { max: 1990 } };
  expect(await ask("/recall", { user: 7, k: 5, where })).toEqual([
    200,
    { items: await recaller.recall(7, 5, { where }) },
  ]);
  expect(await ask("/similar?item=i20&k=3")).toEqual([200, { items: await recaller.similar("i20", 3) }]);
  expect(await ask("/recall", { user: 7, where: { colour: 1 } })).toEqual([
    400,
    { error: { code: "BAD_ARGUMENT", message: expect.stringMatching(/no attribute is called "colour"/) } },
  ]);
  expect(await ask("/items", { items: [{ itemId: "new", genres: ["novel"] }] })).toEqual([200, { added: 1 }]);
  expect((await ask("/recall", { user: 7, where: { genres: "novel" } }))[1]).toEqual({
    items: [{ id: "new", score: expect.any(Number) }],
  });
  expect(await ask("/items/new", undefined, "DELETE")).toEqual([200, { removed: 1 }]);
  expect((await ask("/items/new", undefined, "DELETE"))[0]).toBe(404);
  expect((await ask("/health"))[1]).toMatchObject({ status: "ok", items: null });
});

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
/** What the README says of stores; it needs a database, so it is run here and not with the other snippets. */
const [, snippet] = /^```js\n([^`]*"twotower\/stores"[\s\S]*?)^```$/m.exec(readme) ?? [];

test.skipIf(!snippet)("the README's snippet runs", async () => {
  const movies = items.map(({ itemId, ...features }) => ({ itemId, ...features }));
  const given = { ...stores, pool: database.client, model, movies };
  const code = snippet.replace(/^import .*;$/gm, "");
  const { constructor: AsyncFunction } = Object.getPrototypeOf(async () => {});
  await new AsyncFunction(...Object.keys(given), code)(...Object.values(given));
  const { rows } = await database.client.query("SELECT count(*)::int AS n FROM movie_vectors", []);
  expect(rows).toEqual([{ n: items.length }]);
});
