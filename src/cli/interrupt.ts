import { Interrupted } from "./failure.ts";

/**
 * Runs work that Ctrl-C stops in good order, through the signal. A second Ctrl-C ends the process at once.
 * Commands that write nothing need none of this.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  consequence = "nothing was written",
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Interrupted(`interrupted: ${consequence}`));
  process.once("SIGINT", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}

/** Waits for something that knows no signal: what comes of it after the signal is dropped. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
