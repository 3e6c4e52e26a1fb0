import type { IdFeature, Schema } from "./declare.ts";

/** The two sides, in the order in which everything about them is listed. */
export const SIDES = ["user", "item"] as const;
export type Side = (typeof SIDES)[number];

/** The id of a side: its name, its declaration, and the column that holds it in tables and interactions. */
export interface IdOfSide {
  readonly name: string;
  readonly column: string;
  readonly declaration: IdFeature;
}

/** The one id of a side; of a schema that was checked. */
export function idOf(schema: Schema, side: Side): IdOfSide {
  const [name, declaration] = Object.entries(schema[side]).find(([, { kind }]) => kind === "id")!;
  return { name, column: declaration.column ?? name, declaration: declaration as IdFeature };
}
