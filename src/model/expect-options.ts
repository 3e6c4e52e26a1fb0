import type { Schema } from "../features/declare.ts";
import { expectKinds, type Kind, oneOf, wholeBetween, yesNo } from "../features/kinds.ts";
import { checkKeys } from "../features/options.ts";
import { SIDES } from "../features/sides.ts";
import { type ModelOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import type { TowerOptions } from "./tower.ts";

/** Past this a slip of the finger is likelier than a layer. */
const width: Kind = wholeBetween(1, 16_384);

const kinds: Readonly<Record<keyof TowerOptions, Kind>> = {
  dimension: wholeBetween(2, 2048), // what an index takes
  hidden: [(widths) => Array.isArray(widths) && widths.every(width[0]), `a list of widths, each ${width[1]}`],
  identity: oneOf("add", "concat", "none"),
  crosses: wholeBetween(0, 32),
  layerNorm: yesNo,
};

/**
 * `resolveOptions` of what a caller gave: throws BAD_ARGUMENT for an option that does not exist or cannot be meant. Apart
 * from it because a program that only serves what was trained need not ask again.
 */
export function checkedOptions(schema: Schema, given: ModelOptions): ResolvedOptions {
  checkKeys("twoTower", given, [...SIDES, ...Object.keys(kinds)], "BAD_ARGUMENT"); // the sides are the schema's
  for (const [name, value] of Object.entries(given))
    if (name in kinds && typeof value === "object" && !Array.isArray(value))
      checkKeys(`twoTower: ${name}`, value, SIDES, "BAD_ARGUMENT");
  const options = resolveOptions(schema, given);
  for (const side of SIDES) expectKinds("twoTower", options.towers[side], kinds);
  return options;
}
