import type { IdFeature, Schema } from "./declare.ts";
import { type FeatureShape, type FittedFeature, shapeOf } from "./fitted-feature.ts";
import { FittedSide } from "./fitted-side.ts";
import type { ItemRow, UserRow } from "./rows.ts";
import { idOf, SIDES, type Side } from "./sides.ts";

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
}
