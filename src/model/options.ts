import type { TowerOptions } from "./tower.ts";

/** A choice for both towers, or for each of them. */
export type PerSide<T> = T | { readonly user?: T; readonly item?: T };

/** What a model is made of. */
export interface ModelOptions {
  /** Length of the vectors of users and items. Default 64. */
  readonly dimension?: number;
  /** Widths of the hidden layers. Default [128]. */
  readonly hidden?: PerSide<readonly number[]>;
  /**
   * Whether the id's embedding is added to what the other features say, is one of them, or left out. Default "add".
   */
  readonly identity?: PerSide<TowerOptions["identity"]>;
  /** Layers of crosses between the features (DCN-v2). Default 0. */
  readonly crosses?: PerSide<number>;
  /** Whether hidden layers are normalised. Default false. */
  readonly layerNorm?: PerSide<boolean>;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly dimension: number;
  readonly towers: { readonly user: TowerOptions; readonly item: TowerOptions };
  /** As they were given: what a file keeps. */
  readonly given: ModelOptions;
}

/** Fills in defaults. */
export function resolveOptions(given: ModelOptions): ResolvedOptions {
  const { dimension = 64 } = given;
  const tower = (side: "user" | "item"): TowerOptions => ({
    dimension,
    hidden: choice(given.hidden, side, [128]),
    identity: choice(given.identity, side, "add" as const),
    crosses: choice(given.crosses, side, 0),
    layerNorm: choice(given.layerNorm, side, false),
  });
  return { dimension, towers: { user: tower("user"), item: tower("item") }, given };
}

function choice<T>(given: PerSide<T> | undefined, side: "user" | "item", otherwise: T): T {
  const perSide = typeof given === "object" && given !== null && !Array.isArray(given);
  return (perSide ? (given as { readonly user?: T; readonly item?: T })[side] : (given as T | undefined)) ?? otherwise;
}
