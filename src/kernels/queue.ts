import { maySleep } from "./start-worker.ts";
import { MAIL } from "./thread.ts";

/** Calls of kernels that are made later, maybe by other threads: in order, unless they are said not to need that. */
export interface Deferred {
  /** Grows with every call asked for. */
  readonly asked: number;
  /** Whether some may not have been made yet. */
  readonly pending: boolean;
  /** Makes all that are left, together with the threads; returns when they are done. */
  settle(): void;
  /** Pieces of work that do not depend on each other; each asks for its calls, in order. */
  together(pieces: readonly (() => void)[]): void;
}

/** The kernels of a thread, by name. */
export type Exports = Readonly<Record<string, (...args: number[]) => void>>;

/** So often this thread looks whether others are done before it sleeps: about 50 µs. */
const SPINS = 20_000;

/**
 * The queue of a pool. This thread posts, and goes on with its own work (it draws the next batch, it walks the tape);
 * where it needs a result it takes parts like the others until none is left.
 *
 * A group of parts begins when everything before it is done. How work is cut into parts never changes a sum.
 */
export class Queue implements Deferred {
  asked = 0;
  readonly #exports: Exports;
  readonly #kernels: readonly string[];
  readonly #indices: ReadonlyMap<string, number>;
  readonly #maySleep: boolean = maySleep();
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  #threads: number;
  #parts = 0; // posted so far; wraps around, as those of the threads do
  #calls = 0; // asked for since all was done
  #first = 0; // call of the part that is being made
  #group = 0; // parts before the group that is being made
  #settled = 0; // parts
  #inPiece = false;

  constructor(exports: Exports, kernels: readonly string[], mail: SharedArrayBuffer, threads: number) {
    this.#exports = exports;
    this.#kernels = kernels;
    this.#indices = new Map(kernels.map((name, i) => [name, i]));
    this.#words = new Int32Array(mail);
    this.#numbers = new Float64Array(mail);
    this.#threads = threads;
  }

  get pending(): boolean {
    return this.#calls > 0;
  }

  /** A call that is not to be divided. */
  call(kernel: string, args: readonly number[]): void {
    if (!this.#inPiece) this.#group = this.#parts;
    this.#add(kernel, args);
    if (!this.#inPiece) this.#post();
  }

  /**
   * A call for `units` units of work, divided in runs of a multiple of 8 (two groups of rows of a matmul). Two runs a
   * thread: a thread that comes late, from drawing a batch, then leaves less to wait for. An epoch of two threads gains 4 to
   * 9 % by it; more and smaller runs gain nothing more.
   */
  divided(kernel: string, units: number, part: (from: number, to: number) => readonly number[]): void {
    if (this.#inPiece || this.#threads === 1) {
      this.call(kernel, part(0, units));
      return;
    }
    this.#group = this.#parts;
    const share = Math.ceil(units / (2 * this.#threads) / 8) * 8;
    for (let from = 0; from < units; from += share) {
      this.#add(kernel, part(from, Math.min(units, from + share)));
      this.#post();
    }
  }

  together(pieces: readonly (() => void)[]): void {
    this.#group = this.#parts;
    this.#inPiece = true;
    for (const piece of pieces) {
      piece();
      this.#post();
    }
    this.#inPiece = false;
  }

  settle(): void {
    this.#post(); // half a piece, where it asks for results or is too long
    const words = this.#words;
    while (this.#take()) {}
    for (let spins = 0, done = 0; (done = Atomics.load(words, MAIL.done)) !== this.#parts; )
      spins = this.#wait(done, spins);
    this.#calls = 0;
    this.#first = 0;
    this.#settled = this.#parts;
    this.#group = this.#parts;
    if (words[MAIL.failed] === 0) return;
    words[MAIL.failed] = 0;
    throw new WebAssembly.RuntimeError("a kernel failed");
  }

  /** From now on everything is done here. */
  dismiss(): void {
    this.settle();
    this.#threads = 1;
  }

  #add(kernel: string, args: readonly number[]): void {
    if (this.#calls === MAIL.maxCalls || ((this.#parts - this.#settled) | 0) === MAIL.maxParts) this.settle();
    this.asked++;
    const numbers = this.#numbers;
    const at = MAIL.calls + MAIL.callSize * this.#calls++;
    numbers[at] = this.#indices.get(kernel) as number;
    numbers[at + 1] = args.length;
    for (let i = 0; i < args.length; i++) numbers[at + 2 + i] = args[i];
  }

  /** Posts the calls added since the last part as a part. */
  #post(): void {
    if (this.#calls === this.#first) return;
    const words = this.#words;
    const last = MAIL.calls + MAIL.callSize * (this.#calls - 1);
    this.#numbers[last] = ~this.#numbers[last];
    const at = MAIL.parts + 2 * (this.#parts & (MAIL.maxParts - 1));
    words[at] = this.#first;
    words[at + 1] = this.#group;
    this.#first = this.#calls;
    this.#parts = (this.#parts + 1) | 0;
    Atomics.store(words, MAIL.posted, this.#parts);
    if (Atomics.load(words, MAIL.sleepers) > 0) Atomics.notify(words, MAIL.posted);
  }

  /** Does one part, if one is left. */
  #take(): boolean {
    const [words, numbers] = [this.#words, this.#numbers];
    const part = Atomics.load(words, MAIL.taken);
    if (part === this.#parts) return false;
    if (Atomics.compareExchange(words, MAIL.taken, part, (part + 1) | 0) !== part) return true;
    const at = MAIL.parts + 2 * (part & (MAIL.maxParts - 1));
    for (let spins = 0, done = 0; (((done = Atomics.load(words, MAIL.done)) - words[at + 1]) | 0) < 0; )
      spins = this.#wait(done, spins);
    try {
      for (let call = words[at], more = true; more; call++) {
        const from = MAIL.calls + MAIL.callSize * call;
        const kernel = numbers[from];
        more = kernel >= 0;
        this.#exports[this.#kernels[more ? kernel : ~kernel]](
          ...numbers.subarray(from + 2, from + 2 + numbers[from + 1]),
        );
      }
    } catch {
      words[MAIL.failed] = 1;
    }
    Atomics.add(words, MAIL.done, 1);
    if (Atomics.load(words, MAIL.sleepers) > 0) Atomics.notify(words, MAIL.done);
    return true;
  }

  /** Waits for more than `done` parts to be done; at first by looking again. */
  #wait(done: number, spins: number): number {
    if (spins < SPINS || !this.#maySleep) return spins + 1;
    const words = this.#words;
    Atomics.add(words, MAIL.sleepers, 1);
    Atomics.wait(words, MAIL.done, done);
    Atomics.sub(words, MAIL.sleepers, 1);
    return 0;
  }
}
