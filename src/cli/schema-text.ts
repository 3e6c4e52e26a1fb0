import type { Declaration } from "../features/declare.ts";
import type { DataSchema } from "../io/data-schema.ts";

/** What columns were taken for, in three lines: for the eye, not to be read back. */
export function schemaLines({ interactions, user, item, schema }: DataSchema): string[] {
  const { timestamp, rating, minRating, weight } = interactions;
  const others = [
    timestamp && `time ${timestamp}`,
    rating && (minRating === undefined ? `${rating} not used: every row is a positive` : `${rating} ≥ ${minRating}`),
    weight && `weight ${weight}`,
  ];
  const side = (features: DataSchema["schema"]["user"], name: string | undefined): string => {
    const listed = Object.entries(features).map(([feature, declaration]) => describe(feature, declaration));
    return [...listed, name && `shown as ${name}`].filter(Boolean).join(", ");
  };
  return [
    `interactions  ${[`${interactions.user} → ${interactions.item}`, ...others].filter(Boolean).join(", ")}`,
    `users         ${side(schema.user, user.name)}`,
    `items         ${side(schema.item, item.name)}`,
  ];
}

function describe(feature: string, declaration: Declaration): string {
  const from = declaration.column === undefined ? "" : ` from ${declaration.column}`;
  return declaration.kind === "id" ? `${feature} (id)` : `${feature} (${declaration.kind}${from})`;
}
