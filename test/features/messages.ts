import { TwoTowerError } from "../../src/errors.ts";

/** `BAD_ROW users[3].age is …`: code and message of what `run` throws. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return told(error);
  }
  throw new Error("nothing was thrown");
}

/** The same of a promise. */
export async function messageOfAsync(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => Promise.reject(new Error("nothing was thrown")), told);
}

function told(error: unknown): string {
  if (error instanceof TwoTowerError) return `${error.code} ${error.message}`;
  throw error;
}
