import { TwoTowerError } from "../errors.ts";
import { didYouMean, quoted } from "../features/suggest.ts";
import { corrupt, encodePieces, type Head, joined } from "../tensor/safetensors.ts";
import { countOf, expectIndex, expectObject, told } from "./arguments.ts";
import { AttributeColumn, type AttributeKind } from "./attribute-column.ts";
import { bitmapOf } from "./id-search.ts";
import { type IndexKind, indexLoader, type KnownKinds } from "./index-from-bytes.ts";
import { expectTensor, Gathered, type Loader, loadBytes, readOptions } from "./snapshot.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import type {
  Attributes,
  Condition,
  ItemId,
  Metric,
  NeighbourRows,
  Neighbours,
  Range,
  RowBitmap,
  RowSearchOptions,
  SearchOptions,
  VectorIndex,
} from "./vector-index.ts";

/** The attributes of an index: `{ genre: "category", inStock: "boolean", price: "number" }`. */
export type AttributeKinds = Readonly<Record<string, AttributeKind>>;

interface ConditionOf {
  readonly category: string | number | readonly (string | number)[];
  readonly boolean: boolean;
  readonly number: number | readonly number[] | Range;
}
interface ValueOf {
  readonly category: string | number | readonly (string | number)[];
  readonly boolean: boolean;
  readonly number: number;
}
/** Conditions on declared attributes; an item must meet all that are given. */
export type WhereOf<A extends AttributeKinds> = { readonly [K in keyof A]?: ConditionOf[A[K]] };
/** Attributes of an item. What is missing or null is unknown, and meets no condition. */
export type AttributesOf<A extends AttributeKinds> = { readonly [K in keyof A]?: ValueOf[A[K]] | null };

type Options<A extends AttributeKinds, Id extends ItemId> = Omit<SearchOptions<Id>, "where"> & {
  readonly where?: WhereOf<A>;
};

/**
 * An index whose items have attributes to search by. Items already in it begin with none; give them by `describe`.
 *
 *   const index = withAttributes(new HnswIndex({ dimension: 64 }), { genre: "category", inStock: "boolean", price: "number" });
 *   index.add("m1", vector, { genre: ["Comedy", "Drama"], inStock: true, price: 9.5 });
 *   index.search(query, 10, { where: { genre: "Comedy", inStock: true, price: { max: 10 } } });
 *
 * From now on change items through what this returns: it keeps attributes and rows together.
 */
export function withAttributes<const A extends AttributeKinds, Id extends ItemId = ItemId>(
  index: VectorIndex<Id>,
  kinds: A,
): AttributedIndex<A, Id> {
  return new AttributedIndex(index, kinds);
}

const FORMAT = "twotower attributed index 1";

/** What `withAttributes` returns. */
export class AttributedIndex<A extends AttributeKinds = AttributeKinds, Id extends ItemId = ItemId>
  implements VectorIndex<Id>
{
  /** The index that searches. */
  readonly inner: VectorIndex<Id>;
  readonly #columns: ReadonlyMap<string, AttributeColumn>;

  constructor(inner: VectorIndex<Id>, kinds: A) {
    expectIndex(inner);
    expectObject("attributes", kinds);
    this.inner = inner;
    this.#columns = new Map(
      Object.entries(kinds).map(([name, kind]) => [name, new AttributeColumn(name, expectKind(name, kind))]),
    );
  }

  /** What its files call themselves. */
  static readonly format: string = FORMAT;

  /**
   * The index whose `toBytes` this was; if the one inside is no `ExactIndex`, its kind must be named. Throws CORRUPT if any
   * of it has changed.
   */
  static fromBytes<Id extends ItemId = ItemId>(
    bytes: Uint8Array,
    { kinds = [] }: KnownKinds = {},
  ): AttributedIndex<AttributeKinds, Id> {
    return loadBytes(bytes, (head) => AttributedIndex.loader<Id>(head, kinds));
  }

  /** What takes in the pieces of a saved index. */
  static loader<Id extends ItemId = ItemId>(
    head: Head,
    kindsInside: readonly IndexKind[],
  ): Loader<AttributedIndex<AttributeKinds, Id>> {
    const kinds = readOptions(head, FORMAT) as AttributeKinds;
    const { begin, end } = expectTensor(head, "index", "U8", [-1]);
    const inner = new SnapshotReader<VectorIndex<Id>>(end - begin, (head) => indexLoader(head, kindsInside));
    const attributes = new Gathered(expectTensor(head, "attributes", "U8", [-1]));
    return {
      sink: ({ name }) => (name === "index" ? { write: (bytes) => inner.push(bytes) } : attributes),
      finish() {
        const index = new AttributedIndex<AttributeKinds, Id>(inner.finish(), kinds);
        index.#load(attributes.text());
        return index;
      },
    };
  }

  toBytes(): Uint8Array {
    return joined(this.pieces());
  }

  /** `index`, the file of the index inside, and `attributes`, JSON by name and row. */
  pieces(): Iterable<Uint8Array> {
    const kinds = Object.fromEntries([...this.#columns].map(([name, { kind }]) => [name, kind]));
    const values = [...this.#columns].map(([name, column]) => [
      name,
      Array.from({ length: this.rows }, (_, row) => column.valueAt(row)),
    ]);
    const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(values)));
    let length = 0;
    for (const piece of this.inner.pieces()) length += piece.length;
    return encodePieces(
      {
        index: { dtype: "U8", shape: [length], pieces: () => this.inner.pieces() },
        attributes: { dtype: "U8", shape: [text.length], pieces: () => [text] },
      },
      { format: FORMAT, options: JSON.stringify(kinds) },
    );
  }

  get dimension(): number {
    return this.inner.dimension;
  }

  get metric(): Metric {
    return this.inner.metric;
  }

  get size(): number {
    return this.inner.size;
  }

  get rows(): number {
    return this.inner.rows;
  }

  get model(): string | undefined {
    return this.inner.model;
  }

  set model(fingerprint: string | undefined) {
    this.inner.model = fingerprint;
  }

  has(id: Id): boolean {
    return this.inner.has(id);
  }

  rowOf(id: Id): number | undefined {
    return this.inner.rowOf(id);
  }

  idOf(row: number): Id | undefined {
    return this.inner.idOf(row);
  }

  vector(id: Id): Float32Array {
    return this.inner.vector(id);
  }

  /** The attributes of an item. */
  attributes(id: Id): AttributesOf<A> {
    const row = this.#rowOf(id);
    const values = [...this.#columns].map(([name, column]) => [name, column.valueAt(row)]);
    return Object.fromEntries(values) as AttributesOf<A>;
  }

  /** Gives items that are there already their attributes, all of them; other keys of these objects are ignored. */
  describe(items: Iterable<readonly [id: Id, attributes: AttributesOf<A> | Attributes]>): void {
    const read = Array.from(items, ([id, attributes]) => [this.#rowOf(id), this.#read(attributes)] as const);
    for (const [row, values] of read) this.#write(row, values);
  }

  add(id: Id, vector: ArrayLike<number>, attributes: AttributesOf<A> | Attributes = {}): void {
    const values = this.#read(attributes);
    this.inner.add(id, vector);
    this.#write(this.#rowOf(id), values);
  }

  addMany(
    ids: readonly Id[],
    vectors: ArrayLike<number>,
    attributes: readonly (AttributesOf<A> | Attributes)[] = [],
  ): void {
    countOf(ids);
    if (!Array.isArray(attributes) || (attributes.length > 0 && attributes.length !== ids.length))
      throw new TwoTowerError("SHAPE_MISMATCH", `${attributes?.length} attributes were given for ${ids.length} items`);
    const values = ids.map((_, i) => this.#read(attributes[i] ?? {}));
    this.inner.addMany(ids, vectors);
    for (const [i, id] of ids.entries()) this.#write(this.#rowOf(id), values[i]);
  }

  update(id: Id, vector: ArrayLike<number>, attributes?: AttributesOf<A> | Attributes): void {
    const values = attributes && this.#read(attributes);
    this.inner.update(id, vector);
    if (values) this.#write(this.#rowOf(id), values);
  }

  remove(id: Id): void {
    const row = this.inner.rowOf(id);
    this.inner.remove(id);
    if (row !== undefined) for (const column of this.#columns.values()) column.set(row, null);
  }

  search(query: ArrayLike<number>, k: number, options: Options<A, Id> = {}): Neighbours<Id> {
    return this.inner.search(query, k, this.#narrowed(options));
  }

  searchMany(queries: ArrayLike<number>, k: number, options: Options<A, Id> = {}): Neighbours<Id>[] {
    return this.inner.searchMany(queries, k, this.#narrowed(options));
  }

  searchRows(query: ArrayLike<number>, k: number, options: RowSearchOptions = {}): NeighbourRows {
    return this.inner.searchRows(query, k, options);
  }

  /** The rows whose attributes meet all conditions: a copy, which does not follow later changes. */
  rowsWhere(where: WhereOf<A>): RowBitmap {
    const bitmap = new Uint8Array(Math.ceil(this.rows / 128) * 16).fill(0xff);
    for (const [name, condition] of Object.entries(where)) {
      if (condition === undefined) continue;
      narrow(bitmap, this.#columnOf(name).rowsWhere(condition as Condition).bitmap);
    }
    return bitmap;
  }

  #narrowed(given: Options<A, Id>): SearchOptions<Id> {
    expectObject("options", given);
    const { where, ...options } = given;
    const conditions = Object.entries(where ?? {}).filter(([, condition]) => condition !== undefined);
    if (conditions.length === 0) return options;
    if (conditions.length === 1 && options.filter === undefined) {
      const [[name, condition]] = conditions;
      return { ...options, filter: this.#columnOf(name).rowsWhere(condition as Condition).bitmap };
    }
    const bitmap = this.rowsWhere(where!);
    if (options.filter !== undefined) narrow(bitmap, bitmapOf(this.inner, options.filter));
    return { ...options, filter: bitmap };
  }

  /** The declared ones among some attributes. */
  #read(attributes: Attributes): unknown[] {
    return [...this.#columns].map(([name, column]) => column.read(attributes?.[name]));
  }

  #write(row: number, values: readonly unknown[]): void {
    let i = 0;
    for (const column of this.#columns.values()) column.set(row, values[i++]);
  }

  #load(json: string): void {
    let all: unknown;
    try {
      all = JSON.parse(json);
    } catch (cause) {
      throw corrupt("its attributes are not JSON", cause);
    }
    for (const [name, column] of this.#columns) {
      const values: unknown = Object(all)[name];
      if (!Array.isArray(values) || values.length !== this.rows) throw corrupt(`attribute "${name}" is incomplete`);
      for (const [row, value] of values.entries())
        column.set(row, this.inner.idOf(row) === undefined ? null : column.read(value));
    }
  }

  #columnOf(name: string): AttributeColumn {
    const column = this.#columns.get(name);
    if (column) return column;
    const names = [...this.#columns.keys()];
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `no attribute is called "${name}"${didYouMean(name, names)}; the index has ${quoted(names) || "none"}`,
    );
  }

  #rowOf(id: Id): number {
    const row = this.inner.rowOf(id);
    if (row === undefined)
      throw new TwoTowerError("UNKNOWN_ID", `there is no item ${JSON.stringify(String(id))} in the index`);
    return row;
  }
}

function expectKind(name: string, kind: unknown): AttributeKind {
  if (kind === "category" || kind === "boolean" || kind === "number") return kind;
  throw new TwoTowerError(
    "BAD_ARGUMENT",
    `attribute "${name}" is declared ${told(kind)}; "category", "boolean" or "number" was expected`,
  );
}

/** bitmap ∧ other, in place, a word of 32 rows at a time where both lie on words. */
function narrow(bitmap: RowBitmap, other: RowBitmap): void {
  const bytes = Math.min(bitmap.length, other.length);
  const words = other.byteOffset % 4 === 0 ? bytes >> 2 : 0;
  const a = new Int32Array(bitmap.buffer, bitmap.byteOffset, words);
  const b = new Int32Array(other.buffer, other.byteOffset - (other.byteOffset % 4), words);
  for (let i = 0; i < words; i++) a[i] &= b[i];
  for (let i = words * 4; i < bytes; i++) bitmap[i] &= other[i];
  bitmap.fill(0, bytes);
}
