import type { Feature, Features, Key, Schema } from "./declare.ts";
import type { Time } from "./declare-number.ts";

/** A row of the users' table, as the schema has it. */
export type UserRow<S extends Schema> = RowOf<S["user"]>;

/** A row of the items' table, as the schema has it. */
export type ItemRow<S extends Schema> = RowOf<S["item"]>;

/** Who chose what: the id column of the users, that of the items, and if known when and how much it counts. */
export type InteractionRow<S extends Schema> = Pretty<
  { readonly [C in IdColumn<S["user"]> | IdColumn<S["item"]>]: Key } & {
    readonly timestamp?: Time;
    /** Importance of the pair, above 0; 1 if absent. */
    readonly weight?: number;
  }
>;

/** Rows as objects, or column by column: `{ userId: Int32Array, movieId: Int32Array }`. */
export type RowsOf<Row> = Iterable<Row> | { readonly [Column in keyof Row]: ArrayLike<Row[Column]> };

/** What a model learns from. Without a table of users or items, the ids of the interactions stand in for it. */
export interface Dataset<S extends Schema> {
  readonly users?: RowsOf<UserRow<S>> | undefined;
  readonly items?: RowsOf<ItemRow<S>> | undefined;
  readonly interactions: RowsOf<InteractionRow<S>>;
  /** What users were shown and did not choose: explicit negatives, for `impressed`. */
  readonly impressions?: RowsOf<InteractionRow<S>> | undefined;
}

/** A schema with exactly one id() on each side; where there is another number of them, a type that says so. */
export type OneIdEach<S extends Schema> = { readonly user: OneId<S["user"]>; readonly item: OneId<S["item"]> };

type OneId<F extends Features> = string extends keyof F
  ? F // read at run time: checked then
  : [IdName<F>] extends [never]
    ? "this side needs an id() feature"
    : IsUnion<IdName<F>> extends true
      ? "this side has more than one id() feature"
      : F;

type RowOf<F extends Features> = Pretty<
  { readonly [K in Exclude<keyof F, OptionalName<F>> as ColumnOf<F, K>]: ValueOf<F[K]> } & {
    readonly [K in OptionalName<F> as ColumnOf<F, K>]?: ValueOf<F[K]>;
  }
>;

type ValueOf<D> = D extends Feature<infer Value, string | undefined, boolean> ? Value : never;
type ColumnOf<F extends Features, K extends keyof F> = F[K]["column"] extends string ? F[K]["column"] : K;
type OptionalName<F extends Features> = { [K in keyof F]: F[K]["optional"] extends true ? K : never }[keyof F];
type IdName<F extends Features> = { [K in keyof F]: F[K]["kind"] extends "id" ? K : never }[keyof F];
type IdColumn<F extends Features> = string extends keyof F ? string : ColumnOf<F, IdName<F>> & string;
type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;
type Pretty<T> = { [K in keyof T]: T[K] } & {};
