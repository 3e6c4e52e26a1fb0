import { TwoTowerError } from "../errors.ts";
import type { Features, Schema } from "./declare.ts";
import { show } from "./options.ts";
import { type IdOfSide, SIDES, type Side } from "./sides.ts";

const KINDS = ["id", "category", "tags", "list", "number", "timestamp", "example-age"];

/** Throws BAD_SCHEMA unless each side has one id, the two differ, and every list lists the ids of one of them. */
export function checkSchema(schema: Schema): void {
  if (typeof schema !== "object" || schema === null)
    throw new TwoTowerError("BAD_SCHEMA", `the schema is ${show(schema)}: expected { user: { … }, item: { … } }`);
  const user = checkSide(schema, "user");
  const item = checkSide(schema, "item");
  if (user.declaration === item.declaration)
    throw new TwoTowerError(
      "BAD_SCHEMA",
      `user.${user.name} and item.${item.name} are the same id() object; declare each with an id() of its own`,
    );
  if (user.column === item.column)
    throw new TwoTowerError(
      "BAD_SCHEMA",
      `both sides keep their id in column "${user.column}", so interactions cannot tell them apart; rename one of them`,
    );
  for (const [name, { kind }] of Object.entries(schema.item))
    if (kind === "example-age")
      throw new TwoTowerError("BAD_SCHEMA", `item.${name} is exampleAge(): it tells the user tower; declare it there`);
  for (const side of SIDES)
    for (const [name, declaration] of Object.entries(schema[side]))
      if (declaration.kind === "list" && declaration.of !== user.declaration && declaration.of !== item.declaration)
        throw new TwoTowerError(
          "BAD_SCHEMA",
          `${side}.${name} lists ids that no side declares; give list() the same id() object as the other side has`,
        );
}

/** The one id of a side. Throws BAD_SCHEMA if there is none, or more. */
function checkSide(schema: Schema, side: Side): IdOfSide {
  const features: Features = schema[side];
  if (typeof features !== "object" || features === null)
    throw new TwoTowerError("BAD_SCHEMA", `the schema's ${side} is ${show(features)}: expected features by name`);
  const ids: IdOfSide[] = [];
  for (const [name, declaration] of Object.entries(features)) {
    if (!KINDS.includes(declaration?.kind))
      throw new TwoTowerError(
        "BAD_SCHEMA",
        `${side}.${name} is ${show(declaration)}: expected a declaration such as category() or number()`,
      );
    if (declaration.kind === "id") ids.push({ name, column: declaration.column ?? name, declaration });
  }
  if (ids.length === 1) return ids[0];
  throw new TwoTowerError(
    "BAD_SCHEMA",
    ids.length === 0
      ? `the ${side} side has no id() feature; it needs exactly one: { ${side}Id: id(), … }`
      : `the ${side} side has ${ids.length} id() features, ${ids.map(({ name }) => name).join(" and ")}; keep one and make the others category()`,
  );
}
