/**
 * twotower/scale: indexes beyond one thread and one memory. Threads that build together, searches in other threads while
 * the index changes, and shards past 4 GiB.
 */

export { type AttachedSearch, attach, type SearchHandle } from "./ann/attach.ts";
export { mergeTopK, ShardedIndex } from "./ann/sharded.ts";
export { type SharedIndex, type SharedIndexOptions, sharedIndex } from "./ann/shared-index.ts";
