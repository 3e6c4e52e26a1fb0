import type { Kernels } from "./contract.ts";
import { Engine } from "./engine.ts";
import { mayShare, maySleep, startWorker, type Worker } from "./start-worker.ts";
import { MAIL, nodeProgram, type ThreadStart, webProgram } from "./thread.ts";
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
    const mails: SharedArrayBuffer[] = [];
    for (let thread = 1; thread < threads; thread++) {
      const mail = new SharedArrayBuffer(MAIL.bytes);
      mails.push(mail);
      const start: ThreadStart = { modules, imports: memory.imports, kernels: names, scratch: scratchOf(thread), mail };
      workers.push(await startWorker(start, nodeProgram, webProgram));
    }
    const kernels = exports as unknown as Kernels;
    const pool = new Pool(exports as unknown as Exports, names, mails);
    const engine = new Engine({ ...kernels, ...sharedKernels(kernels, pool) }, memory, 4, base);
    return {
      engine,
      threads,
      stop() {
        pool.dismiss();
        stop();
      },
    };
  } catch {
    stop();
    return alone();
  }
}

type Exports = Readonly<Record<string, (...args: number[]) => void>>;
/** The arguments of a kernel for units from … to of its work. */
type Part = (from: number, to: number) => number[];

/** Deals out calls of kernels, and does a share itself. */
class Pool {
  readonly #exports: Exports;
  readonly #indices: ReadonlyMap<string, number>;
  readonly #maySleep: boolean;
  #threads: readonly { readonly words: Int32Array; readonly numbers: Float64Array }[];

  constructor(exports: Exports, names: readonly string[], mails: readonly SharedArrayBuffer[]) {
    this.#exports = exports;
    this.#indices = new Map(names.map((name, i) => [name, i]));
    this.#maySleep = maySleep();
    this.#threads = mails.map((mail) => ({ words: new Int32Array(mail), numbers: new Float64Array(mail) }));
  }

  /** Calls a kernel on all units; each thread takes a run of them, in multiples of 8 (two groups of rows of a matmul). */
  run(kernel: string, units: number, part: Part): void {
    const threads = this.#threads;
    const share = Math.ceil(units / (threads.length + 1) / 8) * 8;
    let from = share; // the first share is this thread's
    let posted = 0;
    for (; posted < threads.length && from < units; posted++, from += share)
      this.#post(posted, kernel, part(from, Math.min(units, from + share)));
    this.#exports[kernel](...part(0, Math.min(units, share)));
    // The shares are equal, so it will not be long; unless the machine is busy with something else.
    for (let i = 0; i < posted; i++) {
      const { words } = threads[i];
      const task = words[MAIL.posted];
      for (let spins = 0; Atomics.load(words, MAIL.done) !== task; spins++)
        if (spins > SPINS && this.#maySleep) Atomics.wait(words, MAIL.done, (task - 1) | 0);
      if (words[MAIL.failed] === 1) throw new WebAssembly.RuntimeError(`a thread failed in ${kernel}`);
    }
  }

  /** From now on everything is done here. */
  dismiss(): void {
    this.#threads = [];
  }

  #post(thread: number, kernel: string, args: readonly number[]): void {
    const { words, numbers } = this.#threads[thread];
    words[MAIL.kernel] = this.#indices.get(kernel) as number;
    words[MAIL.count] = args.length;
    for (let i = 0; i < args.length; i++) numbers[MAIL.arguments + i] = args[i];
    Atomics.add(words, MAIL.posted, 1);
    Atomics.notify(words, MAIL.posted);
  }
}

/** So often the pool looks for an answer before it sleeps: about 50 µs. */
const SPINS = 20_000;

/** Below so many numbers touched or flops a call costs less than dealing it out: about 2 µs. */
const WORTH = 20_000;
const FLOPS_WORTH = 200_000;

/** The kernels whose rows do not depend on each other, dealt out. */
function sharedKernels(alone: Kernels, pool: Pool): Partial<Kernels> {
  const flat =
    (kernel: keyof Kernels, part: (args: number[], from: number, count: number) => number[], sizeAt: number) =>
    (...args: number[]): void => {
      const size = args[sizeAt];
      if (size < WORTH) (alone[kernel] as (...all: number[]) => void)(...args);
      else pool.run(kernel, size, (from, to) => part(args, from, to - from));
    };
  const product =
    (kernel: "matmulNN" | "matmulNT" | "matmulPacked") =>
    (a: number, b: number, c: number, m: number, n: number, k: number, accumulate: boolean): void => {
      if (2 * m * n * k < FLOPS_WORTH) alone[kernel](a, b, c, m, n, k, accumulate);
      else pool.run(kernel, m, (i, end) => [a + 4 * i * k, b, c + 4 * i * n, end - i, n, k, Number(accumulate)]);
    };
  return {
    matmulNN: product("matmulNN"),
    matmulNT: product("matmulNT"),
    matmulPacked: product("matmulPacked"),
    matmulTN(a, b, c, m, n, k, accumulate) {
      if (2 * m * n * k < FLOPS_WORTH) alone.matmulTN(a, b, c, m, n, k, accumulate);
      else pool.run("matmulTNRows", m, (i, end) => [a, b, c, m, n, k, Number(accumulate), i, end]);
    },
    linear(a, b, bias, y, m, n, k, rectify) {
      if (2 * m * n * k < FLOPS_WORTH) alone.linear(a, b, bias, y, m, n, k, rectify);
      else
        pool.run("linear", m, (i, end) => {
          return [a + 4 * i * k, b, bias, y + 4 * i * n, end - i, n, k, Number(rectify)];
        });
    },
    sampledSoftmax: (x, scale, bias, maskOffsets, maskColumns, offsets, positives, own, weights, loss, m, c) =>
      pool.run("sampledSoftmax", m, (i, end) => {
        const masks = maskOffsets === 0 ? 0 : maskOffsets + 4 * i;
        const rows = [offsets + 4 * i, positives, own, weights, loss, end - i, c];
        return [x + 4 * i * c, scale, bias, masks, maskColumns, ...rows];
      }),
    relu: flat("relu", ([x, y], i, n) => [x + 4 * i, y + 4 * i, n], 2),
    reluBackward: flat("reluBackward", ([y, dy, dx], i, n) => [y + 4 * i, dy + 4 * i, dx + 4 * i, n], 3),
    addRow(x, row, y, m, n) {
      if (m * n < WORTH) alone.addRow(x, row, y, m, n);
      else pool.run("addRow", m, (i, end) => [x + 4 * i * n, row, y + 4 * i * n, end - i, n]);
    },
    copyRows(x, xStride, y, yStride, m, width) {
      if (m * width < WORTH) alone.copyRows(x, xStride, y, yStride, m, width);
      else
        pool.run("copyRows", m, (i, end) => [
          x + 4 * i * xStride,
          xStride,
          y + 4 * i * yStride,
          yStride,
          end - i,
          width,
        ]);
    },
    gather(table, rows, y, count, d, yStride) {
      if (count * d < WORTH) alone.gather(table, rows, y, count, d, yStride);
      else pool.run("gather", count, (i, end) => [table, rows + 4 * i, y + 4 * i * yStride, end - i, d, yStride]);
    },
    poolMean(table, rows, offsets, y, b, d, yStride) {
      if (b * d < WORTH) alone.poolMean(table, rows, offsets, y, b, d, yStride);
      else
        pool.run("poolMean", b, (i, end) => {
          return [table, rows, offsets + 4 * i, y + 4 * i * yStride, end - i, d, yStride];
        });
    },
    normaliseRows(x, y, norms, m, n) {
      if (m * n < WORTH) alone.normaliseRows(x, y, norms, m, n);
      else pool.run("normaliseRows", m, (i, end) => [x + 4 * i * n, y + 4 * i * n, norms + 4 * i, end - i, n]);
    },
    normaliseRowsBackward(y, norms, dy, dx, m, n) {
      if (m * n < WORTH) alone.normaliseRowsBackward(y, norms, dy, dx, m, n);
      else
        pool.run("normaliseRowsBackward", m, (i, end) => {
          const at = 4 * i * n;
          return [y + at, norms + 4 * i, dy + at, dx + at, end - i, n];
        });
    },
    adam(x, m, v, grad, rows, count, d, ...rates) {
      if (count * d < WORTH) alone.adam(x, m, v, grad, rows, count, d, ...rates);
      else if (rows === 0)
        pool.run("adam", count * d, (i, end) => {
          const at = 4 * i;
          return [x + at, m + at, v + at, grad + at, 0, 1, end - i, ...rates];
        });
      else pool.run("adam", count, (i, end) => [x, m, v, grad + 4 * i * d, rows + 4 * i, end - i, d, ...rates]);
    },
  };
}
