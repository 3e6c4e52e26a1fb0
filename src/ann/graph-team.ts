import { maySleep, startWorker, type Worker } from "../kernels/start-worker.ts";
import { BOARD, type GraphThreadStart, graphProgram, SHARED_KERNELS, type SharedKernel, take } from "./graph-thread.ts";
import { refreshLane, type SharedGraph } from "./shared-graph.ts";

/** So often the team looks for an answer before it sleeps. */
const SPINS = 20_000;

/** Threads that work in one graph's memory. With none, everything is done here, in the same order and with the same results. */
export class GraphTeam {
  readonly #graph: SharedGraph;
  readonly #maySleep = maySleep();
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  #workers: Worker[] = [];

  private constructor(graph: SharedGraph, board: ArrayBufferLike) {
    this.#graph = graph;
    this.#words = new Int32Array(board);
    this.#numbers = new Float64Array(board);
  }

  /** Starts a thread for each of the first lanes, as many as wanted; none where memory cannot be shared. */
  static async start(graph: SharedGraph, threads: number): Promise<GraphTeam> {
    if (!graph.isShared || threads < 2) return new GraphTeam(graph, new ArrayBuffer(BOARD.bytes));
    const board = new SharedArrayBuffer(BOARD.bytes);
    const team = new GraphTeam(graph, board);
    try {
      for (const lane of graph.lanes.slice(0, threads - 1)) {
        const start: GraphThreadStart = { module: graph.module, imports: graph.imports, graph: lane, board };
        team.#workers.push(await startWorker(start, graphProgram));
      }
    } catch {
      team.stop(); // a policy against workers
    }
    return team;
  }

  /** How many threads work, this one included. */
  get threads(): number {
    return this.#workers.length + 1;
  }

  stop(): void {
    for (const worker of this.#workers.splice(0)) void worker.terminate();
  }

  /** Calls a kernel for all units, `block` of them at a time, whoever is free. */
  run(kernel: SharedKernel, args: readonly number[], units: number, block: number): void {
    const { memory, kernels } = this.#graph;
    if (units > block) this.post(kernel, args, units, block)();
    else kernels[kernel](memory.graph, ...args, 0, units);
  }

  /** Lets the threads begin; returns what takes part in it here, and waits for the rest. Nothing else may be asked for before. */
  post(kernel: SharedKernel, args: readonly number[], units: number, block: number): () => void {
    const { memory, kernels, lanes } = this.#graph;
    if (this.#workers.length === 0) return () => kernels[kernel](memory.graph, ...args, 0, units);
    const words = this.#words;
    const task = words[BOARD.posted] + 1;
    Atomics.store(words, BOARD.next, (task << 16) | 0xffff); // nobody takes any before all is written
    for (const lane of lanes.slice(0, this.#workers.length)) refreshLane(memory.ints, memory.graph, lane);
    words[BOARD.units] = units;
    words[BOARD.block] = block;
    words[BOARD.kernel] = SHARED_KERNELS.indexOf(kernel);
    words[BOARD.count] = args.length;
    this.#numbers.set(args, BOARD.arguments);
    Atomics.store(words, BOARD.done, 0);
    Atomics.store(words, BOARD.next, task << 16);
    Atomics.store(words, BOARD.posted, task);
    Atomics.notify(words, BOARD.posted);
    return () => {
      let own = 0;
      for (let from = 0; (from = take(words, task, units, block)) < units; own++)
        kernels[kernel](memory.graph, ...args, from, Math.min(units, from + block));
      const others = Math.ceil(units / block) - own;
      for (let spins = 0; ; spins++) {
        const done = Atomics.load(words, BOARD.done);
        if (done === others) break;
        if (spins > SPINS && this.#maySleep) Atomics.wait(words, BOARD.done, done);
      }
      if (words[BOARD.failed] === 1) throw new WebAssembly.RuntimeError(`a thread failed in ${kernel}`);
    };
  }
}
