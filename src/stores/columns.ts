import { AttributeColumn, type AttributeKind } from "../ann/attribute-column.ts";
import type { Attributes, Condition, Range, Where } from "../ann/vector-index.ts";
import type { AttributeKinds } from "../ann/with-attributes.ts";
import { TwoTowerError } from "../errors.ts";
import { didYouMean, quoted } from "../features/suggest.ts";
import { identifier, isStorable, type Values } from "./sql.ts";

/** A category is a list: an item has one, several or none. */
const TYPES: Readonly<Record<AttributeKind, string>> = {
  category: "text[]",
  boolean: "boolean",
  number: "double precision",
};

/**
 * Attributes as columns of a table. Values and conditions mean, and are refused, as in the index of `withAttributes`: its
 * columns look at them first.
 */
export class AttributeColumns {
  readonly kinds: AttributeKinds;
  readonly #columns: ReadonlyMap<string, { readonly sql: string; readonly column: AttributeColumn }>;

  constructor(kinds: AttributeKinds) {
    this.kinds = kinds;
    this.#columns = new Map(
      Object.entries(kinds).map(([name, kind]) => {
        const sql = identifier("an attribute", name);
        if (name === "id" || name === "embedding" || !Object.hasOwn(TYPES, kind))
          throw new TwoTowerError(
            "BAD_ARGUMENT",
            `attribute "${name}" is declared ${JSON.stringify(kind)}; "category", "boolean" or "number" was expected, and another name than "id" and "embedding"`,
          );
        return [name, { sql, column: new AttributeColumn(name, kind) }];
      }),
    );
  }

  /** Names, as SQL. */
  get names(): string[] {
    return Array.from(this.#columns.values(), ({ sql }) => sql);
  }

  /** Names and types, as SQL. */
  get definitions(): string[] {
    return Array.from(this.#columns.values(), ({ sql, column }) => `${sql} ${TYPES[column.kind]}`);
  }

  /** What a row says of the attributes, ready for JSON. */
  read(row: Attributes): Record<string, unknown> {
    const values = Array.from(this.#columns, ([name, { column }]): [string, unknown] => {
      const value = column.read(Object.hasOwn(row, name) ? row[name] : null);
      if (column.kind !== "category" || value === null) return [name, value];
      return [name, [value].flat().filter((text) => isStorable(text as string))];
    });
    return Object.fromEntries(values);
  }

  /** Conditions as SQL. */
  conditions(where: Where, values: Values): string[] {
    return Object.entries(where).flatMap(([name, condition]) => {
      if (condition === undefined) return [];
      const found = this.#columns.get(name);
      if (!found) {
        const names = [...this.#columns.keys()];
        throw new TwoTowerError(
          "BAD_ARGUMENT",
          `no attribute is called "${name}"${didYouMean(name, names)}; the store has ${quoted(names) || "none"}`,
        );
      }
      found.column.rowsWhere(condition); // refuses what this kind of attribute cannot meet
      return conditionSql(found.sql, found.column.kind, condition, values);
    });
  }
}

function conditionSql(column: string, kind: AttributeKind, condition: Condition, values: Values): string[] {
  if (kind === "number" && typeof condition === "object" && !Array.isArray(condition)) {
    const { min, max } = condition as Range;
    return [
      `${column} IS NOT NULL`,
      ...(min === undefined ? [] : [`${column} >= ${values.of(String(min), "double precision")}`]),
      ...(max === undefined ? [] : [`${column} <= ${values.of(String(max), "double precision")}`]),
    ];
  }
  const wanted = [condition].flat().map(String).filter(isStorable);
  if (kind === "category") return [`${column} && ${values.arrayOf(wanted, "text")}`];
  return [`${column} = ANY(${values.arrayOf(wanted, TYPES[kind])})`];
}
