import { TwoTowerError } from "../errors.ts";
import { maySleep } from "../kernels/start-worker.ts";
import type { Lock } from "./hnsw-module.ts";

/** The first word says whether somebody writes; each reader has one of its own after it. */
const WRITING = 0;
const IDLE = 0;
const READING = 1;
/** Gives up what it has read, if it ever comes back. */
const GIVEN_UP = 2;
const WAITING = 3;
const SPINS = 2000;
/** A reader that takes so many milliseconds has been ended in the middle of a search, or put to sleep: nobody waits for it. */
const PATIENCE = 1000;
/** A writer that takes so long has been ended, and left the graph half changed. */
const LONGEST_WRITE = 30_000;

/**
 * A lock for many readers or one writer, in shared memory. Each reader says in a word of its own what it does, so a writer
 * knows whom it waits for, and does not wait for the dead for ever. Neither keeps the other out, however busy it is: a
 * writer that comes again lets those read first that have waited meanwhile.
 */
export class GraphLock implements Lock {
  readonly #words: Int32Array;
  /** The word of this reader; 0 for the writer. */
  readonly #own: number;
  readonly #maySleep: boolean = maySleep();

  constructor(words: Int32Array, reader = 0) {
    this.#words = words;
    this.#own = reader;
  }

  take(): void {
    this.#pass(WAITING);
    Atomics.store(this.#words, WRITING, 1);
    this.#pass(READING);
  }

  give(): void {
    this.#say(WRITING, 0);
  }

  /** Reads while nobody writes. */
  read<T>(look: () => T): T {
    for (;;) {
      this.#say(this.#own, WAITING);
      if (!this.#await(WRITING, 1, LONGEST_WRITE)) {
        this.#say(this.#own, IDLE);
        throw new TwoTowerError("UNSUPPORTED", "the thread that changes the index was ended; load the index again");
      }
      this.#say(this.#own, READING);
      if (Atomics.load(this.#words, WRITING) === 1) continue; // it began between the two
      try {
        const seen = look();
        if (Atomics.load(this.#words, this.#own) === READING) return seen;
      } catch (error) {
        // What was given up may have been half changed: it is read again.
        if (Atomics.load(this.#words, this.#own) === READING) throw error;
      } finally {
        this.#say(this.#own, IDLE);
      }
    }
  }

  /** Waits until no reader does this any more. */
  #pass(state: number): void {
    for (let reader = 1; reader < this.#words.length; reader++)
      if (!this.#await(reader, state, PATIENCE)) Atomics.compareExchange(this.#words, reader, state, GIVEN_UP);
  }

  #say(word: number, state: number): void {
    Atomics.store(this.#words, word, state);
    Atomics.notify(this.#words, word);
  }

  /** Waits while a word is `value`; returns false if that took too long. */
  #await(word: number, value: number, patience: number): boolean {
    for (let spins = 0, since = 0; Atomics.load(this.#words, word) === value; spins++) {
      if (spins < SPINS) continue;
      since ||= Date.now();
      if (Date.now() - since > patience) return false;
      if (this.#maySleep) Atomics.wait(this.#words, word, value, 100);
    }
    return true;
  }
}
