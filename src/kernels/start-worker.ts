/** The part of a worker, of whichever platform, that is needed here. */
export interface Worker {
  postMessage(message: object): void;
  terminate(): unknown;
}

/** Whether threads may share memory here: pages may only if they are isolated from other origins. */
export function mayShare(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer !== "undefined" && crossOriginIsolated !== false;
}

/** Whether this thread may wait: a page's own may not. */
export function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1); // it is 0, so there is nothing to wait for
    return true;
  } catch {
    return false;
  }
}

/** How a program begins under node:worker_threads, which Node, Deno and Bun have: it says that it has what it needs. */
const NODE_START = `
const { parentPort } = process.getBuiltinModule("node:worker_threads");
parentPort.once("message", (start) => { parentPort.postMessage("ready"); live(start); });
`;

/** The same in the workers of browsers. */
const WEB_START = `
onmessage = ({ data }) => { postMessage("ready"); live(data); };
`;

/**
 * Starts a worker by its program, the text of a function `live` that is given `start`. Resolves once the worker has
 * received that; from then on it only listens to its mail.
 */
export function startWorker(start: object, program: string): Promise<Worker> {
  interface NodeWorker extends Worker {
    unref(): void;
    once(event: string, listener: (value: unknown) => void): void;
  }
  interface Threads {
    readonly Worker: new (source: string, options: { eval: true }) => NodeWorker;
  }
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Threads | undefined } };
  const node = process?.getBuiltinModule?.("node:worker_threads");
  return new Promise((resolve, reject) => {
    if (node) {
      const worker = new node.Worker(program + NODE_START, { eval: true });
      worker.once("error", reject);
      worker.once("message", () => {
        worker.unref(); // it must not keep the process alive
        resolve(worker);
      });
      worker.postMessage(start);
      return;
    }
    const url = URL.createObjectURL(new Blob([program, WEB_START], { type: "text/javascript" }));
    const worker = new globalThis.Worker(url);
    worker.onerror = reject;
    worker.onmessage = () => {
      URL.revokeObjectURL(url);
      resolve(worker);
    };
    worker.postMessage(start);
  });
}
