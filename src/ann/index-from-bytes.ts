import type { Head } from "../tensor/safetensors.ts";
import { ExactIndex } from "./exact.ts";
import { HnswIndex } from "./hnsw.ts";
import { HNSW_FORMAT } from "./hnsw-snapshot.ts";
import { type Loader, loadBytes } from "./snapshot.ts";
import type { ItemId, VectorIndex } from "./vector-index.ts";

/**
 * The index whose `toBytes` this was, of whichever kind. Throws BAD_FILE if it is no index, CORRUPT if any of it
 * has changed.
 */
export const indexFromBytes = <Id extends ItemId = ItemId>(bytes: Uint8Array): VectorIndex<Id> =>
  loadBytes<VectorIndex<Id>>(bytes, indexLoader);

/** What takes in an index of either kind. */
export const indexLoader = <Id extends ItemId = ItemId>(head: Head): Loader<VectorIndex<Id>> =>
  head.metadata.get("format") === HNSW_FORMAT ? HnswIndex.loader<Id>(head) : ExactIndex.loader<Id>(head);
