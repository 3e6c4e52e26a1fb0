/**
 * twotower/stores: the same recall where the item vectors lie in a database. The user tower runs here, the nearest
 * neighbours are found there. The client is the caller's: nothing is installed with this.
 */

export { type PostgresClient, type PostgresOptions, postgresStore } from "./stores/postgres.ts";
export { type StoredItems, StoreRecaller, storeRecaller } from "./stores/store-recaller.ts";
export type { StoredItem, StoreSearch, VectorSource, VectorStore } from "./stores/vector-store.ts";
