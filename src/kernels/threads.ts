import type { Kernels } from "./contract.ts";
import { Engine } from "./engine.ts";
import { type Exports, Queue } from "./queue.ts";
import { mayShare, startWorker, type Worker } from "./start-worker.ts";
import { MAIL, program, type ThreadStart } from "./thread.ts";
import { createEngine, sharedInstances } from "./wasm.ts";

/** An engine, and its threads to be sent home when the work is done; it works on without them. */
export interface ThreadedEngine {
  readonly engine: Engine;
  /** How many threads really compute, this one included. */
  readonly threads: number;
  stop(): void;
}

/**
 * An engine whose kernels share their work among `threads`. Where memory cannot be shared (no SharedArrayBuffer, a page
 * that is not cross-origin isolated, a policy against workers) it has one thread, and nothing else changes: rows are
 * dealt out, never sums, so that results have the same bits with any number of threads.
 *
 * With several, a kernel asked for is not yet called: it waits in a queue, and is done when memory is looked at.
 */
export async function createThreadedEngine(threads: number): Promise<ThreadedEngine> {
  const alone = (): ThreadedEngine => ({ engine: createEngine(), threads: 1, stop: () => {} });
  if (threads < 2 || !mayShare()) return alone();
  const workers: Worker[] = [];
  const stop = (): void => {
    for (const worker of workers.splice(0)) void worker.terminate();
  };
  try {
    const { exports, memory, base, modules, scratchOf } = sharedInstances(threads);
    const names = Object.keys(exports).filter((name) => typeof exports[name] === "function");
    const mail = new SharedArrayBuffer(MAIL.bytes);
    for (let thread = 1; thread < threads; thread++) {
      const start: ThreadStart = { modules, imports: memory.imports, kernels: names, scratch: scratchOf(thread), mail };
      workers.push(await startWorker(start, program));
    }
    const queue = new Queue(exports as Exports, names, mail, threads);
    const { sum, uniqueRows } = exports as unknown as Kernels;
    const kernels: Kernels = {
      ...queuedKernels(names, queue),
      // What gives a number is called at once.
      sum(x, n) {
        engine.ready(x);
        return sum(x, n);
      },
      uniqueRows(rows, count, slots, unique, uniqueCount, positions) {
        engine.ready(Math.min(unique, positions)); // row numbers and slots are not written by any kernel that waits
        return uniqueRows(rows, count, slots, unique, uniqueCount, positions);
      },
    };
    const engine: Engine = new Engine(kernels, memory, 4, base, queue);
    return {
      engine,
      threads,
      stop() {
        queue.dismiss();
        stop();
      },
    };
  } catch {
    stop();
    return alone();
  }
}

/** Below so many numbers touched, or products of them, dealing a call out is not worth it. */
const WORTH = 20_000;
const FLOPS_WORTH = 200_000;

type Call = (...args: number[]) => void;

/** The kernels, called by way of the queue; those whose rows do not depend on each other are dealt out. */
function queuedKernels(names: readonly string[], queue: Queue): Kernels {
  const whole = (name: string): [string, Call] => [name, (...args) => queue.call(name, args.map(Number))];
  /** Unit i is at sizes(…)[j] · i bytes beyond the j-th argument; argument `units` says how many there are. */
  const dealt =
    (name: keyof Kernels, units: number, worth: number, sizes: (args: readonly number[]) => number[]): Call =>
    (...given) => {
      const args = given.map(Number);
      const strides = sizes(args);
      const least = worth / (strides.pop() as number);
      if (args[units] < least) queue.call(name, args);
      else
        queue.divided(name, args[units], (from, to) =>
          args.map((arg, i) => (i === units ? to - from : arg === 0 ? 0 : arg + (strides[i] ?? 0) * from)),
        );
    };
  const product = (name: keyof Kernels): Call =>
    dealt(name, 3, FLOPS_WORTH, ([, , , , n, k]) => [4 * k, 0, 4 * n, 2 * n * k]);
  const flat = (name: keyof Kernels, units: number): Call =>
    dealt(name, units, WORTH, () => Array(units).fill(4).concat(1));
  const calls: { readonly [name in keyof Kernels]?: Call } = {
    matmulNN: product("matmulNN"),
    matmulNT: product("matmulNT"),
    matmulPacked: product("matmulPacked"),
    linear: dealt("linear", 4, FLOPS_WORTH, ([, , , , , n, k]) => [4 * k, 0, 0, 4 * n, 2 * n * k]),
    matmulTN(...given) {
      const args = given.map(Number);
      const [, , , m, n, k] = args;
      if (2 * m * n * k < FLOPS_WORTH) queue.call("matmulTN", args);
      else queue.divided("matmulTNRows", m, (from, to) => [...args, from, to]);
    },
    sampledSoftmax: dealt("sampledSoftmax", 10, WORTH, ({ 11: c }) => [4 * c, 0, 0, 4, 0, 4, c]),
    fill: dealt("fill", 2, WORTH, () => [4, 0, 1]),
    add: flat("add", 3),
    relu: flat("relu", 2),
    reluBackward: flat("reluBackward", 3),
    addRow: dealt("addRow", 3, WORTH, ({ 4: n }) => [4 * n, 0, 4 * n, n]),
    copyRows: dealt("copyRows", 4, WORTH, ([, x, , y, , width]) => [4 * x, 0, 4 * y, width]),
    gather: dealt("gather", 3, WORTH, ([, , , , d, y]) => [0, 4, 4 * y, d]),
    poolMean: dealt("poolMean", 4, WORTH, ([, , , , , d, y]) => [0, 0, 4, 4 * y, d]),
    normaliseRows: dealt("normaliseRows", 3, WORTH, ({ 4: n }) => [4 * n, 4 * n, 4, n]),
    normaliseRowsBackward: dealt("normaliseRowsBackward", 4, WORTH, ({ 5: n }) => [4 * n, 4, 4 * n, 4 * n, n]),
    adam(...args) {
      const [x, m, v, grad, rows, count, d, ...rates] = args;
      if (count * d < WORTH) queue.call("adam", args);
      else if (rows !== 0)
        queue.divided("adam", count, (i, end) => [x, m, v, grad + 4 * i * d, rows + 4 * i, end - i, d, ...rates]);
      else
        queue.divided("adam", count * d, (i, end) => [
          ...[x, m, v, grad].map((pointer) => pointer + 4 * i),
          ...[0, 1, end - i, ...rates],
        ]);
    },
  };
  return { ...Object.fromEntries(names.map(whole)), ...calls } as unknown as Kernels;
}
