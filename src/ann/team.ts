import type { Random } from "../tensor/random.ts";
import type { RowFilter } from "./row-filter.ts";
import type { NeighbourRows } from "./vector-index.ts";

/** Items to be linked, by how they lie in `vectors`: in which row and slot each is. */
export interface Many {
  /** How many items there are already. */
  readonly before: number;
  readonly rows: Int32Array;
  readonly slots: Int32Array;
  readonly vectors: ArrayLike<number>;
  readonly random: Random;
  /** Links one of them the plain way. */
  insert(i: number): void;
}

/** What each of several queries looks for. */
export type Wanted = readonly [k: number, ef: number, filter: RowFilter, rows: number];

/** Threads that link and search many items at once: see shared-index.ts. */
export interface Team {
  link(items: Many): void;
  search(queries: ArrayLike<number>, count: number, ...wanted: Wanted): NeighbourRows[];
  /** The same for so many queries as are written at once, `from` some query on: returns what waits for them. */
  begin(queries: ArrayLike<number>, from: number, count: number, ...wanted: Wanted): () => NeighbourRows[];
}
