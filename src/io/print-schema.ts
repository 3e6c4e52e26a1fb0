import { idOf, type Side } from "../features/sides.ts";
import type { DataSchema } from "./data-schema.ts";
import { declarationToJson } from "./declaration-json.ts";

/** The schema as JSON that a person can read, edit and pass back (`parseDataSchema`): a line for each feature. */
export function printDataSchema({ interactions, schema, ...sides }: DataSchema): string {
  const { columns, user, item, timestamp, rating, minRating, weight } = interactions;
  const pairs = { columns, user, item, timestamp, rating, minRating: rating && (minRating ?? null), weight };
  const side = (side: Side): string => {
    const { kind: _, ...embedding } = declarationToJson(idOf(schema, side).declaration, schema);
    const features = Object.entries(schema[side])
      .filter(([, { kind }]) => kind !== "id")
      .map(([name, declaration]) => [name, line(declarationToJson(declaration, schema))] as const);
    return block(1, [
      ...lines({ ...sides[side], embedding: Object.keys(embedding).length > 0 ? embedding : undefined }),
      ["features", block(2, features)],
    ]);
  };
  const sections = [
    ["version", "1"],
    ["interactions", block(1, lines(pairs))],
    ["users", side("user")],
    ["items", side("item")],
  ] as const;
  return `${block(0, sections)}\n`;
}

type Entry = readonly [key: string, json: string];

/** An object with a line for each entry. */
function block(depth: number, entries: readonly Entry[]): string {
  const indent = "  ".repeat(depth);
  const body = entries.map(([key, json]) => `${indent}  ${JSON.stringify(key)}: ${json}`).join(",\n");
  return entries.length === 0 ? "{}" : `{\n${body}\n${indent}}`;
}

/** The entries of an object that has a value for them, each value on one line. */
const lines = (object: object): Entry[] =>
  Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, line(value)] as const]));

const line = (value: unknown): string => JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
