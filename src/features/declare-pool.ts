import { badOption, checkKeys, show, wholeNumber } from "./options.ts";

/** How the embeddings of a list become one vector. */
export type Pool = UnorderedPool | SequencePool;

/**
 * Without regard to their order: their mean, or their sum over the root of how many there are ("root"), so that a long
 * history says more than a short one beside the user's own id.
 */
export type UnorderedPool = "mean" | "root";

/** By layers of attention to the order of the list; made by `attention` or `transformer`. */
export interface SequencePool {
  readonly layers: number;
  readonly heads: number;
  /** Hidden width of the feed-forward part of each layer, in widths of the embedding; 0: only attention. */
  readonly feedForward: number;
}

/** One layer of attention: each choice counts by what it is and by how long ago it was. */
export function attention(options: { readonly heads?: number } = {}): SequencePool {
  checkKeys("attention", options, ["heads"]);
  return poolOf("attention", { layers: 1, heads: options.heads ?? 2, feedForward: 0 });
}

/** Layers of attention and feed-forward networks in turn (SASRec, Kang and McAuley 2018): for orders that matter. */
export function transformer(
  options: { readonly layers?: number; readonly heads?: number; readonly feedForward?: number } = {},
): SequencePool {
  checkKeys("transformer", options, ["layers", "heads", "feedForward"]);
  const { layers = 2, heads = 2, feedForward = 2 } = options;
  return poolOf("transformer", { layers, heads, feedForward });
}

/** A pool as it came from a declaration or from JSON. */
export function checkPool(maker: string, pool: unknown): Pool {
  if (pool === undefined || pool === "mean") return "mean";
  if (pool === "root") return pool;
  if (typeof pool !== "object" || pool === null)
    throw badOption(maker, `pool must be "mean", "root", attention() or transformer(), not ${show(pool)}`);
  checkKeys(`${maker}: pool`, pool, ["layers", "heads", "feedForward"]);
  return poolOf(maker, pool as SequencePool);
}

/** Whether a pool minds the order of the list. */
export const readsOrder = (pool: Pool): pool is SequencePool => typeof pool === "object";

function poolOf(maker: string, { layers, heads, feedForward }: SequencePool): SequencePool {
  return Object.freeze({
    layers: wholeNumber(maker, "layers", layers, 1) ?? 1,
    heads: wholeNumber(maker, "heads", heads, 1) ?? 1,
    feedForward: wholeNumber(maker, "feedForward", feedForward, 0) ?? 0,
  });
}
