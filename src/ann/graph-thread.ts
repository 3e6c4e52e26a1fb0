/** What a team and its threads share: a few words, then the arguments of a kernel. */
export const BOARD = {
  /** Number of the last task; threads wait for it to change. */
  posted: 0,
  /** How many blocks of it are done. */
  done: 1,
  /** The task's number, 16 bits, and its next block that nobody has taken. Whoever comes late to a task sees another number. */
  next: 2,
  /** How many units there are, and in a block. */
  units: 3,
  block: 4,
  kernel: 5,
  /** How many arguments. */
  count: 6,
  /** 1 once a kernel has trapped. */
  failed: 7,
  /** The first argument, as float64, in units of 8 bytes. */
  arguments: 4,
  bytes: 256,
} as const;

/** The kernels of assembly/hnsw/rounds.ts that are shared out, by number. */
export const SHARED_KERNELS = ["hnswStore", "hnswPropose", "hnswWeigh", "hnswApply", "hnswSearchMany"] as const;
export type SharedKernel = (typeof SHARED_KERNELS)[number];

/** What a thread is started with. */
export interface GraphThreadStart {
  readonly module: object;
  readonly imports: object;
  /** The Graph struct with the scratch memory of this thread. */
  readonly graph: number;
  readonly board: SharedArrayBuffer;
}

/** The first unit of the next block of a task, or a number past the last if there is none or the task is over. */
export function take(words: Int32Array, task: number, units: number, block: number): number {
  for (;;) {
    const next = Atomics.load(words, 2); // BOARD.next: the text of this function is part of the program of a thread
    const from = (next & 0xffff) * block;
    if (next >>> 16 !== (task & 0xffff) || from >= units) return units;
    if (Atomics.compareExchange(words, 2, next, next + 1) === next) return from;
  }
}

/** The program of a thread. Who is done first takes the next units: no thread waits for another that was held up. */
export const graphProgram: string = `
function live({ module, imports, graph, board }) {
  const { exports } = new WebAssembly.Instance(module, imports);
  const kernels = ${JSON.stringify(SHARED_KERNELS)}.map((name) => exports[name]);
  const words = new Int32Array(board), numbers = new Float64Array(board);
  for (let task = 0; ; ) {
    for (let spins = 0; Atomics.load(words, ${BOARD.posted}) === task; spins++)
      if (spins > 5000) Atomics.wait(words, ${BOARD.posted}, task);
    task = Atomics.load(words, ${BOARD.posted});
    const units = words[${BOARD.units}], block = words[${BOARD.block}], kernel = kernels[words[${BOARD.kernel}]];
    const args = [...numbers.subarray(${BOARD.arguments}, ${BOARD.arguments} + words[${BOARD.count}])];
    for (let from; (from = take(words, task, units, block)) < units; Atomics.notify(words, ${BOARD.done})) {
      try {
        kernel(graph, ...args, from, Math.min(units, from + block));
      } catch {
        words[${BOARD.failed}] = 1;
      }
      Atomics.add(words, ${BOARD.done}, 1);
    }
  }
}
const take = ${take};
`;
