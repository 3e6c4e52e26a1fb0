/** One feature of every row of a table, encoded once before training; a batch is row numbers into it. */
export type Column =
  /** One embedding row each: ids, categories, binned numbers. */
  | { readonly kind: "index"; readonly rows: Int32Array }
  /** Several embedding rows each, pooled: tags, lists. Row i owns rows[offsets[i] … offsets[i+1]). */
  | { readonly kind: "bag"; readonly offsets: Int32Array; readonly rows: Int32Array }
  /** `width` floats each, row-major: scaled numbers. */
  | { readonly kind: "number"; readonly width: number; readonly values: Float32Array };

/** Users or items, encoded: what a tower reads. */
export interface Table {
  readonly count: number;
  /** Column of each feature, by the feature's name, in the order of the schema. */
  readonly columns: { readonly [feature: string]: Column };
}

/** Embedding row 0 of every vocabulary: a value never seen while fitting. */
export const UNKNOWN = 0;
/** Embedding row 1 of every vocabulary: no value given. */
export const MISSING = 1;
/** Values seen while fitting have the rows from here on. */
export const FIRST_KNOWN = 2;
