import { decodeSafetensors } from "../tensor/safetensors.ts";
import { ExactIndex } from "./exact.ts";
import { HnswIndex } from "./hnsw.ts";
import type { ItemId, VectorIndex } from "./vector-index.ts";

/**
 * The index whose `toBytes` this was, of whichever kind. Throws BAD_FILE if it is no index, CORRUPT if any of it
 * has changed.
 */
export function indexFromBytes<Id extends ItemId = ItemId>(bytes: Uint8Array): VectorIndex<Id> {
  const isGraph = decodeSafetensors(bytes).metadata.get("format")?.includes("hnsw");
  return isGraph ? HnswIndex.fromBytes<Id>(bytes) : ExactIndex.fromBytes<Id>(bytes);
}
