/** What the pool and a thread of it share: a few words, then the arguments of a kernel. */
export const MAIL = {
  /** Number of the last task given; the thread waits for it to change. */
  posted: 0,
  /** Number of the last task done. */
  done: 1,
  /** Which kernel, and with how many arguments. */
  kernel: 2,
  count: 3,
  /** 1 once a kernel has trapped. */
  failed: 4,
  /** The first argument, as float64, in units of 8 bytes. */
  arguments: 4,
  bytes: 256,
} as const;

/** What a thread is started with. */
export interface ThreadStart {
  /** WebAssembly modules, to be instantiated on the same memory. */
  readonly modules: readonly object[];
  readonly imports: object;
  readonly kernels: readonly string[];
  /** Where its packing buffers are. */
  readonly scratch: number;
  readonly mail: SharedArrayBuffer;
}

/**
 * The whole program of a thread, as text: no file to find, whatever bundles this. It instantiates the modules and then
 * only listens to its mail: for a tenth of a millisecond it spins, because the kernels of a step follow one another
 * closely and spinning answers in a fraction of a microsecond; then it sleeps.
 */
const program = `
function live({ modules, imports, kernels: names, scratch, mail }) {
  const exports = {};
  for (const module of modules) Object.assign(exports, new WebAssembly.Instance(module, imports).exports);
  exports.setScratch(scratch);
  const kernels = names.map((name) => exports[name]);
  const words = new Int32Array(mail), numbers = new Float64Array(mail);
  for (let task = 0; ; ) {
    for (let spins = 0; Atomics.load(words, ${MAIL.posted}) === task; spins++)
      if (spins > 50000) Atomics.wait(words, ${MAIL.posted}, task);
    task = Atomics.load(words, ${MAIL.posted});
    try {
      kernels[words[${MAIL.kernel}]](...numbers.subarray(${MAIL.arguments}, ${MAIL.arguments} + words[${MAIL.count}]));
    } catch {
      words[${MAIL.failed}] = 1;
    }
    Atomics.store(words, ${MAIL.done}, task);
    Atomics.notify(words, ${MAIL.done});
  }
}
`;

/** For node:worker_threads, which Node, Deno and Bun have. */
export const nodeProgram: string = `${program}
const { parentPort } = process.getBuiltinModule("node:worker_threads");
parentPort.once("message", (start) => { parentPort.postMessage("ready"); live(start); });
`;

/** For the workers of browsers. */
export const webProgram: string = `${program}
onmessage = ({ data }) => { postMessage("ready"); live(data); };
`;
