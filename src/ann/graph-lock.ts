import { TwoTowerError } from "../errors.ts";
import { maySleep } from "../kernels/start-worker.ts";
import type { Lock } from "./hnsw-module.ts";

/** Words of the lock: the next ticket, whose turn it is to read, whose to write. */
const NEXT = 0;
const READ = 1;
const WRITE = 2;
const SPINS = 2000;
/** Whoever holds a lock for so long has died with it. */
const PATIENCE = 30_000;

/**
 * A lock for many readers or one writer, in shared memory, in the order of asking: so neither waits for ever, however busy
 * the other is (a ticket lock after Mellor-Crummey and Scott). A reader lets the next one in as soon as it has begun.
 */
export class GraphLock implements Lock {
  readonly #words: Int32Array;
  readonly #maySleep: boolean;

  constructor(words: Int32Array) {
    this.#words = words;
    this.#maySleep = maySleep();
  }

  take(): void {
    this.#await(WRITE, Atomics.add(this.#words, NEXT, 1));
  }

  give(): void {
    this.#pass(READ);
    this.#pass(WRITE);
  }

  /** Reads while nobody writes. */
  read<T>(look: () => T): T {
    this.#await(READ, Atomics.add(this.#words, NEXT, 1));
    this.#pass(READ);
    try {
      return look();
    } finally {
      this.#pass(WRITE);
    }
  }

  #pass(turn: number): void {
    Atomics.add(this.#words, turn, 1);
    Atomics.notify(this.#words, turn);
  }

  #await(turn: number, ticket: number): void {
    const words = this.#words;
    const since = Date.now();
    for (let spins = 0; ; spins++) {
      const now = Atomics.load(words, turn);
      if (now === ticket) return;
      if (spins < SPINS) continue;
      if (this.#maySleep) Atomics.wait(words, turn, now, 1000);
      if ((spins & 1023) === 0 || this.#maySleep)
        if (Date.now() - since > PATIENCE)
          throw new TwoTowerError(
            "UNSUPPORTED",
            "a thread that searched the index was ended in the middle of a search; load the index again",
          );
    }
  }
}
