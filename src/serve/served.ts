import type { Schema } from "../features/declare.ts";
import type { RecallOptions, Recommendation } from "../recall/recaller.ts";

/** What can be served: a `Recaller`, or one whose index is elsewhere and answers later. */
export interface ServedRecaller {
  /** The model. */
  readonly encoder: {
    readonly schema: Schema;
    /** A user's vector. */
    encode(user: never): { readonly vector: Float32Array };
  };
  /** The index, where it is in this process: then /health says how many items there are. */
  readonly index?: { readonly size: number };
  /** The k best items for a user. */
  recall(user: never, k: number, options: RecallOptions): Recommendation[] | Promise<Recommendation[]>;
  /** The k items nearest to an item. */
  similar(item: string, k: number, options: RecallOptions): Recommendation[] | Promise<Recommendation[]>;
  /** Adds items, or replaces those already there. */
  add(items: Iterable<never>): void | Promise<void>;
  /** Takes an item out. */
  remove(item: string): void | Promise<void>;
}
