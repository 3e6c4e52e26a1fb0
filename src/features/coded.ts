import type { Key } from "./declare.ts";
import type { Ids } from "./ids.ts";

/** A column of ids by number: cell i is the id `ids.idOf(codes[i])`. Ids are numbered in the order in which they came. */
export interface Coded {
  readonly codes: Int32Array;
  readonly ids: Ids;
}

const CODED = Symbol("codes");

/**
 * Such a column as an array of ids, 4 bytes a cell. Whoever knows of the codes counts and looks up by them and needs no
 * array of its own; whoever does not reads numbers where all ids are whole numbers of 32 bits, else texts.
 */
export function codedColumn(codes: Int32Array, ids: Ids): ArrayLike<Key> {
  const areNumbers = Array.from(ids).every((text) => String(Number(text) | 0) === text);
  const read = (_: unknown, key: string | symbol): unknown => {
    if (key === CODED) return { codes, ids };
    if (key === "length" || key === "byteLength") return codes[key];
    const code = typeof key === "string" ? codes[Number(key)] : undefined;
    if (code === undefined) return undefined;
    return areNumbers ? Number(ids.idOf(code)) : ids.idOf(code);
  };
  return new Proxy<ArrayLike<Key>>({ length: codes.length }, { get: read });
}

/** The codes of a column that `codedColumn` made; undefined for any other. */
export const codedOf = (column: ArrayLike<unknown>): Coded | undefined => (column as { [CODED]?: Coded })[CODED];
