import { TwoTowerError } from "../errors.ts";
import { expectVectors, expectWhole, LARGEST_K } from "./arguments.ts";
import { FIELDS } from "./graph-layout.ts";
import { GraphLock } from "./graph-lock.ts";
import type { HnswKernels } from "./hnsw-module.ts";
import { openFilter } from "./row-filter.ts";
import { refreshLane } from "./shared-graph.ts";
import type { NeighbourRows, RowSearchOptions } from "./vector-index.ts";

/** A place for another thread to search an index from: send it there by postMessage, and call `attach` with it. */
export interface SearchHandle {
  readonly module: object;
  readonly imports: Record<string, Record<string, never>>;
  readonly graph: number;
  readonly lane: number;
  /** The bitmap of this lane's searches, and that of all rows in use. */
  readonly allowed: number;
  readonly everyone: number;
  readonly lock: Int32Array;
  /** Which word of the lock is this reader's. */
  readonly reader: number;
}

/** Searches an index that another thread owns and changes. */
export interface AttachedSearch {
  readonly dimension: number;
  /** As `VectorIndex.searchRows`. Ask the owner for ids: `index.idOf(row)`. */
  searchRows(query: ArrayLike<number>, k: number, options?: RowSearchOptions): NeighbourRows;
}

/**
 * To be called in the thread that a handle was sent to. Every search sees the graph as it is between two changes: single
 * items come and go whole, and of `addMany` each item is either there or not yet. Handles are for one thread each.
 *
 *   // owner                                              // worker
 *   const { index, handles } = await sharedIndex({         parentPort.once("message", (handle) => {
 *     dimension: 64, readers: 1 });                           const search = attach(handle);
 *   worker.postMessage(handles[0]);                           search.searchRows(query, 10); …
 */
export function attach(handle: SearchHandle): AttachedSearch {
  if (!(handle?.module instanceof WebAssembly.Module))
    throw new TwoTowerError("BAD_ARGUMENT", "attach: that is no handle; expected one of the handles of sharedIndex()");
  const { module, imports, graph, lane, allowed, everyone } = handle;
  const { exports } = new WebAssembly.Instance(module, imports);
  const kernels = exports as unknown as HnswKernels;
  const memory = imports.env.memory as unknown as { readonly buffer: SharedArrayBuffer };
  const lock = new GraphLock(handle.lock, handle.reader);
  const at = (field: (typeof FIELDS)[number]): number =>
    new Int32Array(memory.buffer)[lane / 4 + FIELDS.indexOf(field)];
  const [dimension, query, resultRows, resultScores] = [
    at("dimension"),
    at("query"),
    at("resultRows"),
    at("resultScores"),
  ];
  return {
    dimension,
    searchRows(vector, k, options = {}) {
      const { ef = Math.max(64, k) } = options;
      expectVectors(vector, 1, dimension, "the query");
      expectWhole("k", k, 1, LARGEST_K);
      expectWhole("ef", ef, 1, LARGEST_K);
      return lock.read(() => {
        const bytes = new Uint8Array(memory.buffer); // anew: the owner may have let memory grow
        const ints = new Int32Array(memory.buffer);
        const floats = new Float32Array(memory.buffer);
        refreshLane(ints, graph, lane);
        const rows = at("slots");
        floats.set(vector, query / 4);
        const shared = { bytes, layout: { allowed, everyone }, kernels, lock };
        const filter = openFilter(shared, rows, rows, options.allowed, options.excluded);
        const found = kernels.hnswSearch(lane, k, Math.max(ef, k), filter.address, rows, filter.open);
        filter.close();
        return {
          rows: Int32Array.from(ints.subarray(resultRows / 4, resultRows / 4 + found)),
          scores: Float32Array.from(floats.subarray(resultScores / 4, resultScores / 4 + found)),
        };
      });
    },
  };
}
