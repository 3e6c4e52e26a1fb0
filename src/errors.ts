/** What went wrong, as a stable word that programs can switch on. */
export type ErrorCode =
  | "BAD_ARGUMENT" // a value passed to a function is not one it accepts
  | "BAD_SCHEMA" // a declaration of features is wrong, or does not fit the rows
  | "BAD_ROW" // one row of the data is wrong: which, and in what column
  | "BAD_FILE" // a file is missing, empty, truncated, or not in the format it claims
  | "CORRUPT" // a saved model or index fails its checksum or contradicts itself
  | "UNKNOWN_ID" // a user or item that was never seen
  | "SHAPE_MISMATCH" // tensors do not fit together
  | "DIVERGED" // training produced a non-finite loss
  | "UNSUPPORTED" // the platform lacks something, or forbids it
  | "OUT_OF_MEMORY"; // linear memory is exhausted

/**
 * The one error this library throws on purpose. The message says what was wrong, where,
 * what was expected and how to mend it; `code` stays the same from version to version.
 */
export class TwoTowerError extends Error {
  override readonly name = "TwoTowerError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
