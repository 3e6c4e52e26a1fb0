import { idOf, SIDES, type Side } from "./check-schema.ts";
import type { IdFeature, Schema } from "./declare.ts";
import { type EncodedInteractions, encodePairs } from "./encode-interactions.ts";
import { type FeatureShape, type FittedFeature, shapeOf } from "./fitted-feature.ts";
import { FittedSide, type IdTable } from "./fitted-side.ts";
import type { Ids } from "./ids.ts";
import type { Dataset, InteractionRow, ItemRow, RowsOf, UserRow } from "./rows.ts";
import { sourceOf } from "./source.ts";
import { readTables, type SideRows } from "./tables.ts";

/** A dataset as a model learns from it. */
export interface EncodedDataset {
  readonly users: IdTable;
  readonly items: IdTable;
  readonly interactions: EncodedInteractions;
  /** Ids that only interactions mention although there is a table of users or items: all else about them is missing. */
  readonly unlisted: { readonly users: number; readonly items: number };
}

/** What fitting learnt, by side and feature. */
export type Learnt = { readonly [S in Side]: ReadonlyMap<string, FittedFeature> };

/** A schema and all that was learnt about its features: what turns rows into columns, saved with the model. */
export class FittedSchema<S extends Schema = Schema> {
  readonly schema: S;
  readonly users: FittedSide<UserRow<S>>;
  readonly items: FittedSide<ItemRow<S>>;
  /** Embedding width of ids that declare none. */
  readonly idDimension: number;

  constructor(schema: S, learnt: Learnt, idDimension: number) {
    this.schema = schema;
    this.idDimension = idDimension;
    const tables = new Map<IdFeature, string>();
    for (const side of SIDES) {
      const { name, declaration } = idOf(schema, side);
      tables.set(declaration, `${side}.${name}`);
    }
    const shapes = (side: Side): FeatureShape[] =>
      Array.from(learnt[side], ([name, fitted]) => {
        const { declaration } = fitted;
        const shared = declaration.kind === "list" ? tables.get(declaration.of) : undefined;
        return shapeOf(name, fitted, shared ?? `${side}.${name}`, idDimension);
      });
    this.users = new FittedSide(schema, "user", learnt.user, shapes("user"));
    this.items = new FittedSide(schema, "item", learnt.item, shapes("item"));
  }

  /** Encodes a whole dataset, as training does. Throws BAD_ROW, BAD_SCHEMA. */
  encode(data: Dataset<S>): EncodedDataset {
    const { users, items, interactions } = readTables(this.schema, data);
    const side = (fitted: FittedSide<never>, { ids, source }: SideRows): IdTable => ({
      ids,
      table: fitted.encodeSource(source),
    });
    return {
      users: side(this.users, users),
      items: side(this.items, items),
      interactions: encodePairs(
        interactions,
        this.#lookup("user", users.ids),
        this.#lookup("item", items.ids),
        "reject",
      ),
      unlisted: { users: users.unlisted, items: items.unlisted },
    };
  }

  /**
   * Encodes interactions with users and items of tables encoded before, as evaluation does. Pairs given twice stay
   * twice. Ids outside the tables throw UNKNOWN_ID, or with `unknown: "skip"` leave their pair out.
   */
  encodeInteractions(
    rows: RowsOf<InteractionRow<S>>,
    users: Ids,
    items: Ids,
    { unknown = "reject" }: { unknown?: "reject" | "skip" } = {},
  ): EncodedInteractions {
    const pairs = sourceOf("interactions", rows);
    return encodePairs(pairs, this.#lookup("user", users), this.#lookup("item", items), unknown);
  }

  #lookup(side: Side, ids: Ids): { column: string; ids: Ids } {
    return { column: idOf(this.schema, side).column, ids };
  }
}
