/**
 * What the threads of a pool share: a few counters, calls of kernels, and parts. A part is a run of calls that one thread
 * makes in order; parts are taken in the order in which they were posted.
 */
export const MAIL = {
  /** Parts taken, posted and done so far; they wrap around. */
  taken: 0,
  posted: 1,
  done: 2,
  /** 1 once a kernel has trapped. */
  failed: 3,
  /** Threads that sleep, or are about to. */
  sleepers: 4,
  /** A ring of parts, two words each: the first call, and how many parts must be done before this one may begin. */
  parts: 16,
  maxParts: 2048,
  /** 16 float64 a call: the kernel (of the last of its part ~kernel), how many arguments, these. */
  calls: 2056,
  callSize: 16,
  maxCalls: 2048,
  bytes: 278_592, // 8 · (2056 + 16 · 2048)
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

const { taken, posted, done, failed, sleepers, parts, maxParts, calls, callSize } = MAIL;

/**
 * The whole program of a thread, as text: no file to find, whatever bundles this. Its loop does what `Queue.#take` does,
 * and the two must stay alike. It instantiates the modules and from then on takes parts. Where there are none it spins for
 * a tenth of a millisecond, because the kernels of a step follow one another closely and spinning answers in a fraction
 * of a microsecond; then it sleeps.
 */
export const program: string = `
function live({ modules, imports, kernels: names, scratch, mail }) {
  const exports = {};
  for (const module of modules) Object.assign(exports, new WebAssembly.Instance(module, imports).exports);
  exports.setScratch(scratch);
  const kernels = names.map((name) => exports[name]);
  const words = new Int32Array(mail), numbers = new Float64Array(mail);
  const patience = (index, value, spins) => {
    if (spins < 50000) return spins + 1;
    Atomics.add(words, ${sleepers}, 1);
    Atomics.wait(words, index, value);
    Atomics.sub(words, ${sleepers}, 1);
    return 0;
  };
  for (let spins = 0; ; ) {
    const part = Atomics.load(words, ${taken}), end = Atomics.load(words, ${posted});
    if (part === end) spins = patience(${posted}, end, spins);
    else if (Atomics.compareExchange(words, ${taken}, part, (part + 1) | 0) === part) {
      spins = 0;
      const at = ${parts} + 2 * (part & ${maxParts - 1});
      for (let now; (((now = Atomics.load(words, ${done})) - words[at + 1]) | 0) < 0; ) spins = patience(${done}, now, spins);
      try {
        for (let call = words[at], more = 1; more; call++) {
          const from = ${calls} + ${callSize} * call;
          const kernel = numbers[from];
          more = kernel >= 0;
          kernels[more ? kernel : ~kernel](...numbers.subarray(from + 2, from + 2 + numbers[from + 1]));
        }
      } catch {
        words[${failed}] = 1;
      }
      spins = 0;
      Atomics.add(words, ${done}, 1);
      if (Atomics.load(words, ${sleepers}) > 0) Atomics.notify(words, ${done});
    }
  }
}
`;
