import { TwoTowerError } from "../errors.ts";
import { IdList } from "./id-list.ts";
import { hashOf, RowHash } from "./row-hash.ts";
import type { ItemId } from "./vector-index.ts";

/** Ids and their rows. Rows are dense: a row given up is the next to be taken. */
export class IdTable<Id extends ItemId> {
  readonly #hash = new RowHash();
  readonly #ids = new IdList<Id>();
  readonly #vacant: number[] = []; // taken from the end
  #rows = 0;

  get size(): number {
    return this.#rows - this.#vacant.length;
  }

  /** One more than the largest row. */
  get rows(): number {
    return this.#rows;
  }

  /** Rows without an id, the next one to be taken last. */
  get vacant(): readonly number[] {
    return this.#vacant;
  }

  rowOf(id: Id): number | undefined {
    return this.#hash.find(hashOf(id), (row) => this.#ids.at(row) === id);
  }

  idOf(row: number): Id | undefined {
    return this.#ids.at(row);
  }

  /** The row of an id that must be there. */
  expect(id: Id): number {
    const row = this.rowOf(id);
    if (row === undefined) throw new TwoTowerError("UNKNOWN_ID", `there is no item ${show(id)} in the index`);
    return row;
  }

  /** Throws unless all ids can be added. */
  expectNew(ids: readonly Id[]): void {
    const seen = ids.length > 1 ? new Set<Id>() : undefined;
    for (const id of ids) {
      if (typeof id === "number" ? !Number.isFinite(id) : typeof id !== "string" && typeof id !== "bigint")
        throw new TwoTowerError(
          "BAD_ARGUMENT",
          `an id is a string, a finite number or a bigint; this one is ${String(id)}`,
        );
      if (this.rowOf(id) !== undefined)
        throw new TwoTowerError("BAD_ARGUMENT", `item ${show(id)} is in the index already; update it instead`);
      if (seen?.has(id)) throw new TwoTowerError("BAD_ARGUMENT", `item ${show(id)} is twice among those to add`);
      seen?.add(id);
    }
  }

  /** Gives a new id a row. */
  add(id: Id): number {
    const row = this.#vacant.pop() ?? this.#rows++;
    this.#ids.set(row, id === 0 ? (0 as Id) : id); // −0 is 0, as in a Map and in JSON
    this.#hash.add(hashOf(id), row);
    return row;
  }

  /** Gives up the row of an id that is there, and returns it. */
  remove(id: Id): number {
    const row = this.expect(id);
    this.#hash.delete(hashOf(id), row);
    this.#ids.set(row, undefined);
    this.#vacant.push(row);
    return row;
  }

  /** As text: the ids in the order of rows, null for a vacant one, bigints as {"bigint": "…"}; and the vacant rows. */
  toJson(): string {
    const pieces = Array.from(this.#ids.pieces(), (ids) => JSON.stringify(ids, replacer).slice(1, -1));
    return `{"ids":[${pieces.join()}],"vacant":${JSON.stringify(this.#vacant)}}`;
  }

  /** Reads what `toJson` wrote; throws CORRUPT for anything else. */
  static fromJson<Id extends ItemId>(json: string): IdTable<Id> {
    const table = new IdTable<Id>();
    const { ids, vacant } = parse(json);
    const free = new Set(vacant);
    if (free.size !== vacant.length) throw corrupt();
    for (const stored of ids) {
      const id = parseId(stored) as Id | undefined; // what type of ids an index holds is the caller's knowledge
      // Each row is either of one id or vacant once.
      if ((id === undefined) !== free.delete(table.#rows) || (id !== undefined && table.rowOf(id) !== undefined))
        throw corrupt();
      if (id !== undefined) table.#hash.add(hashOf(id), table.#rows);
      table.#ids.set(table.#rows++, id);
    }
    if (free.size > 0) throw corrupt();
    for (const row of vacant) table.#vacant.push(row as number);
    return table;
  }
}

const replacer = (_: string, id: unknown): unknown =>
  typeof id === "bigint" ? { bigint: id.toString() } : (id ?? null);

function parse(json: string): { ids: unknown[]; vacant: unknown[] } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw corrupt();
  }
  if (typeof value !== "object" || value === null || !("ids" in value) || !("vacant" in value)) throw corrupt();
  if (!Array.isArray(value.ids) || !Array.isArray(value.vacant)) throw corrupt();
  return { ids: value.ids, vacant: value.vacant };
}

function parseId(stored: unknown): ItemId | undefined {
  if (stored === null) return undefined;
  if (typeof stored === "string" || typeof stored === "number") return stored;
  if (
    typeof stored === "object" &&
    "bigint" in stored &&
    typeof stored.bigint === "string" &&
    /^-?\d{1,1000}$/.test(stored.bigint)
  )
    return BigInt(stored.bigint);
  throw corrupt();
}

const show = (id: ItemId): string => (typeof id === "string" ? JSON.stringify(id) : String(id));

const corrupt = (): TwoTowerError =>
  new TwoTowerError("CORRUPT", "the ids of this saved index contradict themselves; restore a copy");
