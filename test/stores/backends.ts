import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import pg from "pg";
import postgres from "postgres";
import { inject } from "vitest";
import type { PostgresClient } from "../../src/stores.ts";

/** A database, and how its clients are told to run a statement. */
export interface Database {
  readonly client: PostgresClient;
  readonly stop: () => Promise<void>;
}

/** Every way to a PostgreSQL that the store is tried by. */
export interface Backend {
  readonly name: string;
  /** Undefined where there is no server. */
  readonly open: (() => Promise<Database>) | undefined;
}

const url = inject("postgres");

export const backends: readonly Backend[] = [
  {
    name: "PGlite",
    async open() {
      const client = await PGlite.create({ extensions: { vector } });
      await client.exec("CREATE EXTENSION vector");
      return { client, stop: () => client.close() };
    },
  },
  {
    name: "PostgreSQL by pg",
    open: url === undefined ? undefined : () => overPool(url),
  },
  {
    name: "PostgreSQL by postgres.js",
    open:
      url === undefined
        ? undefined
        : async () => {
            const sql = postgres(url, { onnotice() {}, max: 4 });
            await sql`CREATE EXTENSION IF NOT EXISTS vector`;
            return {
              client: { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) },
              stop: () => sql.end(),
            };
          },
  },
];

/** A pool of four connections of pg's. */
export async function overPool(url: string, options?: string): Promise<Database & { readonly client: pg.Pool }> {
  const client = new pg.Pool({ connectionString: url, max: 4, options });
  await client.query("CREATE EXTENSION IF NOT EXISTS vector");
  return { client, stop: () => client.end() };
}
