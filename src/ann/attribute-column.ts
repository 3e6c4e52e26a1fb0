import { TwoTowerError } from "../errors.ts";
import { RowSet } from "./row-set.ts";
import type { Condition, Range } from "./vector-index.ts";

/** "category": text, or a list of texts of which a search may name any. Numbers count as their digits. */
export type AttributeKind = "category" | "boolean" | "number";

type Test = (value: unknown) => boolean;

/** Conditions whose rows are kept at hand; the one unused for longest gives way. */
const MOST_KEPT = 64;

/**
 * One attribute of all items, by row. What a condition lets through is found once, by looking at every row, and then
 * kept as a bitmap that each change of an item brings up to date. So a search pays for a condition only the first time.
 */
export class AttributeColumn {
  readonly name: string;
  readonly kind: AttributeKind;
  readonly #values: unknown[] = [];
  readonly #kept = new Map<string, { readonly test: Test; readonly rows: RowSet }>();

  constructor(name: string, kind: AttributeKind) {
    this.name = name;
    this.kind = kind;
  }

  /** A value as it is kept: of one type, null if there is none. Throws BAD_ARGUMENT for a value of another kind. */
  read(value: unknown): unknown {
    if (value === undefined || value === null) return null;
    if (this.kind === "category") {
      if (isKey(value)) return String(value);
      if (Array.isArray(value) && value.every(isKey)) return value.map(String);
    } else if (this.kind === "number" ? Number.isFinite(value) : typeof value === "boolean") return value;
    throw this.#mismatch("a value of it", value);
  }

  valueAt(row: number): unknown {
    return this.#values[row] ?? null;
  }

  /** Puts in what `read` gave; null for an item that goes. */
  set(row: number, value: unknown): void {
    while (this.#values.length < row) this.#values.push(null);
    this.#values[row] = value;
    for (const { test, rows } of this.#kept.values())
      if (value !== null && test(value)) rows.add(row);
      else rows.delete(row);
  }

  /** The rows that a condition lets through. Throws BAD_ARGUMENT for one that this kind of attribute cannot meet. */
  rowsWhere(condition: Condition): RowSet {
    // JSON has no infinities; and the number 1 is not the text "1".
    const key = JSON.stringify(condition, (_, value) =>
      typeof value === "number" || typeof value === "bigint" ? `#${value}` : value,
    );
    const known = this.#kept.get(key);
    const found = known ?? this.#find(this.#testOf(condition));
    this.#kept.delete(key);
    this.#kept.set(key, found); // the latest stands last
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    return found.rows;
  }

  #find(test: Test): { test: Test; rows: RowSet } {
    const rows = new RowSet();
    for (const [row, value] of this.#values.entries()) if (value !== null && test(value)) rows.add(row);
    return { test, rows };
  }

  #testOf(condition: Condition): Test {
    const { kind } = this;
    if (kind === "number" && isRange(condition)) {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = condition;
      return (value) => (value as number) >= min && (value as number) <= max;
    }
    const wanted: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
    const fits = kind === "category" ? isKey : (value: unknown) => typeof value === kind && !Number.isNaN(value);
    if (!wanted.every(fits)) throw this.#mismatch("what it must be", condition);
    const any = new Set(kind === "category" ? wanted.map(String) : wanted);
    return (value) => (Array.isArray(value) ? value.some((one) => any.has(one)) : any.has(value));
  }

  #mismatch(what: string, value: unknown): TwoTowerError {
    const expected = { category: "text, or a list of texts,", boolean: "true or false", number: "a finite number" };
    const range = this.kind === "number" && what !== "a value of it" ? ", a list of them or { min, max }" : "";
    return new TwoTowerError(
      "BAD_ARGUMENT",
      `attribute "${this.name}" is a ${this.kind}, and ${what} is ${show(value)}; ${expected[this.kind]}${range} was expected`,
    );
  }
}

const isKey = (value: unknown): value is string | number =>
  typeof value === "string" || (typeof value === "number" && Number.isFinite(value));

/** Both ends, if given, are numbers; and there is no other key, which would be a slip of the pen such as "maximum". */
function isRange(condition: Condition): condition is Range {
  if (typeof condition !== "object" || condition === null || Array.isArray(condition)) return false;
  const ends = Object.entries(condition);
  return ends.every(
    ([end, value]) => (end === "min" || end === "max") && typeof value === "number" && !Number.isNaN(value),
  );
}

const show = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : typeof value === "string" ? JSON.stringify(value) : String(value);
