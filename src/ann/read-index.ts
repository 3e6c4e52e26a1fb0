import type { Head } from "../tensor/safetensors.ts";
import { indexLoader } from "./index-from-bytes.ts";
import type { Loader } from "./snapshot.ts";
import { loadStream } from "./snapshot-reader.ts";
import type { ItemId, VectorIndex } from "./vector-index.ts";

/** How to read an index from a stream. */
export interface ReadIndexOptions<Id extends ItemId> {
  /** Length of the whole file; for a response it is in its Content-Length. Nothing is allocated that it does not back. */
  readonly byteLength: number;
  /** What the stream holds, if not a plain index: `AttributedIndex.loader`. */
  readonly loader?: (head: Head) => Loader<VectorIndex<Id>>;
}

/**
 * The index that is read from a stream of bytes, such as the body of a response, or a file. Every piece goes to its place
 * as it comes, so there is never a second copy. Throws BAD_FILE if it is no index, CORRUPT if any of it has changed.
 *
 *   const { body, headers } = await fetch("/items.index");
 *   const index = await readIndex(body, { byteLength: Number(headers.get("content-length")) });
 *
 * The other way, `ReadableStream.from(index.pieces())` is a stream of the file.
 */
export function readIndex<Id extends ItemId = ItemId>(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  { byteLength, loader = indexLoader }: ReadIndexOptions<Id>,
): Promise<VectorIndex<Id>> {
  return loadStream(source, byteLength, loader);
}
