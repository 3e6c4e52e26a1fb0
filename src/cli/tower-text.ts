import type { TowerOptions } from "../model/tower.ts";
import { counted } from "./figures.ts";

/** What a tower does with its features, in a line. */
export function towerText({ dimension, hidden, identity, crosses, layerNorm }: TowerOptions): string {
  const ids = { add: "id added", concat: "id among the features", none: "without its id" }[identity];
  const crossed = crosses ? ` → ${counted(crosses, "cross layer")}` : "";
  return `features${crossed} → ${[...hidden, dimension].join(" → ")}${layerNorm ? ", normalised" : ""}, ${ids}`;
}
