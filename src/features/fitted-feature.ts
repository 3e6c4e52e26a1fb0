import type { Cells } from "./cells.ts";
import { type Column, FIRST_KNOWN } from "./columns.ts";
import type { Declaration } from "./declare.ts";
import { readsOrder, type SequencePool } from "./declare-pool.ts";
import { encodeNames, type NamesDeclaration } from "./names.ts";
import { encodeNumbers, type NumberEncoding, type NumbersDeclaration } from "./numbers.ts";
import { widthOf } from "./scaling.ts";
import { defaultDimension, type Vocabulary } from "./vocabulary.ts";

/** A declaration and what fitting learnt about it: all that a column needs besides its cells. */
export type FittedFeature =
  | { readonly declaration: NamesDeclaration; readonly vocabulary: Vocabulary }
  | { readonly declaration: NumbersDeclaration; readonly encoding: NumberEncoding };

/** How a list is read in order. */
export interface SequenceShape {
  readonly pool: SequencePool;
  /** So many entries at most. */
  readonly max: number;
}

/** What a tower must know of a feature to read its column. */
export type FeatureShape =
  | {
      readonly feature: string;
      readonly kind: Declaration["kind"];
      /** One embedding row for each row of the table, or several that are pooled. */
      readonly reads: "index" | "bag";
      /** Name of the embedding table: "item.movieId". Features that name the same one share it. */
      readonly table: string;
      /** Rows of the embedding table: the vocabulary, with the rows for unknown and missing values. */
      readonly rows: number;
      readonly dimension: number;
      /** Of lists that their order tells something: by what, and how many entries count. */
      readonly sequence?: SequenceShape | undefined;
      /** Of lists: whether the sum is divided by the root of their length instead of their length. */
      readonly byRoot?: true | undefined;
    }
  | {
      readonly feature: string;
      readonly kind: Declaration["kind"];
      /** `width` numbers for each row of the table. */
      readonly reads: "number";
      readonly width: number;
    };

/** The column of a feature. Throws BAD_ROW on a cell it cannot read. */
export function encodeFeature(fitted: FittedFeature, cells: Cells): Column {
  return "vocabulary" in fitted
    ? encodeNames(fitted.declaration, fitted.vocabulary, cells)
    : encodeNumbers(fitted.declaration, fitted.encoding, cells);
}

/** `table` is the name of the embedding table, should the feature need one; `idDimension` the width of ids that declare none. */
export function shapeOf(feature: string, fitted: FittedFeature, table: string, idDimension: number): FeatureShape {
  if ("vocabulary" in fitted) {
    const { declaration, vocabulary } = fitted;
    const { kind } = declaration;
    const rows = vocabulary.size;
    const reads = kind === "tags" || kind === "list" ? "bag" : "index";
    if (kind === "list" || kind === "id") {
      const { dimension } = kind === "list" ? declaration.of : declaration;
      const pool = kind === "list" ? declaration.pool : "mean";
      const sequence = kind === "list" && readsOrder(pool) ? { pool, max: declaration.max } : undefined;
      const byRoot = pool === "root" || undefined;
      return { feature, kind, reads, table, rows, dimension: dimension ?? idDimension, sequence, byRoot };
    }
    return {
      feature,
      kind,
      reads,
      table,
      rows,
      dimension: declaration.dimension ?? defaultDimension(rows - FIRST_KNOWN),
    };
  }
  const { declaration, encoding } = fitted;
  const { kind } = declaration;
  if (encoding.scale !== "bins") return { feature, kind, reads: "number", width: widthOf(encoding) };
  const bins = encoding.edges.length + 1;
  const dimension = declaration.dimension ?? defaultDimension(bins);
  return { feature, kind, reads: "index", table, rows: FIRST_KNOWN + bins, dimension };
}
