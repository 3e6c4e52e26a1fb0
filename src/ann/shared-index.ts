import { Random } from "../tensor/random.ts";
import { expectOptions, expectWhole } from "./arguments.ts";
import type { SearchHandle } from "./attach.ts";
import type { GraphShape } from "./graph-layout.ts";
import { GraphTeam } from "./graph-team.ts";
import { expectShape, HnswIndex, type HnswOptions } from "./hnsw.ts";
import { IdTable } from "./id-table.ts";
import { RoundTeam } from "./rounds.ts";
import { createSharedGraph } from "./shared-graph.ts";
import type { ItemId } from "./vector-index.ts";

export interface SharedIndexOptions extends HnswOptions {
  /** Threads that build, and search blocks of queries, this one included. 2 by default. */
  readonly threads?: number;
  /** Threads of yours that search while this one changes the index: as many handles are made. 0 by default. */
  readonly readers?: number;
}

/** An index, and its threads to be sent home when there is nothing left to build; it works on without them. */
export interface SharedIndex<Id extends ItemId> {
  readonly index: HnswIndex<Id>;
  /** How many threads really work. */
  readonly threads: number;
  /** For `attach`, one a thread; none where memory cannot be shared. */
  readonly handles: readonly SearchHandle[];
  /** Sends the threads home. */
  stop(): void;
}

/**
 * An index that threads build together: `addMany` of a thousand items and more, and `searchMany`. Same items, same bytes,
 * with any number of threads; where memory cannot be shared (no SharedArrayBuffer, a page that is not cross-origin
 * isolated) there is one. The graph differs from that of a plain index of the same items, and finds as well.
 *
 *   const { index, stop } = await sharedIndex({ dimension: 64, threads: 2 });
 *   index.addMany(ids, vectors);
 */
export async function sharedIndex<Id extends ItemId = ItemId>(options: SharedIndexOptions): Promise<SharedIndex<Id>> {
  expectOptions(options, ["dimension", "metric", "M", "efConstruction", "vectors", "seed", "threads", "readers"]);
  const { threads = 2, readers = 0, seed = 0 } = options;
  expectWhole("threads", threads, 1, 64);
  expectWhole("readers", readers, 0, 64);
  const shape: GraphShape = expectShape(options);
  const graph = createSharedGraph(shape, threads - 1 + readers);
  const team = await GraphTeam.start(graph, threads);
  const state = {
    shape,
    memory: graph.memory,
    ids: new IdTable<Id>(),
    random: new Random(seed),
    vacant: [],
    model: undefined,
  };
  const index = new HnswIndex<Id>(options, state, new RoundTeam(graph, team));
  return {
    index,
    threads: team.threads,
    handles: graph.lanes.slice(threads - 1).map((lane, i) => ({
      module: graph.module,
      imports: graph.imports,
      graph: graph.memory.graph,
      lane,
      allowed: graph.allowed[threads - 1 + i],
      everyone: graph.memory.layout.everyone,
      lock: graph.lock,
      reader: threads + i,
    })),
    stop: () => team.stop(),
  };
}
