import { TwoTowerError } from "../errors.ts";
import { encodePieces, type Head, joined } from "../tensor/safetensors.ts";
import { countOf, expectIndex, expectList, expectObject, expectVectors, expectWhole } from "./arguments.ts";
import { bitmapOf, inRows, withIds } from "./id-search.ts";
import { type IndexKind, indexLoader } from "./index-from-bytes.ts";
import { expectTensor, type Loader, readOptions } from "./snapshot.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import type {
  Attributes,
  ItemId,
  Metric,
  NeighbourRows,
  Neighbours,
  RowBitmap,
  RowSearchOptions,
  SearchOptions,
  VectorIndex,
} from "./vector-index.ts";

const FORMAT = "twotower sharded index 1";

/** A shard whose thread searches while others do: see HnswIndex. */
interface Patient {
  begin(query: ArrayLike<number>, k: number, options: RowSearchOptions): () => NeighbourRows;
}

/** From the last on: what its thread has not taken up yet is done here, and the first have had the most time to. */
function finishAll<T>(begun: readonly (() => T)[]): T[] {
  const found: T[] = new Array(begun.length);
  for (let s = begun.length - 1; s >= 0; s--) found[s] = begun[s]();
  return found;
}

const isPatient = (shard: object): shard is Patient => "begin" in shard;

/** The k best of several results, best first; of equals those of the earlier result. */
export function mergeTopK<Id extends ItemId>(results: readonly Neighbours<Id>[], k: number): Neighbours<Id> {
  const places = results.map(() => 0);
  const ids: Id[] = [];
  const scores: number[] = [];
  while (ids.length < k) {
    let best = -1;
    for (const [i, { scores }] of results.entries())
      if (places[i] < scores.length && (best < 0 || scores[places[i]] > results[best].scores[places[best]])) best = i;
    if (best < 0) break;
    ids.push(results[best].ids[places[best]]);
    scores.push(results[best].scores[places[best]++]);
  }
  return { ids, scores: Float32Array.from(scores) };
}

/**
 * Several indexes as one: each item is in one of them, and a search asks them all, side by side as far as they have threads.
 * One memory holds 4 GiB, several hold more.
 * New items go where there are fewest. An item in row r of shard s has row r · shards + s.
 *
 *   const shards = await Promise.all([1, 2, 3, 4].map(() => sharedIndex({ dimension: 256 })));
 *   const index = new ShardedIndex(shards.map(({ index }) => index));
 */
export class ShardedIndex<Id extends ItemId = ItemId> implements VectorIndex<Id> {
  /** What its files call themselves. */
  static readonly format: string = FORMAT;
  readonly #shards: readonly VectorIndex<Id>[];

  constructor(shards: readonly VectorIndex<Id>[]) {
    if (!Array.isArray(shards) || shards.length === 0)
      throw new TwoTowerError("BAD_ARGUMENT", "no shards were given; a list of at least one was expected");
    shards.forEach(expectIndex);
    if (new Set(shards).size < shards.length) throw new TwoTowerError("BAD_ARGUMENT", "a shard is there twice");
    for (const { dimension, metric } of shards)
      if (dimension !== shards[0].dimension || metric !== shards[0].metric)
        throw new TwoTowerError("SHAPE_MISMATCH", "all shards must be of one dimension and one metric");
    this.#shards = shards;
  }

  get dimension(): number {
    return this.#shards[0].dimension;
  }

  get metric(): Metric {
    return this.#shards[0].metric;
  }

  get size(): number {
    return this.#shards.reduce((sum, { size }) => sum + size, 0);
  }

  get rows(): number {
    return Math.max(...this.#shards.map(({ rows }, s) => (rows === 0 ? 0 : (rows - 1) * this.#shards.length + s + 1)));
  }

  get model(): string | undefined {
    return this.#shards[0].model;
  }

  set model(fingerprint: string | undefined) {
    for (const shard of this.#shards) shard.model = fingerprint;
  }

  has(id: Id): boolean {
    return this.#shardOf(id) !== undefined;
  }

  rowOf(id: Id): number | undefined {
    for (const [s, shard] of this.#shards.entries()) {
      const row = shard.rowOf(id);
      if (row !== undefined) return row * this.#shards.length + s;
    }
    return undefined;
  }

  idOf(row: number): Id | undefined {
    return this.#shards[row % this.#shards.length]?.idOf(Math.floor(row / this.#shards.length));
  }

  vector(id: Id): Float32Array {
    return this.#expectShard(id).vector(id);
  }

  add(id: Id, vector: ArrayLike<number>, attributes?: Attributes): void {
    this.addMany([id], vector, attributes && [attributes]);
  }

  addMany(ids: readonly Id[], vectors: ArrayLike<number>, attributes?: readonly Attributes[]): void {
    const d = this.dimension;
    expectVectors(vectors, countOf(ids), d, "the vectors to add");
    const known = ids.find((id) => this.has(id));
    if (known !== undefined)
      throw new TwoTowerError(
        "BAD_ARGUMENT",
        `item ${JSON.stringify(String(known))} is in the index already; update it instead`,
      );
    if (new Set(ids).size !== ids.length)
      throw new TwoTowerError("BAD_ARGUMENT", "an item is twice among those to add");
    const sizes = this.#shards.map(({ size }) => size);
    const parts: number[][] = this.#shards.map(() => []);
    for (const i of ids.keys()) {
      const s = sizes.indexOf(Math.min(...sizes));
      sizes[s]++;
      parts[s].push(i);
    }
    const done: Id[] = [];
    try {
      for (const [s, part] of parts.entries()) {
        if (part.length === 0) continue;
        // float64 holds what any array of numbers does
        const some = new (vectors instanceof Float32Array ? Float32Array : Float64Array)(part.length * d);
        for (const [n, i] of part.entries()) for (let j = 0; j < d; j++) some[n * d + j] = vectors[i * d + j];
        const own = part.map((i) => ids[i]);
        this.#shards[s].addMany(own, some, attributes && part.map((i) => attributes[i]));
        done.push(...own);
      }
    } catch (error) {
      for (const id of done) this.remove(id); // all of them or none
      throw error;
    }
  }

  update(id: Id, vector: ArrayLike<number>, attributes?: Attributes): void {
    this.#expectShard(id).update(id, vector, attributes);
  }

  remove(id: Id): void {
    this.#expectShard(id).remove(id);
  }

  search(query: ArrayLike<number>, k: number, options: SearchOptions<Id> = {}): Neighbours<Id> {
    const all = readOnce(options);
    const begin = this.#shards.map((shard, s): (() => () => Neighbours<Id>) => {
      const own = this.#optionsOf(s, all);
      if (!isPatient(shard)) return () => () => shard.search(query, k, own);
      const rows = inRows(shard, own); // may throw, before any has begun
      return () => {
        const finish = shard.begin(query, k, rows);
        return () => withIds(shard, finish());
      };
    });
    return mergeTopK(finishAll(begin.map((begin) => begin())), k);
  }

  /** Each shard searches for all queries at once, with its own threads if it has any. */
  searchMany(queries: ArrayLike<number>, k: number, options: SearchOptions<Id> = {}): Neighbours<Id>[] {
    const all = readOnce(options);
    const found = this.#shards.map((shard, s) => shard.searchMany(queries, k, this.#optionsOf(s, all)));
    return found[0].map((_, q) =>
      mergeTopK(
        found.map((results) => results[q]),
        k,
      ),
    );
  }

  searchRows(query: ArrayLike<number>, k: number, { ef, allowed, excluded }: RowSearchOptions = {}): NeighbourRows {
    const n = this.#shards.length;
    const begun = this.#shards.map((shard, s) => {
      const own: RowSearchOptions = {
        ...(ef !== undefined && { ef }),
        ...(allowed && { allowed: this.#partOf(s, allowed) }),
        ...(excluded && { excluded: Array.from(excluded).flatMap((row) => (row % n === s ? [(row - s) / n] : [])) }),
      };
      return isPatient(shard) ? shard.begin(query, k, own) : () => shard.searchRows(query, k, own);
    });
    const found = finishAll(begun).map(({ rows, scores }, s) => ({
      ids: Array.from(rows, (row) => row * n + s),
      scores,
    }));
    const { ids, scores } = mergeTopK(found, k);
    return { rows: Int32Array.from(ids), scores };
  }

  toBytes(): Uint8Array {
    return joined(this.pieces());
  }

  /** `0`, `1`, …: the files of the shards. */
  pieces(): Iterable<Uint8Array> {
    const files = this.#shards.map((shard, s) => {
      let length = 0;
      for (const piece of shard.pieces()) length += piece.length;
      return [`${s}`, { dtype: "U8", shape: [length], pieces: () => shard.pieces() }] as const;
    });
    return encodePieces(Object.fromEntries(files), {
      format: FORMAT,
      options: JSON.stringify({ shards: files.length }),
    });
  }

  /** What takes in the pieces of a saved index; its shards are then plain indexes, of `ExactIndex` or one of these kinds. */
  static loader<Id extends ItemId = ItemId>(head: Head, kinds: readonly IndexKind[]): Loader<ShardedIndex<Id>> {
    const { shards } = readOptions(head, FORMAT);
    expectWhole("shards", shards, 1, head.entries.length);
    const readers = Array.from({ length: shards }, (_, s) => {
      const { begin, end } = expectTensor(head, `${s}`, "U8", [-1]);
      return new SnapshotReader<VectorIndex<Id>>(end - begin, (head) => indexLoader(head, kinds));
    });
    return {
      sink: ({ name }) => ({ write: (bytes) => readers[Number(name)].push(bytes) }),
      finish: () => new ShardedIndex(readers.map((reader) => reader.finish())),
    };
  }

  /** A filter given as rows is of our rows; ids and tests are the same for all. */
  #optionsOf(s: number, options: SearchOptions<Id>): SearchOptions<Id> {
    if (options.filter instanceof Uint8Array) return { ...options, filter: this.#partOf(s, options.filter) };
    if (typeof options.filter === "function") return { ...options, filter: bitmapOf(this.#shards[s], options.filter) };
    return options;
  }

  /** The rows of shard s in a bitmap of ours. */
  #partOf(s: number, bitmap: RowBitmap): RowBitmap {
    const { rows } = this.#shards[s];
    const n = this.#shards.length;
    const part = new Uint8Array(Math.ceil(rows / 8));
    for (let row = 0, ours = s; row < rows; row++, ours += n)
      part[row >> 3] |= (((bitmap[ours >> 3] ?? 0) >> (ours & 7)) & 1) << (row & 7);
    return part;
  }

  #shardOf(id: Id): VectorIndex<Id> | undefined {
    return this.#shards.find((shard) => shard.has(id));
  }

  #expectShard(id: Id): VectorIndex<Id> {
    const shard = this.#shardOf(id);
    if (shard) return shard;
    throw new TwoTowerError("UNKNOWN_ID", `there is no item ${JSON.stringify(String(id))} in the index`);
  }
}

/** The same options, to be read by every shard: exclusions may be such that can be gone through only once. */
function readOnce<Id extends ItemId>(options: SearchOptions<Id>): SearchOptions<Id> {
  expectObject("options", options);
  const { exclude } = options;
  if (exclude === undefined) return options;
  expectList("exclude", exclude);
  return { ...options, exclude: [...exclude] };
}
