import type { AttributeKind } from "../ann/attribute-column.ts";
import type { Attributes } from "../ann/vector-index.ts";
import { type Cells, readNumber, readTime } from "../features/cells.ts";
import type { Declaration, Features } from "../features/declare.ts";
import { namesIn } from "../features/names.ts";

/** What an item's features say of it, to be searched by: of each the name, the kind, and how it is read from a row. */
export interface ItemAttributes {
  readonly kinds: Readonly<Record<string, AttributeKind>>;
  readonly of: (row: object) => Attributes;
}

/** Every feature but the id is an attribute by its name: words as categories, numbers and times (in seconds) as numbers. */
export function itemAttributes(features: Features): ItemAttributes {
  const read = new Map<string, { readonly kind: AttributeKind; readonly of: (row: object) => unknown }>();
  for (const [name, declaration] of Object.entries(features)) {
    const reader = readerOf(declaration);
    if (!reader) continue;
    const { column = name } = declaration;
    const of = (row: object): unknown =>
      reader.of({ table: "items", column, values: [Object.hasOwn(row, column) ? Reflect.get(row, column) : null] });
    read.set(name, { kind: reader.kind, of });
  }
  return {
    kinds: Object.fromEntries(Array.from(read, ([name, { kind }]) => [name, kind])),
    of: (row) => Object.fromEntries(Array.from(read, ([name, { of }]) => [name, of(row)])),
  };
}

function readerOf(
  declaration: Declaration,
): { readonly kind: AttributeKind; readonly of: (cell: Cells) => unknown } | undefined {
  switch (declaration.kind) {
    case "category":
    case "tags":
      return { kind: "category", of: (cell) => namesIn(declaration, cell, 0).map(String) };
    case "number":
      return { kind: "number", of: (cell) => known(readNumber(cell, 0, declaration.pattern)) };
    case "timestamp":
      return { kind: "number", of: (cell) => known(readTime(cell, 0, declaration.unit)) };
    case "id":
    case "list":
    case "example-age":
      return undefined;
  }
}

const known = (number: number): number | null => (Number.isNaN(number) ? null : number);
