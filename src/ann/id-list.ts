import type { ItemId } from "./vector-index.ts";

const PIECE = 4096;

/** The ids of a full piece, as one text and where each begins. */
interface Packed {
  readonly text: string;
  readonly begins: Int32Array;
}

/**
 * Ids by row. They stand in pieces, as an array of them all would be copied whenever it grows; and a full piece of texts
 * becomes one text, until one of them changes: a garbage collection looks at every text there is, and linear memory that
 * grows brings one about, which took 50 ms with a million ids.
 */
export class IdList<Id extends ItemId> {
  readonly #pieces: ((Id | undefined)[] | Packed)[] = [];

  at(row: number): Id | undefined {
    const piece = this.#pieces[Math.floor(row / PIECE)];
    return piece && idIn(piece, row % PIECE);
  }

  /** Sets the id of a row, or of the one after the last. */
  set(row: number, id: Id | undefined): void {
    const at = Math.floor(row / PIECE);
    let piece = this.#pieces[at] ?? [];
    if (!Array.isArray(piece)) piece = unpacked<Id>(piece);
    const grows = piece.length === row % PIECE;
    piece[row % PIECE] = id;
    const isFull = grows && piece.length === PIECE && piece.every((id) => typeof id === "string");
    this.#pieces[at] = isFull ? packed(piece as string[]) : piece;
  }

  /** All of them, piece by piece. */
  *pieces(): Generator<readonly (Id | undefined)[]> {
    for (const piece of this.#pieces) yield Array.isArray(piece) ? piece : unpacked<Id>(piece);
  }
}

function packed(ids: readonly string[]): Packed {
  const begins = new Int32Array(PIECE + 1);
  for (const [i, { length }] of ids.entries()) begins[i + 1] = begins[i] + length;
  return { text: ids.join(""), begins };
}

const unpacked = <Id extends ItemId>(piece: Packed): (Id | undefined)[] =>
  Array.from({ length: PIECE }, (_, i) => idIn<Id>(piece, i));

const idIn = <Id extends ItemId>(piece: readonly (Id | undefined)[] | Packed, i: number): Id | undefined =>
  "text" in piece ? (piece.text.slice(piece.begins[i], piece.begins[i + 1]) as Id) : piece[i];
