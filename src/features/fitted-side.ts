import type { Column, Table } from "./columns.ts";
import type { Schema } from "./declare.ts";
import { encodeFeature, type FeatureShape, type FittedFeature } from "./fitted-feature.ts";
import type { Ids } from "./ids.ts";
import type { RowsOf } from "./rows.ts";
import { type IdOfSide, idOf, type Side } from "./sides.ts";
import { cellsFor, type Source, sourceOf } from "./source.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Users or items, encoded, and whose row is whose. */
export interface IdTable {
  /** Row r of the table belongs to `ids.idOf(r)`. The embedding row of an id is another thing: see `embeddingRows`. */
  readonly ids: Ids;
  readonly table: Table;
}

/** One side of a fitted schema: makes columns of rows. `Row` is what a row of the side looks like. */
export class FittedSide<Row> {
  readonly side: Side;
  /** What the tower reads, in the order of the schema. */
  readonly features: readonly FeatureShape[];
  /** The id feature. */
  readonly id: IdOfSide;
  /** Declarations and what was learnt about them, by the feature's name. */
  readonly fitted: ReadonlyMap<string, FittedFeature>;

  constructor(
    schema: Schema,
    side: Side,
    fitted: ReadonlyMap<string, FittedFeature>,
    features: readonly FeatureShape[],
  ) {
    this.side = side;
    this.id = idOf(schema, side);
    this.fitted = fitted;
    this.features = features;
  }

  /** Columns of any rows, for serving. Ids never seen read the row of the unknown. Throws BAD_ROW, BAD_SCHEMA. */
  encodeRows(rows: RowsOf<Row>): Table {
    return this.encodeSource(sourceOf(this.side === "user" ? "users" : "items", rows));
  }

  /** Columns of rows already read. */
  encodeSource(source: Source): Table {
    const columns = new Map<string, Column>();
    for (const [name, fitted] of this.fitted)
      columns.set(name, encodeFeature(fitted, cellsFor(source, name, fitted.declaration)));
    return { count: source.count, columns: Object.fromEntries(columns) };
  }

  /** The embedding row of the id in each row of a table: what a history of these rows reads. */
  embeddingRows(ids: Ids): Int32Array {
    const vocabulary = this.vocabulary;
    return Int32Array.from({ length: ids.size }, (_, row) => vocabulary.rowOf(ids.idOf(row)));
  }

  /** The ids that have an embedding row of their own. */
  get vocabulary(): Vocabulary {
    const id = this.fitted.get(this.id.name);
    if (!id || !("vocabulary" in id)) throw new TypeError("an id feature always has a vocabulary");
    return id.vocabulary;
  }
}
