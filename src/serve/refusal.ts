import { type ErrorCode, TwoTowerError } from "../errors.ts";

/** What a client gets to know of a failure; `code` is as stable as the library's own. */
export type FailureCode =
  | ErrorCode
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "INTERNAL";

/** An answer that is no success: what the request did wrong, and how to mend it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: FailureCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: FailureCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, "BAD_ARGUMENT", message);

/** Codes of the library that mean the request was wrong. With any other, something is wrong here. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  BAD_ARGUMENT: 400,
  BAD_ROW: 400,
  BAD_SCHEMA: 400,
  UNKNOWN_ID: 404,
};

/** A failure as the client sees it. What went wrong here is nobody's business outside: that is for `onError`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const status = error instanceof TwoTowerError ? STATUS[error.code] : undefined;
  if (status === undefined) return new Refusal(500, "INTERNAL", "something went wrong here; its log says what");
  const { code, message } = error as TwoTowerError;
  return new Refusal(status, code, inRequest(message));
}

/** Rows are called what the request calls them. */
const inRequest = (message: string): string => message.replace(/^users\[0\]\.?/, "user.").replace(/^users: /, "user: ");
