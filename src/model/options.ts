import type { Features, Schema } from "../features/declare.ts";
import { readsOrder } from "../features/declare-pool.ts";
import type { Side } from "../features/sides.ts";
import type { TowerOptions } from "./tower.ts";

/** A choice for both towers, or for each of them. */
export type PerSide<T> = T | { readonly user?: T; readonly item?: T };

/** What a model is made of. */
export interface ModelOptions {
  /** Length of the vectors of users and items. Default 64. */
  readonly dimension?: number;
  /** Widths of the hidden layers. Default [128]; [] for a side of nothing but ids and lists of them in no order. */
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

/**
 * Fills in defaults. A pooled history is a place among the items already: a hidden layer over it has NDCG@20 .245 on
 * MovieLens 1M ("m1"), a single linear one .260.
 */
export function resolveOptions(schema: Schema, given: ModelOptions): ResolvedOptions {
  const { dimension = 64 } = given;
  const tower = (side: Side): TowerOptions => ({
    dimension,
    hidden: choice(given.hidden, side, isIdsOnly(schema[side]) ? [] : [128]),
    identity: choice(given.identity, side, "add" as const),
    crosses: choice(given.crosses, side, 0),
    layerNorm: choice(given.layerNorm, side, false),
  });
  return { dimension, towers: { user: tower("user"), item: tower("item") }, given };
}

/** Whether all that is known of a side is who it is, and what belongs to it in no order. */
export const isIdsOnly = (features: Features): boolean =>
  Object.values(features).every(
    (feature) => feature.kind === "id" || (feature.kind === "list" && !readsOrder(feature.pool)),
  );

function choice<T>(given: PerSide<T> | undefined, side: Side, otherwise: T): T {
  const perSide = typeof given === "object" && given !== null && !Array.isArray(given);
  return (perSide ? (given as { readonly user?: T; readonly item?: T })[side] : (given as T | undefined)) ?? otherwise;
}
