import { TwoTowerError } from "../errors.ts";
import { Ids } from "../features/ids.ts";
import { show } from "../features/options.ts";
import { didYouMean, quoted } from "../features/suggest.ts";
import type { Format } from "./format.ts";

/** In a column, the code of a cell that is empty. */
export const NO_VALUE = -1;

/** What JavaScript and Python write into a file for a value that they do not have: as ids these would be one big user. */
const NOTHING = ["undefined", "null", "NaN", "nan", "None"];

/**
 * A column of a file: every distinct text once, and for each row which one it is. Users, items and categories come
 * up again and again, so a million rows take some 10 MB, and what inference asks for (how many values are there?) is
 * known without looking.
 */
export class FileColumn {
  readonly name: string;
  /** What a typed header says: "token", "float", "token_seq" … */
  readonly type: string | undefined;
  readonly distinct: Ids = new Ids();
  /** Whether the texts are lists, written as JSON. */
  isList = false;
  readonly #file: string;
  readonly #lines: Whole;
  readonly #codes = new Whole();

  constructor(file: string, name: string, type: string | undefined, lines: Whole) {
    this.#file = file;
    this.#lines = lines;
    this.name = name;
    this.type = type;
  }

  get count(): number {
    return this.#codes.length;
  }

  /** For each row the number of its text in `distinct`, or NO_VALUE. */
  get codes(): Int32Array {
    return this.#codes.values;
  }

  add(text: string | undefined): void {
    this.#codes.push(text === undefined || text === "" ? NO_VALUE : this.distinct.add(text));
  }

  /** The cells as encoders read them: text, or a list of texts, or null where the file has nothing. */
  cells(): (string | readonly string[] | null)[] {
    const { isList } = this;
    const values = Array.from(this.distinct, (text): string | readonly string[] => (isList ? JSON.parse(text) : text));
    return Array.from(this.codes, (code) => (code === NO_VALUE ? null : values[code]));
  }

  /** The cells as ids, of which none may be missing, nor come twice if they are `distinct`. Throws BAD_FILE with the lines. */
  ids({ distinct = false }: { distinct?: boolean } = {}): string[] {
    const texts = Array.from(this.distinct);
    const firstRow = distinct ? new Map<number, number>() : undefined;
    const written = NOTHING.map((text) => this.distinct.rowOf(text)).filter((code) => code !== undefined);
    return Array.from(this.codes, (code, row) => {
      if (code === NO_VALUE) throw new TwoTowerError("BAD_FILE", `${this.placeOf(row)} is empty: expected an id`);
      if (written.includes(code))
        throw new TwoTowerError(
          "BAD_FILE",
          `${this.placeOf(row)} is ${show(texts[code])}: programs write that where they have nothing; expected an id`,
        );
      const first = firstRow?.get(code);
      if (first !== undefined)
        throw new TwoTowerError(
          "BAD_FILE",
          `${this.placeOf(row)} is ${show(texts[code])}, as line ${this.#lines.values[first]} has it: keep one row for each id`,
        );
      firstRow?.set(code, row);
      return texts[code];
    });
  }

  /** The cells as numbers, NaN where the file has nothing. Throws BAD_FILE with the line of one that is not finite. */
  numbers(
    read: (text: string) => number = Number,
    expected = "a finite number, or nothing where it is missing",
  ): Float64Array {
    const numbers = Float64Array.from(this.distinct, read);
    const values = new Float64Array(this.count);
    const { codes } = this;
    for (let row = 0; row < values.length; row++) {
      const code = codes[row];
      if (code !== NO_VALUE && !Number.isFinite(numbers[code]))
        throw new TwoTowerError(
          "BAD_FILE",
          `${this.placeOf(row)} is ${show(this.distinct.idOf(code))}: expected ${expected}`,
        );
      values[row] = code === NO_VALUE ? NaN : numbers[code];
    }
    return values;
  }

  /** `ratings.csv, line 7, column "rating"`. */
  placeOf(row: number): string {
    return `${this.#file}, line ${this.#lines.values[row]}, column "${this.name}"`;
  }
}

/** A file, read: its columns, in their order. */
export class FileTable {
  readonly path: string;
  readonly format: Format;
  readonly #columns: Map<string, FileColumn>;
  /** The line of the file on which each row starts, from 1. */
  readonly lines: Whole = new Whole();

  constructor(
    path: string,
    format: Format,
    names: readonly { readonly name: string; readonly type?: string | undefined }[],
  ) {
    this.path = path;
    this.format = format;
    this.#columns = new Map(names.map(({ name, type }) => [name, new FileColumn(path, name, type, this.lines)]));
    if (this.#columns.size < names.length)
      throw new TwoTowerError(
        "BAD_FILE",
        `${path} has two columns of the same name: ${quoted(names.map(({ name }) => name))}`,
      );
  }

  get count(): number {
    return this.lines.length;
  }

  get columns(): ReadonlyMap<string, FileColumn> {
    return this.#columns;
  }

  /** A column that comes up late: the rows before have nothing in it. */
  addColumn(name: string): FileColumn {
    const column = new FileColumn(this.path, name, undefined, this.lines);
    while (column.count < this.count - 1) column.add(undefined);
    this.#columns.set(name, column);
    return column;
  }

  /** Completes the row begun last: columns that got nothing have nothing there. */
  fill(): void {
    for (const column of this.#columns.values()) if (column.count < this.count) column.add(undefined);
  }

  /** A column that must be there. Throws BAD_FILE with the names of those that are. */
  column(name: string): FileColumn {
    const column = this.columns.get(name);
    if (column) return column;
    const names = [...this.columns.keys()];
    throw new TwoTowerError(
      "BAD_FILE",
      `${this.path} has no column "${name}"${didYouMean(name, names)}; its columns are ${quoted(names)}`,
    );
  }
}

/** Whole numbers that grow in number. */
export class Whole {
  length = 0;
  #room = new Int32Array(1024);

  push(value: number): void {
    if (this.length === this.#room.length) {
      const room = new Int32Array(this.length * 2);
      room.set(this.#room);
      this.#room = room;
    }
    this.#room[this.length++] = value;
  }

  get values(): Int32Array {
    return this.#room.subarray(0, this.length);
  }
}
