import { TwoTowerError } from "../errors.ts";
import type { Head } from "../tensor/safetensors.ts";
import { expectOptions } from "./arguments.ts";
import { ExactIndex } from "./exact.ts";
import { type Loader, loadBytes } from "./snapshot.ts";
import type { ItemId, VectorIndex } from "./vector-index.ts";

/** A kind of index that can be saved: its class, such as `HnswIndex`. */
export interface IndexKind {
  /** What its files call themselves. */
  readonly format: string;
  /** What takes in a file of its own; `kinds` are for an index inside it. */
  loader<Id extends ItemId>(head: Head, kinds: readonly IndexKind[]): Loader<VectorIndex<Id>>;
}

/** What a saved index may be. */
export interface KnownKinds {
  /** The kinds to be read besides `ExactIndex`: `[HnswIndex]`. A program carries those that it names. */
  readonly kinds?: readonly IndexKind[];
}

/**
 * The index whose `toBytes` this was: an exact one, or one of the kinds that are named. Throws BAD_FILE if it is neither,
 * CORRUPT if any of it has changed.
 *
 *   const index = indexFromBytes(bytes, { kinds: [HnswIndex] });
 */
export function indexFromBytes<Id extends ItemId = ItemId>(
  bytes: Uint8Array,
  options: KnownKinds = {},
): VectorIndex<Id> {
  expectOptions(options, ["kinds"]);
  const { kinds = [] } = options;
  return loadBytes(bytes, (head) => indexLoader<Id>(head, kinds));
}

/** The class of each kind, and the entry it comes from. */
const HOMES = [
  ["hnsw", "HnswIndex", "twotower/hnsw"],
  ["attributed", "AttributedIndex", "twotower/recall"],
  ["sharded", "ShardedIndex", "twotower/scale"],
] as const;

/** The second word of "twotower hnsw index 3": a kind's own loader says what is wrong with the last. */
const nameIn = (format: string | undefined): string => format?.split(" ")[1] ?? "";

const isKind = (kind: unknown): kind is IndexKind => typeof kind === "function" && "format" in kind && "loader" in kind;

/** What takes in an index of any known kind. */
export function indexLoader<Id extends ItemId>(head: Head, kinds: readonly IndexKind[]): Loader<VectorIndex<Id>> {
  if (!Array.isArray(kinds) || !kinds.every(isKind))
    throw new TwoTowerError("BAD_ARGUMENT", "kinds: expected a list of classes of indexes, such as [HnswIndex]");
  const format = head.metadata.get("format");
  const name = nameIn(format);
  const kind = [ExactIndex, ...kinds].find(({ format }) => nameIn(format) === name);
  if (kind) return kind.loader<Id>(head, kinds);
  const [, type, home] = HOMES.find(([kind]) => kind === name) ?? [];
  throw new TwoTowerError(
    "BAD_FILE",
    `this file holds ${format ?? "something else"}; ${type ? `to read one, import { ${type} } from "${home}" and pass { kinds: [${type}] }` : "a saved index was expected"}`,
  );
}
