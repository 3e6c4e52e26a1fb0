import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { searchData } from "./search-data.ts";
import { build } from "./search-measure.ts";

/**
 * Items/s of plain indexes that so many threads build side by side, each its own from its own copy of the data: as much as
 * this machine gives to threads that share nothing and wait for nobody.
 */
export async function sideBySide(n: number, threads: number): Promise<number> {
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url)));
  const all = (message: number): Promise<unknown[]> =>
    Promise.all(
      workers.map((worker) => {
        worker.postMessage(message);
        return new Promise((resolve, reject) => {
          worker.once("message", resolve);
          worker.once("error", reject);
        });
      }),
    );
  await all(0);
  const start = performance.now();
  await all(n);
  const seconds = (performance.now() - start) / 1000;
  for (const worker of workers) void worker.terminate();
  return (threads * n) / seconds;
}

// The worker's part: reads data once, then builds for every message.
if (!isMainThread) {
  const data = searchData(100_000);
  parentPort?.on("message", (n: number) => {
    if (n > 0) build(data);
    parentPort?.postMessage(n);
  });
}
