import { expectOptions } from "./arguments.ts";
import { indexLoader, type KnownKinds } from "./index-from-bytes.ts";
import { loadStream } from "./snapshot-reader.ts";
import type { ItemId, VectorIndex } from "./vector-index.ts";

/** How to read an index from a stream. */
export interface ReadIndexOptions extends KnownKinds {
  /** Length of the whole file; for a response it is in its Content-Length. Nothing is allocated that it does not back. */
  readonly byteLength: number;
}

/**
 * The index that is read from a stream of bytes, such as the body of a response, or a file. Every piece goes to its place
 * as it comes, so there is never a second copy. Throws BAD_FILE if it is of no known kind, CORRUPT if any of it has changed.
 *
 *   const { body, headers } = await fetch("/items.index");
 *   const index = await readIndex(body, { byteLength: Number(headers.get("content-length")), kinds: [HnswIndex] });
 *
 * The other way, `ReadableStream.from(index.pieces())` is a stream of the file.
 */
export async function readIndex<Id extends ItemId = ItemId>(
  source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  options: ReadIndexOptions,
): Promise<VectorIndex<Id>> {
  expectOptions(options, ["byteLength", "kinds"]);
  const { byteLength, kinds = [] } = options;
  return loadStream(source, byteLength, (head) => indexLoader<Id>(head, kinds));
}
