import { expectOptions, expectWhole } from "../ann/arguments.ts";
import type { AttributeKinds } from "../ann/with-attributes.ts";
import { TwoTowerError } from "../errors.ts";
import type { Recommendation } from "../recall/recaller.ts";
import { AttributeColumns } from "./columns.ts";
import { identifier, isStorable, literal, Values, vectorText } from "./sql.ts";
import { swapSql } from "./swap-sql.ts";
import type { StoredItem, StoreSearch, VectorSource, VectorStore } from "./vector-store.ts";

/** What is asked of a client: `pg`'s Pool or Client, Neon's and PGlite are one as they are. */
export interface PostgresClient {
  /** Runs one statement. */
  query(text: string, values: string[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Options of `postgresStore`. */
export interface PostgresOptions {
  /** What the items are found by: a view, which the store makes. At most 54 bytes. */
  readonly table: string;
  /** Where it is; where the connection creates tables if absent. */
  readonly schema?: string;
  /** What items can be searched by: `{ genre: "category", inStock: "boolean", price: "number" }`; columns, as are id and embedding. */
  readonly attributes?: AttributeKinds;
  /** "hnsw" walks a graph; "exact" compares with every item. Default "hnsw", which takes vectors of up to 2,000 numbers. */
  readonly index?: "hnsw" | "exact";
  /** Links of a node of the graph. Default 16. */
  readonly M?: number;
  /** Candidates weighed when an item is linked. Default 64. */
  readonly efConstruction?: number;
}

type Row = Readonly<Record<string, unknown>>;

/** pgvector's own bound of hnsw.ef_search. Beyond, its iterative scan goes on until there are k. */
const LARGEST_EF = 1000;
const LONGEST_TABLE = 54; // a version's name has 9 more

/**
 * Item vectors in PostgreSQL with pgvector 0.8 or newer. `table` is a view of the table that holds the present version, so
 * that a new one takes its place in one step; what may read the view, or is built on it, stays as it is.
 * Vectors have length 1: their inner product is the cosine, and takes less than pgvector's own cosine.
 */
export function postgresStore(client: PostgresClient, options: PostgresOptions): VectorStore {
  return new PostgresStore(client, options);
}

class PostgresStore implements VectorStore {
  readonly #client: PostgresClient;
  readonly #options: PostgresOptions;
  readonly #columns: AttributeColumns;
  readonly #view: string; // as SQL

  constructor(client: PostgresClient, options: PostgresOptions) {
    expectOptions(options, ["table", "schema", "attributes", "index", "M", "efConstruction"]);
    const { table, attributes = {}, index = "hnsw", M = 16, efConstruction = 64 } = options;
    if (typeof client?.query !== "function")
      throw new TwoTowerError("BAD_ARGUMENT", "the client has no method query(text, values): pass a Pool of pg, say");
    if (index !== "hnsw" && index !== "exact")
      throw new TwoTowerError("BAD_ARGUMENT", `index is ${JSON.stringify(index)}; "hnsw" or "exact" was expected`);
    identifier("table", table, LONGEST_TABLE);
    expectWhole("M", M, 2, 100);
    expectWhole("efConstruction", efConstruction, 2 * M, 1000);
    this.#client = client;
    this.#options = options;
    this.#columns = new AttributeColumns(attributes);
    this.#view = this.#named(table);
  }

  async replace(source: VectorSource, items: AsyncIterable<readonly StoredItem[]>): Promise<number> {
    const { table, index = "hnsw", M = 16, efConstruction = 64 } = this.#options;
    const version = `${table}_${crypto.randomUUID().slice(0, 8)}`;
    const name = this.#named(version);
    const columns = [
      "id text PRIMARY KEY",
      `embedding vector(${source.dimension}) NOT NULL`,
      ...this.#columns.definitions,
    ];
    await this.#run(`CREATE TABLE ${name} (${columns.join(", ")})`);
    try {
      let count = 0;
      for await (const chunk of items) {
        const values = new Values();
        const rows = this.#rows(source, chunk, values);
        await this.#run(`INSERT INTO ${name} (${this.#names}) SELECT ${this.#names} FROM ${rows}`, values);
        count += chunk.length;
      }
      if (index === "hnsw")
        await this.#run(
          `CREATE INDEX ON ${name} USING hnsw (embedding vector_ip_ops) WITH (m = ${M}, ef_construction = ${efConstruction})`,
        );
      await this.#run(`ANALYZE ${name}`);
      await this.#run(
        swapSql({ view: this.#view, table, version: name, columns: this.#names, about: this.#about(source) }),
      );
      return count;
    } catch (error) {
      await this.#run(`DROP TABLE IF EXISTS ${name}`).catch(() => {}); // what went wrong first is what counts
      throw error;
    }
  }

  async upsert(source: VectorSource, items: readonly StoredItem[]): Promise<void> {
    const values = new Values();
    const rows = this.#rows(source, items, values);
    const about = values.of(this.#about(source), "text");
    const others = this.#columns.names.map((name) => `, ${name} = excluded.${name}`).join("");
    const [row] = await this.#run(
      `WITH put AS (
         INSERT INTO ${this.#view} (${this.#names}) SELECT ${this.#names} FROM ${rows} WHERE ${this.#aboutSql} = ${about}
         ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding${others} RETURNING 1
       ) SELECT ${this.#aboutSql} AS about, (SELECT count(*) FROM put)::int AS count`,
      values,
    );
    this.#expectOurs(source, row?.about);
  }

  async remove(id: string): Promise<boolean> {
    if (!isStorable(id)) return false;
    const values = new Values();
    const rows = await this.#run(`DELETE FROM ${this.#view} WHERE id = ${values.of(id, "text")} RETURNING 1`, values);
    return rows.length > 0;
  }

  async vector(source: VectorSource, id: string): Promise<Float32Array | undefined> {
    const values = new Values();
    const wanted = values.of(isStorable(id) ? id : "", "text");
    const [row] = await this.#run(
      `SELECT ${this.#aboutSql} AS about, (SELECT embedding::text FROM ${this.#view} WHERE id = ${wanted}) AS embedding`,
      values,
    );
    this.#expectOurs(source, row?.about);
    const embedding = row?.embedding;
    return typeof embedding === "string" && isStorable(id) ? Float32Array.from(JSON.parse(embedding)) : undefined;
  }

  async search(source: VectorSource, query: Float32Array, k: number, options: StoreSearch): Promise<Recommendation[]> {
    const found = await this.#search(source, query, k, options, "nearest first");
    const { exclude, filter, where } = options;
    if (found.length === k || (exclude.length === 0 && filter === undefined && where === undefined)) return found;
    // The walk ends after hnsw.max_scan_tuples, by then it may have met too few that are let through: so all are compared.
    return (this.#options.index ?? "hnsw") === "exact"
      ? found
      : this.#search(source, query, k, options, "all compared");
  }

  /**
   * One statement: the settings of the search hold within it alone, so it needs no transaction and no connection of its own.
   * The inner query depends on them, and so runs after they are set.
   */
  async #search(
    source: VectorSource,
    query: Float32Array,
    k: number,
    { exclude, filter, where = {}, ef = 64 }: StoreSearch,
    way: "nearest first" | "all compared",
  ): Promise<Recommendation[]> {
    const values = new Values();
    const ids = (list: readonly string[]): string[] => list.filter(isStorable);
    const settings = `set_config('hnsw.ef_search', ${values.of(String(Math.min(ef, LARGEST_EF)), "text")}, true)
      || set_config('hnsw.iterative_scan', 'strict_order', true)`;
    const distance = `(embedding <#> ${values.of(vectorText(query), "vector")})`; // the inner product, negative
    const conditions = [
      "settings.made IS NOT NULL",
      ...(exclude.length > 0 ? [`id NOT IN (SELECT ${values.rowsOf(ids(exclude))})`] : []),
      ...(filter ? [`id = ANY(${values.arrayOf(ids(filter), "text")})`] : []),
      ...this.#columns.conditions(where, values),
    ];
    const rows = await this.#run(
      `SELECT settings.about, nearest.id, nearest.score
       FROM (SELECT ${this.#aboutSql} AS about, ${settings} AS made OFFSET 0) AS settings
       LEFT JOIN LATERAL (
         SELECT id, -${distance} AS score FROM ${this.#view} WHERE ${conditions.join(" AND ")}
         ORDER BY ${way === "nearest first" ? distance : `${distance} + 0`} LIMIT ${k}
       ) AS nearest ON true`,
      values,
    );
    this.#expectOurs(source, rows[0]?.about);
    return rows
      .filter(({ id }) => id !== null)
      .map(({ id, score }) => ({ id: String(id), score: Number(score) }))
      .sort((a, b) => b.score - a.score);
  }

  #named(table: string): string {
    const { schema } = this.#options;
    const own = identifier("table", table);
    return schema === undefined ? own : `${identifier("schema", schema)}.${own}`;
  }

  /** The columns of the view. */
  get #names(): string {
    return ["id", "embedding", ...this.#columns.names].join(", ");
  }

  /** Items as a table in SQL: one value, however many they are. */
  #rows({ dimension }: VectorSource, items: readonly StoredItem[], values: Values): string {
    const rows = items.map(({ id, vector, attributes }) => {
      if (!isStorable(id))
        throw new TwoTowerError(
          "BAD_ARGUMENT",
          `item ${JSON.stringify(id)}: PostgreSQL holds no id with a character 0 or half a surrogate pair`,
        );
      return { ...this.#columns.read(attributes), id, embedding: vectorText(vector) };
    });
    const columns = ["id text", `embedding vector(${dimension})`, ...this.#columns.definitions].join(", ");
    return `jsonb_to_recordset(${values.of(JSON.stringify(rows), "jsonb")}) AS item(${columns})`;
  }

  /** What is kept beside the view, as its comment: it changes in the same step, and goes where the view goes. */
  #about({ model, dimension }: VectorSource): string {
    return JSON.stringify({ format: "twotower vectors 1", model, dimension, attributes: this.#columns.kinds });
  }

  get #aboutSql(): string {
    return `obj_description(${literal(this.#view)}::regclass, 'pg_class')`;
  }

  #expectOurs(source: VectorSource, about: unknown): void {
    const expected = this.#about(source);
    if (about === expected) return;
    const { table } = this.#options;
    const mend = "fill it by recaller.replaceAll(items), or load the model whose vectors they are";
    const { model, attributes } = aboutOf(about);
    if (model === undefined) throw new TwoTowerError("BAD_FILE", `"${table}" was not made by twotower: ${mend}`);
    throw new TwoTowerError(
      "BAD_FILE",
      model === source.model
        ? `"${table}" was made with the attributes ${JSON.stringify(attributes)}, not ${JSON.stringify(this.#columns.kinds)}: declare them alike, or fill it by recaller.replaceAll(items)`
        : `"${table}" holds vectors of another model, or of this one before it was trained again: ${mend}`,
    );
  }

  async #run(text: string, values: Values = new Values()): Promise<readonly Row[]> {
    try {
      return (await this.#client.query(text, values.texts)).rows as readonly Row[];
    } catch (cause) {
      throw explained(cause, this.#options.table);
    }
  }
}

function aboutOf(about: unknown): { readonly model?: unknown; readonly attributes?: unknown } {
  try {
    return Object(JSON.parse(String(about)));
  } catch {
    return {};
  }
}

/** What of PostgreSQL's errors has to do with the store, in its words; others stay as they are. */
function explained(cause: unknown, table: string): unknown {
  const { code, detail } = Object(cause) as { readonly code?: unknown; readonly detail?: unknown };
  if (code === "42P01")
    return new TwoTowerError("BAD_FILE", `there is no table "${table}" yet: await recaller.replaceAll(items)`, {
      cause,
    });
  if (code === "42703")
    return new TwoTowerError(
      "BAD_FILE",
      `"${table}" was made with other attributes: declare them alike, or fill it by recaller.replaceAll(items)`,
      { cause },
    );
  if (code === "42704")
    return new TwoTowerError(
      "UNSUPPORTED",
      "this database has no pgvector 0.8 or newer: CREATE EXTENSION vector, or ALTER EXTENSION vector UPDATE",
      { cause },
    );
  if (code === "23505")
    return new TwoTowerError("BAD_ARGUMENT", `an item comes twice: ${String(detail ?? "each id once was expected")}`, {
      cause,
    });
  if (code === "42809")
    return new TwoTowerError("BAD_ARGUMENT", `"${table}" is there and is no view of this store: give another name`, {
      cause,
    });
  return cause;
}
