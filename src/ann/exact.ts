import type { Engine } from "../kernels/engine.ts";
import { createServingEngine } from "../kernels/wasm.ts";
import { bytesOf, type Head, joined } from "../tensor/safetensors.ts";
import { countOf, expectMetric, expectOptions, expectVectors, expectWhole, LARGEST_K } from "./arguments.ts";
import { EXACT_FORMAT, ExactLoader, packExact } from "./exact-snapshot.ts";
import { inRows, withIds } from "./id-search.ts";
import { IdTable } from "./id-table.ts";
import { hasBit, RowSet } from "./row-set.ts";
import { expectFinite, inParts, type Loader, loadBytes } from "./snapshot.ts";
import type {
  ItemId,
  Metric,
  NeighbourRows,
  Neighbours,
  RowSearchOptions,
  SearchOptions,
  VectorIndex,
} from "./vector-index.ts";

/** What an exact index is made for. */
export interface ExactOptions {
  /** Length of the vectors, 2 … 2,048. */
  readonly dimension: number;
  /** "cosine" by default. */
  readonly metric?: Metric;
}

/** Vectors are stored in blocks of so many rows: an index grows without moving what it holds. */
const BLOCK = 1024;
/** Queries that share one matrix product a block of vectors; their scores stay in cache until the best are chosen. */
const MOST_QUERIES = 64;

/**
 * Nearest neighbours by comparing with every item: always right, 2nd flops a query. Below some 10,000 items it is also
 * fast enough; above, it is what the approximate index is measured by.
 */
export class ExactIndex<Id extends ItemId = ItemId> implements VectorIndex<Id> {
  /** What its files call themselves. */
  static readonly format: string = EXACT_FORMAT;
  readonly dimension: number;
  readonly metric: Metric;
  model: string | undefined;
  readonly #engine: Engine;
  #ids = new IdTable<Id>();
  readonly #inUse = new RowSet();
  /** Addresses of the blocks. */
  readonly #blocks: number[] = [];

  constructor(options: ExactOptions) {
    expectOptions(options, ["dimension", "metric"]);
    const { dimension, metric = "cosine" } = options;
    expectWhole("dimension", dimension, 2, 2048);
    expectMetric(metric);
    this.dimension = dimension;
    this.metric = metric;
    this.#engine = createServingEngine();
  }

  get size(): number {
    return this.#ids.size;
  }

  get rows(): number {
    return this.#ids.rows;
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
    return Float32Array.from(this.#vectorAt(this.#ids.expect(id)));
  }

  add(id: Id, vector: ArrayLike<number>): void {
    this.addMany([id], vector);
  }

  addMany(ids: readonly Id[], vectors: ArrayLike<number>): void {
    expectVectors(vectors, countOf(ids), this.dimension, "the vectors to add");
    this.#ids.expectNew(ids);
    for (let i = 0; i < ids.length; i++) {
      const row = this.#ids.add(ids[i]);
      this.#inUse.add(row);
      this.#store(row, vectors, i * this.dimension);
    }
  }

  update(id: Id, vector: ArrayLike<number>): void {
    expectVectors(vector, 1, this.dimension, "the new vector");
    this.#store(this.#ids.expect(id), vector, 0);
  }

  remove(id: Id): void {
    this.#inUse.delete(this.#ids.remove(id));
  }

  search(query: ArrayLike<number>, k: number, options: SearchOptions<Id> = {}): Neighbours<Id> {
    return withIds(this.#ids, this.searchRows(query, k, inRows(this.#ids, options)));
  }

  searchMany(queries: ArrayLike<number>, k: number, options: SearchOptions<Id> = {}): Neighbours<Id>[] {
    return this.searchManyRows(queries, k, inRows(this.#ids, options)).map((found) => withIds(this.#ids, found));
  }

  searchRows(query: ArrayLike<number>, k: number, options: RowSearchOptions = {}): NeighbourRows {
    expectVectors(query, 1, this.dimension, "the query");
    return this.searchManyRows(query, k, options)[0];
  }

  /** The same for each of the queries that stand one after another. */
  searchManyRows(queries: ArrayLike<number>, k: number, options: RowSearchOptions = {}): NeighbourRows[] {
    const d = this.dimension;
    const count = Math.ceil((queries?.length ?? d) / d);
    expectVectors(queries, count, d, "the queries");
    expectWhole("k", k, 1, LARGEST_K);
    if (options.ef !== undefined) expectWhole("ef", options.ef, 1, LARGEST_K);
    const closed = this.#closedRows(options);
    const found: NeighbourRows[] = [];
    for (let from = 0; from < count; from += MOST_QUERIES)
      found.push(...this.#nearest(queries, from, Math.min(MOST_QUERIES, count - from), k, closed));
    return found;
  }

  toBytes(): Uint8Array {
    return joined(this.pieces());
  }

  pieces(): Iterable<Uint8Array> {
    const { dimension, metric, model } = this;
    return packExact({ dimension, metric, ids: this.#ids, model }, () => this.#vectorBlocks());
  }

  /** The index whose `toBytes` this was. Throws CORRUPT if any of it has changed. */
  static fromBytes<Id extends ItemId = ItemId>(bytes: Uint8Array): ExactIndex<Id> {
    return loadBytes(bytes, (head) => ExactIndex.loader<Id>(head));
  }

  /** What takes in the pieces of a saved index. */
  static loader<Id extends ItemId = ItemId>(head: Head): Loader<ExactIndex<Id>> {
    const loader = new ExactLoader<Id>(head);
    const index = new ExactIndex<Id>({ dimension: loader.dimension, metric: loader.metric });
    const vector = new Float32Array(loader.dimension); // of the row under way
    const bytes = bytesOf(vector);
    const vectors = inParts(bytes.length, (row, part, within) => {
      bytes.set(part, within);
      if (within + part.length < bytes.length) return;
      expectFinite("vectors", bytes);
      index.#makeRoom(row);
      index.#vectorAt(row).set(vector);
    });
    return {
      sink: (entry) => loader.sink(entry, vectors),
      finish() {
        const { ids, model } = loader.finish();
        index.#ids = ids;
        index.model = model;
        for (let row = 0; row < ids.rows; row++) if (ids.idOf(row) !== undefined) index.#inUse.add(row);
        return index;
      },
    };
  }

  /** All vectors in the order of rows, zeros for vacant ones: a block at a time. */
  *#vectorBlocks(): Generator<Float32Array> {
    const d = this.dimension;
    for (let from = 0; from < this.rows; from += BLOCK) {
      const block = new Float32Array(Math.min(BLOCK, this.rows - from) * d);
      for (let at = 0; at < block.length; at += d)
        if (this.#inUse.has(from + at / d)) block.set(this.#vectorAt(from + at / d), at);
      yield block;
    }
  }

  /** Scores `count` queries block by block, closes the rows that are not open, and goes on with the k best of each. */
  #nearest(queries: ArrayLike<number>, from: number, count: number, k: number, closed: Int32Array): NeighbourRows[] {
    const { dimension: d, rows } = this;
    const engine = this.#engine;
    const { kernels } = engine;
    const query = engine.passing(count * d * 4);
    const scores = engine.passing(count * BLOCK * 4);
    const columns = engine.passing(count * k * 4);
    const values = engine.passing(count * k * 4);
    for (let i = 0; i < count; i++) this.#normalised(queries, (from + i) * d, engine.floats(query + i * d * 4, d));
    engine.ints(columns, count * k).fill(-1);

    let next = 0; // of the closed rows
    for (const [b, vectors] of this.#blocks.entries()) {
      const first = b * BLOCK;
      const width = Math.min(BLOCK, rows - first);
      kernels.matmulNT(query, vectors, scores, count, width, d, false);
      const block = engine.floats(scores, count * width);
      for (; next < closed.length && closed[next] < first + width; next++)
        for (let i = 0; i < count; i++) block[i * width + closed[next] - first] = Number.NEGATIVE_INFINITY;
      kernels.topK(scores, count, width, k, first, columns, values);
    }

    const found = Array.from({ length: count }, (_, i) => {
      const best = engine.ints(columns + i * k * 4, k);
      const end = best.indexOf(-1);
      const length = end === -1 ? k : end;
      return { rows: best.slice(0, length), scores: Float32Array.from(engine.floats(values + i * k * 4, length)) };
    });
    engine.endStep();
    return found;
  }

  /** The rows that a search must not find, in order: vacant ones, those not allowed and those excluded. */
  #closedRows({ allowed, excluded = [] }: RowSearchOptions): Int32Array {
    const closed: number[] = [];
    if (allowed !== undefined || this.size < this.rows)
      for (let row = 0; row < this.rows; row++)
        if (!this.#inUse.has(row) || (allowed !== undefined && !hasBit(allowed, row))) closed.push(row);
    for (let i = 0; i < excluded.length; i++) if (excluded[i] >= 0 && excluded[i] < this.rows) closed.push(excluded[i]);
    return Int32Array.from(closed).sort();
  }

  #store(row: number, vectors: ArrayLike<number>, from: number): void {
    this.#makeRoom(row);
    this.#normalised(vectors, from, this.#vectorAt(row));
  }

  #makeRoom(row: number): void {
    if (row === this.#blocks.length * BLOCK) this.#blocks.push(this.#engine.lasting(BLOCK * this.dimension * 4));
  }

  /** A view, to be used at once. */
  #vectorAt(row: number): Float32Array | Float64Array {
    return this.#engine.floats(
      this.#blocks[Math.floor(row / BLOCK)] + (row % BLOCK) * this.dimension * 4,
      this.dimension,
    );
  }

  /** Copies one vector; under cosine scales it to length 1, with the same roundings as the approximate index. */
  #normalised(vectors: ArrayLike<number>, from: number, out: Float32Array | Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = vectors[from + i];
    if (this.metric === "dot") return;
    let square = 0;
    for (const x of out) square += x * x;
    const length = Math.fround(Math.sqrt(square));
    if (length > 0) for (let i = 0; i < out.length; i++) out[i] /= length;
  }
}
