import type { AgeFeature, NumberFeature, TimestampFeature } from "./declare-number.ts";
import { checkPool, type Pool, readsOrder } from "./declare-pool.ts";
import { badOption, checkKeys, patternOf, show, someText, wholeNumber, yesOrNo } from "./options.ts";

/** What names a user, an item or a category. Names compare as text: 1, 1n and "1" are the same one. */
export type Key = string | number | bigint;

/** Where a row has nothing to say. */
export type Missing = null | undefined;

/** What every declaration has. `Value` is what a cell of a row may hold: it exists in types only. */
export interface Feature<Value, Column extends string | undefined, Optional extends boolean> {
  /** Column of the rows that holds the feature; undefined if it is called like the feature. */
  readonly column: Column;
  /** Whether rows may lack the column altogether. A cell of any feature but an id may be null in any case. */
  readonly optional: Optional;
  readonly "~value"?: Value;
}

/** How the values of a feature get embedding rows. */
interface Embedded {
  /** Width of the embedding; undefined: the rule of `defaultDimension`, or for ids the model's own dimension. */
  readonly dimension: number | undefined;
  /** Values seen less often share the row of the unknown. */
  readonly minCount: number;
  /** At most so many values get a row of their own, the most frequent ones. */
  readonly maxSize: number | undefined;
}

export interface IdFeature<C extends string | undefined = string | undefined> extends Feature<Key, C, false>, Embedded {
  readonly kind: "id";
}

export interface CategoryFeature<C extends string | undefined = string | undefined, O extends boolean = boolean>
  extends Feature<Key | boolean | Missing, C, O>,
    Embedded {
  readonly kind: "category";
  readonly pattern: RegExp | undefined;
}

export interface TagsFeature<C extends string | undefined = string | undefined, O extends boolean = boolean>
  extends Feature<readonly Key[] | string | Missing, C, O>,
    Embedded {
  readonly kind: "tags";
  readonly separator: string;
}

export interface ListFeature<C extends string | undefined = string | undefined>
  extends Feature<readonly Key[] | string | Missing, C, true> {
  readonly kind: "list";
  /** The ids listed; the list reads the embedding table of this very declaration. */
  readonly of: IdFeature;
  readonly max: number;
  readonly separator: string;
  readonly pool: Pool;
  readonly causal: boolean;
}

export type Declaration =
  | IdFeature
  | CategoryFeature
  | TagsFeature
  | ListFeature
  | NumberFeature
  | TimestampFeature
  | AgeFeature;

/** The features of one side, by name. Exactly one is an id. */
export type Features = { readonly [feature: string]: Declaration };

/** What users and items look like. */
export interface Schema {
  readonly user: Features;
  readonly item: Features;
}

export interface IdOptions<C extends string | undefined = string | undefined> {
  /** Column of the rows, if it is not called like the feature. */
  readonly column?: C;
  /** Width of the embedding; the model's own dimension if absent. */
  readonly dimension?: number | undefined;
  /** Ids with fewer interactions share the row of the unknown; 1 if absent. */
  readonly minCount?: number | undefined;
  /** At most so many ids get a row of their own, the most frequent ones. */
  readonly maxSize?: number | undefined;
}

export interface CategoryOptions<C extends string | undefined = string | undefined, O extends boolean = boolean>
  extends IdOptions<C> {
  readonly optional?: O;
  /** Takes the value out of a text: the first group. Text that does not match counts as missing. */
  readonly pattern?: RegExp | string | undefined;
}

export interface TagsOptions<C extends string | undefined = string | undefined, O extends boolean = boolean>
  extends IdOptions<C> {
  readonly optional?: O;
  /** Splits a cell that is text; "|" if absent. */
  readonly separator?: string | undefined;
}

export interface ListOptions<C extends string | undefined = string | undefined> {
  readonly column?: C;
  /** So many of the last entries count; 50 if absent. */
  readonly max?: number | undefined;
  /** Splits a cell that is text; "|" if absent. */
  readonly separator?: string | undefined;
  /** How the embeddings become one vector: "mean" if absent, "root", or by their order with attention() or transformer(). */
  readonly pool?: Pool | undefined;
  /**
   * What an interaction is shown of its user's history in training, where times are known: only what came before it (true,
   * if absent: what comes next?), or everything else the user chose (false: what goes with it?).
   */
  readonly causal?: boolean | undefined;
}

/** The id of a user or item. Each side has exactly one. Throws BAD_SCHEMA on a bad option, as all declarations do. */
export function id<const C extends string | undefined = undefined>(options: IdOptions<C> = {}): IdFeature<C> {
  checkKeys("id", options, ["column", "dimension", "minCount", "maxSize"]);
  return Object.freeze({
    kind: "id",
    column: columnOf("id", options),
    optional: false,
    ...embedded("id", options),
  } as const);
}

/** One of a set of values: country, language, gender. */
export function category<const C extends string | undefined = undefined, const O extends boolean = false>(
  options: CategoryOptions<C, O> = {},
): CategoryFeature<C, O> {
  checkKeys("category", options, ["column", "dimension", "minCount", "maxSize", "optional", "pattern"]);
  return Object.freeze({
    kind: "category",
    column: columnOf("category", options),
    optional: yesOrNo("category", "optional", options.optional) as O,
    ...embedded("category", options),
    pattern: patternOf("category", options.pattern),
  } as const);
}

/** Any number of values, in no order: genres, keywords. Their embeddings are averaged. A text is split: "Comedy|Drama". */
export function tags<const C extends string | undefined = undefined, const O extends boolean = false>(
  options: TagsOptions<C, O> = {},
): TagsFeature<C, O> {
  checkKeys("tags", options, ["column", "dimension", "minCount", "maxSize", "optional", "separator"]);
  return Object.freeze({
    kind: "tags",
    column: columnOf("tags", options),
    optional: yesOrNo("tags", "optional", options.optional) as O,
    ...embedded("tags", options),
    separator: someText("tags", "separator", options.separator) ?? "|",
  } as const);
}

/**
 * The items a user chose before, oldest first. Their embeddings are averaged or pooled in another way, and are those
 * of the id feature `of`: pass the very object that the item side declares.
 */
export function list<const C extends string | undefined = undefined>(
  of: IdFeature,
  options: ListOptions<C> = {},
): ListFeature<C> {
  if (typeof of !== "object" || of?.kind !== "id")
    throw badOption("list", `the first argument must be the id() of the items listed, not ${show(of)}`);
  checkKeys("list", options, ["column", "max", "separator", "pool", "causal"]);
  const pool = checkPool("list", options.pool);
  const causal = yesOrNo("list", "causal", options.causal ?? true);
  if (!causal && readsOrder(pool))
    throw badOption("list", "attention() and transformer() read what came before: causal must be true");
  return Object.freeze({
    kind: "list",
    column: columnOf("list", options),
    optional: true,
    of,
    max: wholeNumber("list", "max", options.max, 1) ?? 50,
    separator: someText("list", "separator", options.separator) ?? "|",
    pool,
    causal,
  } as const);
}

function columnOf<C extends string | undefined>(maker: string, options: { readonly column?: C }): C {
  return someText(maker, "column", options.column as C); // C is undefined where no column is given
}

function embedded(maker: string, options: IdOptions): Embedded {
  return {
    dimension: wholeNumber(maker, "dimension", options.dimension, 1),
    minCount: wholeNumber(maker, "minCount", options.minCount, 1) ?? 1,
    maxSize: wholeNumber(maker, "maxSize", options.maxSize, 1),
  };
}
