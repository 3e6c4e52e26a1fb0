/**
 * twotower/scale: beyond one thread and one memory. Interactions that come in chunks; threads that build an index
 * together, searches in other threads while it changes, and shards past 4 GiB.
 */

export { type AttachedSearch, attach, type SearchHandle } from "./ann/attach.ts";
export { mergeTopK, ShardedIndex } from "./ann/sharded.ts";
export { type SharedIndex, type SharedIndexOptions, sharedIndex } from "./ann/shared-index.ts";
export { type Chunks, collectInteractions } from "./features/collect-interactions.ts";
