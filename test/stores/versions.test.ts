import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type PostgresClient, postgresStore, type StoreRecaller, storeRecaller } from "../../src/stores.ts";
import { overPool } from "./backends.ts";
import { KINDS, type Shop, shopModel } from "./shop.ts";

// What only a real server shows: several connections at once, rights, plans.

const url = inject("postgres");

describe.skipIf(!url)("a new version", () => {
  let database: Awaited<ReturnType<typeof overPool>>;
  let model: Shop;
  let recaller: StoreRecaller<Shop["schema"]>;
  const statements: { text: string; values: string[] }[] = [];

  const rows = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      itemId: `${name} ${i}`,
      genres: [`genre ${i % 50}`],
      year: 1980 + (i % 40),
      inStock: true,
    }));
  const sql = async (text: string): Promise<Record<string, unknown>[]> => (await database.client.query(text)).rows;

  beforeAll(async () => {
    [database, model] = await Promise.all([overPool(url!), shopModel()]);
    const client: PostgresClient = {
      query(text, values) {
        statements.push({ text, values });
        return database.client.query(text, values);
      },
    };
    recaller = storeRecaller(model, postgresStore(client, { table: "versions", attributes: KINDS }));
  });
  afterAll(() => database?.stop());

  test("takes the place of the old one in one step: no search sees half of either, and none fails", async () => {
    await recaller.replaceAll(rows("v0", 300));
    let isSearching = true;
    let seen = 0;
    const search = async (): Promise<void> => {
      while (isSearching) {
        const found = await recaller.recall(7, 200);
        expect(found.length).toBe(200);
        expect(new Set(found.map(({ id }) => id.split(" ")[0])).size).toBe(1);
        seen++;
      }
    };
    const searching = Promise.all([search(), search()]);
    for (let version = 1; version <= 6; version++) await recaller.replaceAll(rows(`v${version}`, 300));
    isSearching = false;
    await searching;
    expect(seen).toBeGreaterThan(0);
    expect((await recaller.recall(7, 1))[0].id).toMatch(/^v6 /);
  });

  test("replaced by two at once: one of them stays, whole, and nothing else", async () => {
    await Promise.all([recaller.replaceAll(rows("a", 250)), recaller.replaceAll(rows("b", 250))]);
    const found = await recaller.recall(7, 300);
    expect(found.length).toBe(250);
    expect(new Set(found.map(({ id }) => id.split(" ")[0])).size).toBe(1);
    expect(await sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'versions%'")).toHaveLength(1);
  });

  test("keeps who may read, and what is built on it", async () => {
    await sql("CREATE ROLE reader LOGIN");
    await sql("GRANT SELECT ON versions TO reader");
    await sql('CREATE VIEW in_stock AS SELECT id FROM versions WHERE "inStock"');
    await recaller.replaceAll(rows("kept", 40));
    const reader = await overReader();
    const reading = storeRecaller(model, postgresStore(reader.client, { table: "versions", attributes: KINDS }));
    expect((await reading.recall(7, 100)).length).toBe(40);
    await expect(reading.add(rows("kept", 1))).rejects.toThrow(/permission denied/);
    expect(await sql("SELECT count(*)::int AS n FROM in_stock")).toEqual([{ n: 40 }]);
    await reader.stop();
    await sql("DROP VIEW in_stock");
  });

  const overReader = async () => {
    const { default: pg } = await import("pg");
    const client = new pg.Pool({ connectionString: url!.replace("postgres@", "reader@"), max: 1 });
    return { client, stop: () => client.end() };
  };

  test("may have other attributes", async () => {
    const other = storeRecaller(
      model,
      postgresStore(database.client, { table: "versions", attributes: { year: "number" } }),
    );
    await expect(other.recall(7)).rejects.toThrow(/was made with the attributes/);
    await other.replaceAll(rows("other", 40));
    expect((await other.recall(7, 100, { where: { year: 1985 } })).map(({ id }) => id)).toEqual(["other 5"]);
    expect(await sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'versions%'")).toHaveLength(1);
  });

  test("may be another model's: the former one then finds no vectors of its own", async () => {
    const next = storeRecaller(await shopModel(2), recaller.store);
    await next.replaceAll(rows("next", 40));
    expect((await next.recall(7, 100)).length).toBe(40);
    await expect(recaller.recall(7)).rejects.toThrow(/vectors of another model/);
  });

  test("is walked as a graph, with the breadth that was asked for, and the connection stays as it was", async () => {
    await recaller.replaceAll(rows("graph", 4000));
    statements.length = 0;
    await recaller.recall(7, 10, { ef: 123, exclude: ["graph 3"], where: { year: { min: 1990 } } });
    expect(statements).toHaveLength(1);
    const [{ text, values }] = statements;
    const connection = await database.client.connect();
    const { rows: plan } = await connection.query(`EXPLAIN (ANALYZE, VERBOSE) ${text}`, values);
    const lines = plan.map((line) => String(line["QUERY PLAN"])).join("\n");
    expect(lines).toMatch(/Index Scan using versions_\w+_embedding_idx/);
    expect(lines).toMatch(/set_config\('hnsw.ef_search'::text, '123'::text, true\)/);
    const { rows: settings } = await connection.query(
      "SELECT current_setting('hnsw.ef_search') AS ef, current_setting('hnsw.iterative_scan') AS scan",
    );
    connection.release();
    expect(settings).toEqual([{ ef: "40", scan: "off" }]);
  });

  test("breadth matters: more candidates find more", async () => {
    const found = async (ef: number): Promise<number> => {
      let hits = 0;
      for (let user = 0; user < 40; user++) {
        const [narrow, wide] = [await recaller.recall(user, 10, { ef }), await recaller.recall(user, 10, { ef: 1000 })];
        const best = wide.at(-1)!.score;
        hits += narrow.filter(({ score }) => score >= best - 1e-6).length;
      }
      return hits / 400;
    };
    const [few, many] = [await found(1), await found(400)];
    console.log(`of the 10 that ef 1000 finds: ef 1 ${few}, ef 400 ${many}`);
    expect(many).toBeGreaterThan(0.9);
    expect(few).toBeLessThanOrEqual(many);
  });

  test("a condition that few meet is met by all who do, also where the walk gives up before it has found them", async () => {
    await recaller.replaceAll(rows("graph", 4000));
    const { client, stop } = await overPool(url!, "-c hnsw.max_scan_tuples=100 -c enable_seqscan=off");
    let asked = 0;
    const counted: PostgresClient = {
      query(text, values) {
        asked++;
        return client.query(text, values);
      },
    };
    const patient = storeRecaller(model, postgresStore(counted, { table: "versions", attributes: KINDS }));
    const where = { year: { min: 1999, max: 1999 }, genres: "genre 19" };
    const expected = rows("graph", 4000).filter(({ year, genres }) => year === 1999 && genres[0] === "genre 19");
    const found = await patient.recall(7, 20, { where });
    expect(asked).toBe(2);
    expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ itemId }) => itemId).sort());
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
    await stop();
  });
});
