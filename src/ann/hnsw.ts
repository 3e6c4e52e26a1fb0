import { TwoTowerError } from "../errors.ts";
import { Random } from "../tensor/random.ts";
import { type Head, joined } from "../tensor/safetensors.ts";
import { countOf, expectMetric, expectOptions, expectVectors, expectWhole, LARGEST_K } from "./arguments.ts";
import { CHUNK_SLOTS, type GraphShape, NUMBER_BYTES, type VectorKind } from "./graph-layout.ts";
import { GraphMemory } from "./graph-memory.ts";
import { HNSW_FORMAT, HnswLoader, type HnswState, pack } from "./hnsw-snapshot.ts";
import { inRows, withIds } from "./id-search.ts";
import { IdTable } from "./id-table.ts";
import { openFilter } from "./row-filter.ts";
import { type Loader, loadBytes } from "./snapshot.ts";
import type { Team } from "./team.ts";
import type {
  ItemId,
  Metric,
  NeighbourRows,
  Neighbours,
  RowSearchOptions,
  SearchOptions,
  VectorIndex,
} from "./vector-index.ts";

/** What an approximate index is made for, and how densely its graph is linked. */
export interface HnswOptions {
  /** Length of the vectors, 2 … 2,048. */
  readonly dimension: number;
  /** "cosine" by default. */
  readonly metric?: Metric;
  /** Links a new item chooses, 2 … 128; 16 by default. More serve high dimensions and high recall, and cost 8 bytes each. */
  readonly M?: number;
  /** Candidates weighed for them, M … 4,096; 200 by default. More make a better graph and a slower build. */
  readonly efConstruction?: number;
  /**
   * What is kept of each vector beside its code of one byte a number, to rank what a search has found: all of it ("float32",
   * the default), 16 bits a number ("float16"), or nothing ("none"): then codes rank, and scores err by some .001.
   */
  readonly vectors?: VectorKind;
  /** Same seed, same items in the same order: same bytes. 0 by default. */
  readonly seed?: number;
}

const DEFAULT_EF = 64;
/** So many items at once are worth arranging. */
const ARRANGED = 1024;

/**
 * Approximate nearest neighbours by a hierarchical navigable small world: Malkov and Yashunin, arXiv 1603.09320.
 * The algorithms are in assembly/hnsw, named as in the paper; here is what surrounds them: ids, arguments, memory.
 */
export class HnswIndex<Id extends ItemId = ItemId> implements VectorIndex<Id> {
  /** What its files call themselves. */
  static readonly format: string = HNSW_FORMAT;
  model: string | undefined;
  readonly #team: Team | undefined;
  readonly #shape: GraphShape;
  readonly #memory: GraphMemory;
  readonly #ids: IdTable<Id>;
  readonly #random: Random;
  /** Slots that hold no item, taken from the end. */
  #vacant: number[];

  /** With `team`, which shares the memory given in `saved`, threads link and search many items at once. */
  constructor(options: HnswOptions, saved?: HnswState<Id>, team?: Team) {
    this.#team = team;
    this.model = saved?.model;
    if (!saved) expectOptions(options, ["dimension", "metric", "M", "efConstruction", "vectors", "seed"]);
    this.#shape = saved?.shape ?? expectShape(options);
    this.#memory = saved?.memory ?? new GraphMemory(this.#shape);
    this.#ids = saved?.ids ?? new IdTable();
    this.#random = saved?.random ?? new Random(options.seed ?? 0);
    this.#vacant = [...(saved?.vacant ?? [])];
  }

  /** The index whose `toBytes` this was: it goes on as that one would have. Throws CORRUPT if any of it has changed. */
  static fromBytes<Id extends ItemId = ItemId>(bytes: Uint8Array): HnswIndex<Id> {
    return loadBytes(bytes, (head) => HnswIndex.loader<Id>(head));
  }

  /** What takes in the pieces of a saved index. */
  static loader<Id extends ItemId = ItemId>(head: Head): Loader<HnswIndex<Id>> {
    const loader = new HnswLoader<Id>(head, expectShape);
    return {
      sink: (entry) => loader.sink(entry),
      finish() {
        const state = loader.finish();
        return new HnswIndex<Id>(state.shape, state);
      },
    };
  }

  toBytes(): Uint8Array {
    return joined(this.pieces());
  }

  /** hnsw-snapshot.ts says what is in them. */
  pieces(): Iterable<Uint8Array> {
    return pack({
      shape: this.#shape,
      memory: this.#memory,
      ids: this.#ids,
      random: this.#random,
      vacant: this.#vacant,
      model: this.model,
    });
  }

  get dimension(): number {
    return this.#shape.dimension;
  }

  get metric(): Metric {
    return this.#shape.metric;
  }

  get size(): number {
    return this.#ids.size;
  }

  get rows(): number {
    return this.#ids.rows;
  }

  /** Bytes of linear memory. Ids come on top. */
  get byteLength(): number {
    return this.#memory.byteLength;
  }

  /** Similarities that the last search computed. */
  get evaluations(): number {
    return this.#memory.get("evaluations");
  }

  has(id: Id): boolean {
    return this.#ids.rowOf(id) !== undefined;
  }

  rowOf(id: Id): number | undefined {
    return this.#ids.rowOf(id);
  }

  idOf(row: number): Id | undefined {
    return this.#ids.idOf(row);
  }

  vector(id: Id): Float32Array {
    return this.#memory.vector(this.#memory.slotOfRow(this.#ids.expect(id))).slice();
  }

  add(id: Id, vector: ArrayLike<number>): void {
    expectVectors(vector, 1, this.dimension, "the vectors to add");
    this.#ids.expectNew([id]);
    this.#makeRoom(1);
    const slot = this.#vacant.pop()!; // #makeRoom saw to it
    this.#insert(this.#ids.add(id), slot, vector, 0); // as addMany would, and leaves less for the garbage collection
  }

  addMany(ids: readonly Id[], vectors: ArrayLike<number>): void {
    const d = this.dimension;
    expectVectors(vectors, countOf(ids), d, "the vectors to add");
    this.#ids.expectNew(ids);
    const slots = this.#slotsFor(vectors, ids.length);
    const before = this.size;
    const rows = Int32Array.from(ids, (id) => this.#ids.add(id));
    const insert = (i: number): void => this.#insert(rows[i], slots[i], vectors, i * d);
    if (ids.length < ARRANGED) for (const i of slots.keys()) insert(i);
    else if (this.#team) this.#team.link({ before, rows, slots, vectors, random: this.#random, insert });
    else for (const i of insertionOrder(slots, this.#random)) insert(i);
  }

  update(id: Id, vector: ArrayLike<number>): void {
    expectVectors(vector, 1, this.dimension, "the new vector");
    const row = this.#ids.expect(id);
    const slot = this.#memory.slotOfRow(row);
    this.#changing(() => {
      this.#memory.kernels.hnswRemove(this.#memory.graph, slot);
      this.#memory.forget(row);
    });
    this.#insert(row, slot, vector, 0);
  }

  remove(id: Id): void {
    const row = this.#ids.remove(id);
    const slot = this.#memory.slotOfRow(row);
    this.#changing(() => {
      this.#memory.kernels.hnswRemove(this.#memory.graph, slot);
      this.#memory.forget(row);
    });
    this.#vacant.push(slot);
  }

  search(query: ArrayLike<number>, k: number, options: SearchOptions<Id> = {}): Neighbours<Id> {
    return withIds(this.#ids, this.searchRows(query, k, inRows(this.#ids, options)));
  }

  searchMany(queries: ArrayLike<number>, k: number, options: SearchOptions<Id> = {}): Neighbours<Id>[] {
    const d = this.dimension;
    const count = Math.ceil((queries?.length ?? this.dimension) / d);
    expectVectors(queries, count, d, "the queries");
    const rowOptions = inRows(this.#ids, options);
    const { ef = Math.max(DEFAULT_EF, k), allowed, excluded } = rowOptions;
    if (this.#team && count > 1) {
      expectEffort(k, ef);
      const filter = openFilter(this.#memory, this.size, this.rows, allowed, excluded);
      const found = this.#team.search(queries, count, k, Math.max(ef, k), filter, this.rows);
      filter.close();
      return found.map((rows) => withIds(this.#ids, rows));
    }
    return Array.from({ length: count }, (_, i) => withIds(this.#ids, this.#nearest(queries, i * d, k, rowOptions)));
  }

  searchRows(query: ArrayLike<number>, k: number, options: RowSearchOptions = {}): NeighbourRows {
    expectVectors(query, 1, this.dimension, "the query");
    return this.#nearest(query, 0, k, options);
  }

  /** Lets another thread begin, if there is one; returns what gives the result, to be called before anything else is asked for. */
  begin(query: ArrayLike<number>, k: number, options: RowSearchOptions): () => NeighbourRows {
    const team = this.#team;
    if (!team) return () => this.searchRows(query, k, options);
    const { ef = Math.max(DEFAULT_EF, k), allowed, excluded } = options;
    expectVectors(query, 1, this.dimension, "the query");
    expectEffort(k, ef);
    const filter = openFilter(this.#memory, this.size, this.rows, allowed, excluded);
    const finish = team.begin(query, 0, 1, k, Math.max(ef, k), filter, this.rows);
    return () => {
      const [found] = finish();
      filter.close();
      return found;
    };
  }

  #nearest(queries: ArrayLike<number>, from: number, k: number, options: RowSearchOptions): NeighbourRows {
    const { ef = Math.max(DEFAULT_EF, k), allowed, excluded } = options;
    expectEffort(k, ef);
    const memory = this.#memory;
    memory.handOver(queries, from);
    const filter = openFilter(memory, this.size, this.rows, allowed, excluded);
    const found = memory.kernels.hnswSearch(memory.graph, k, Math.max(ef, k), filter.address, this.rows, filter.open);
    filter.close();
    return memory.results(found);
  }

  #insert(row: number, slot: number, vectors: ArrayLike<number>, from: number): void {
    this.#memory.handOver(vectors, from);
    this.#changing(() => {
      this.#memory.pair(row, slot);
      this.#memory.kernels.hnswInsert(this.#memory.graph, slot);
    });
  }

  /** Alone, where other threads search. */
  #changing(change: () => void): void {
    const { lock } = this.#memory;
    lock?.take();
    try {
      change();
    } finally {
      lock?.give();
    }
  }

  /** A slot for each of the new items; in whole chunks, near items get near slots. */
  #slotsFor(vectors: ArrayLike<number>, count: number): Int32Array {
    const slots = new Int32Array(count);
    if (count >= ARRANGED) this.#memory.makeRoom(count - this.#vacant.length);
    const whole = Math.floor((count - this.#vacant.length) / CHUNK_SLOTS) * CHUNK_SLOTS;
    const order = whole < ARRANGED ? slots.map((_, i) => i) : this.#memory.arrange(vectors, count);
    let placed = 0;
    if (whole >= ARRANGED)
      while (placed < whole) for (const slot of this.#memory.addChunk()) slots[order[placed++]] = slot;
    this.#makeRoom(count - placed);
    while (placed < count) slots[order[placed++]] = this.#vacant.pop()!; // #makeRoom saw to it
    return slots;
  }

  /**
   * Sees to it that `count` slots are vacant. A slot decides the level of the item it gets (the paper draws a logarithm
   * instead): the slots of a chunk are handed out in shuffled order, so that no pattern in the items meets a pattern of levels.
   */
  #makeRoom(count: number): void {
    const fresh: Int32Array[] = [];
    while (this.#vacant.length + fresh.length * CHUNK_SLOTS < count)
      fresh.push(this.#random.shuffle(this.#memory.addChunk()));
    if (fresh.length > 0) this.#vacant = [...fresh.reverse().flatMap((slots) => [...slots]), ...this.#vacant];
  }
}

/**
 * In which order many items are linked: first, shuffled, those of the upper levels, an even sample of them all, which leaves
 * long links behind; then the others as they lie in memory, so that one works where the last one has just been.
 */
function insertionOrder(slots: Int32Array, random: Random): Int32Array {
  const items = slots.map((_, i) => i);
  const upper = random.shuffle(items.filter((i) => slots[i] % 16 === 0));
  const others = items.filter((i) => slots[i] % 16 !== 0);
  others.sort((a, b) => slots[a] - slots[b]);
  const order = new Int32Array(slots.length);
  order.set(upper);
  order.set(others, upper.length);
  return order;
}

function expectEffort(k: number, ef: number): void {
  expectWhole("k", k, 1, LARGEST_K);
  expectWhole("ef", ef, 1, LARGEST_K);
}

/** The options with their defaults. Throws BAD_ARGUMENT for any that make no sense. */
export function expectShape(options: Readonly<Partial<Record<keyof HnswOptions, unknown>>>): GraphShape {
  const { dimension, metric = "cosine", M = 16, efConstruction = 200, vectors = "float32" } = options;
  expectWhole("dimension", dimension, 2, 2048);
  expectMetric(metric);
  expectWhole("M", M, 2, 128);
  expectWhole("efConstruction", efConstruction, M, LARGEST_K);
  if (!isVectorKind(vectors))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `vectors is ${String(vectors)}; "float32", "float16" or "none" is expected`,
    );
  return { dimension, metric, M, efConstruction, vectors };
}

const isVectorKind = (value: unknown): value is VectorKind =>
  typeof value === "string" && Object.hasOwn(NUMBER_BYTES, value);
