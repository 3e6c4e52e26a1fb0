import type { GraphTeam } from "./graph-team.ts";
import { levelOf, roundOrder, runBegins, runLength } from "./round-order.ts";
import type { SharedGraph } from "./shared-graph.ts";
import type { Many, Team, Wanted } from "./team.ts";
import type { NeighbourRows } from "./vector-index.ts";

/** A graph of fewer items is built one by one: rounds must find most of what they look for. */
const FEWEST = 1000;
/**
 * A round has one item for so many there are: of an item's true neighbours up to 4 % are in its own round, and out of its
 * sight unless they are in its own run.
 */
const SHARE = 25;
const LARGEST_ROUND = 4096;
/** Items whose links are made in one go where other threads search in between; where none do, those of a whole round are. */
const AT_ONCE = 256;
/** Items that a thread takes at a time: a run, but few when a round ends, as then the others wait for the last one. */
const LAST_ITEMS = 96;
const LAST_BLOCK = 4;
/** The most tasks of an item: one a level. */
const TASKS = 6;
/** Numbers that say what a round is of: four for each item, two for each task. */
const ROUND_NUMBERS = LARGEST_ROUND * (4 + 2 * TASKS) + 1;

/** The items of a round by their slots, in order, and written down for the kernels. */
interface Round {
  readonly own: Int32Array;
  /** Those that raise the graph's top: each is linked alone, before the others. */
  readonly alone: Int32Array;
  /** Addresses of what assembly/hnsw/rounds.ts wants, and how many blocks and tasks there are. */
  readonly slots: number;
  readonly firsts: number;
  readonly mates: number;
  readonly blocks: number;
  readonly owners: number;
  readonly levels: number;
  readonly blockCount: number;
  readonly tasks: number;
}

/** Threads that build and search one graph, by the kernels of assembly/hnsw/rounds.ts. */
export class RoundTeam implements Team {
  readonly #graph: SharedGraph;
  readonly #team: GraphTeam;

  constructor(graph: SharedGraph, team: GraphTeam) {
    this.#graph = graph;
    this.#team = team;
  }

  /** Links items in rounds (prefix doubling in ParlayANN, here by a twenty-fifth), in the order of round-order.ts. */
  link(items: Many): void {
    this.#store(items);
    const { before, slots, rows, random, insert } = items;
    const { memory } = this.#graph;
    const itemOf = new Int32Array(memory.get("slots"));
    for (let i = 0; i < slots.length; i++) itemOf[slots[i]] = i;
    const order = roundOrder(slots, runLength(memory.layout.fields.M), random);
    const most = this.#mostInRound();
    let linked = 0;
    while (linked < order.length && before + linked < FEWEST) insert(itemOf[order[linked++]]);
    let half = 0;
    const next = (): Round | undefined => {
      const size = Math.min(Math.floor((before + linked) / SHARE), most, order.length - linked);
      if (size <= 0) return undefined;
      half = 1 - half;
      const round = this.#prepare(order.slice(linked, linked + size).sort(), half);
      linked += size;
      return round;
    };
    for (let round = next(); round !== undefined; ) {
      for (const slot of round.alone) insert(itemOf[slot]);
      const { slots, firsts, mates, blocks, blockCount } = round;
      const finish = this.#team.post("hnswPropose", [slots, firsts, mates, blocks, this.#proposals], blockCount, 1);
      const following = next(); // while others have begun
      finish();
      this.#connect(round, (slot) => memory.pair(rows[itemOf[slot]], slot));
      round = following;
    }
  }

  search(queries: ArrayLike<number>, count: number, ...wanted: Wanted): NeighbourRows[] {
    const [k] = wanted;
    const { memory, blockBytes } = this.#graph;
    const d = memory.layout.fields.dimension;
    const group = Math.max(1, Math.min(4096, Math.floor(blockBytes / (4 * d + 8 * k + 4) - 64)));
    const found: NeighbourRows[] = [];
    for (let from = 0; from < count; from += group) {
      const some = Math.min(group, count - from);
      found.push(...this.begin(queries, from, some, ...wanted)());
    }
    return found;
  }

  begin(queries: ArrayLike<number>, from: number, count: number, ...wanted: Wanted): () => NeighbourRows[] {
    const [k, ef, filter, rows] = wanted;
    const { memory, block } = this.#graph;
    const d = memory.layout.fields.dimension;
    const rowsAt = block + 4 * count * d;
    const scoresAt = rowsAt + 4 * count * k;
    const countsAt = scoresAt + 4 * count * k;
    this.#write(queries, from * d, count * d, block);
    const args = [block, k, ef, filter.address, rows, filter.open, rowsAt, scoresAt, countsAt];
    const finish = this.#team.post("hnswSearchMany", args, count, 8);
    return () => {
      finish();
      const { ints, floats } = memory;
      return Array.from({ length: count }, (_, i) => {
        const length = ints[countsAt / 4 + i];
        const [first, firstScore] = [rowsAt / 4 + i * k, scoresAt / 4 + i * k];
        return {
          rows: ints.slice(first, first + length),
          scores: floats.slice(firstScore, firstScore + length),
        };
      });
    };
  }

  /** Stores all vectors before any is linked. */
  #store({ slots, vectors }: Many): void {
    const { memory, block, blockBytes } = this.#graph;
    const d = memory.layout.fields.dimension;
    const group = Math.floor(blockBytes / (4 * d + 4));
    for (let from = 0; from < slots.length; from += group) {
      const count = Math.min(group, slots.length - from);
      const slotsAt = block + 4 * count * d;
      this.#write(vectors, from * d, count * d, block);
      memory.ints.set(slots.subarray(from, from + count), slotsAt / 4);
      this.#team.run("hnswStore", [slotsAt, block], count, 256);
    }
  }

  /** So many that all is in the block, which has four lists of proposals besides. */
  #mostInRound(): number {
    const { M } = this.#graph.memory.layout.fields;
    return Math.min(LARGEST_ROUND, Math.floor((this.#graph.blockBytes - 8 * ROUND_NUMBERS - 4) / (TASKS * 16 * M)));
  }

  /** Writes a round down; there is room for two, and `half` says where. */
  #prepare(sorted: Int32Array, half: number): Round {
    const { memory, block } = this.#graph;
    const { M } = memory.layout.fields;
    const { ints } = memory;
    const top = memory.get("top");
    const own = sorted.filter((slot) => levelOf(slot) <= top);
    const alone = sorted.filter((slot) => levelOf(slot) > top);
    const count = own.length;
    let end = block / 4 + half * ROUND_NUMBERS;
    const place = (numbers: number): number => (end += numbers) - numbers;
    const slotsAt = place(count);
    const firsts = place(count);
    const mates = place(count);
    const blocks = place(count + 1);
    const owners = place(TASKS * count);
    const levels = place(TASKS * count);
    ints.set(own, slotsAt);
    let tasks = 0;
    for (let n = 0; n < count; n++) {
      ints[firsts + n] = tasks;
      for (let level = 0; level <= levelOf(own[n]); level++, tasks++) {
        ints[owners + tasks] = own[n];
        ints[levels + tasks] = level;
      }
    }
    const begins = runBegins(own, runLength(M));
    let blockCount = 0;
    for (let r = 0; r < begins.length - 1; r++)
      for (let n = begins[r]; n < begins[r + 1]; n++) {
        const mate = n - begins[r];
        ints[mates + n] = mate;
        if (mate % (n < count - LAST_ITEMS ? runLength(M) : LAST_BLOCK) === 0) ints[blocks + blockCount++] = n;
      }
    ints[blocks + blockCount] = count;
    return {
      own,
      alone,
      slots: 4 * slotsAt,
      firsts: 4 * firsts,
      mates: 4 * mates,
      blocks: 4 * blocks,
      owners: 4 * owners,
      levels: 4 * levels,
      blockCount,
      tasks,
    };
  }

  /** Proposals lie behind the two rounds; then the three lists about them. */
  get #proposals(): number {
    return this.#graph.block + 8 * ROUND_NUMBERS;
  }

  /** Makes the links that were proposed, as far as those they are proposed to want them. */
  #connect({ own, slots, firsts, owners, levels, tasks }: Round, pair: (slot: number) => void): void {
    const { memory, kernels, lanes } = this.#graph;
    const bytes = 4 * tasks * memory.layout.fields.M;
    const proposals = this.#proposals;
    const [verdicts, order, groups] = [proposals + bytes, proposals + 2 * bytes, proposals + 3 * bytes];
    const count = kernels.hnswGroup(memory.graph, levels, tasks, proposals, order, verdicts, groups);
    this.#team.run("hnswWeigh", [owners, levels, proposals, order, groups, verdicts], count, 64);
    const parts = 1 << (32 - Math.clz32(this.#team.threads - 1)); // a power of two, no fewer than threads
    const atOnce = lanes.length < this.#team.threads ? LARGEST_ROUND : AT_ONCE;
    for (let from = 0; from < own.length; from += atOnce) {
      const to = Math.min(own.length, from + atOnce);
      this.#alone(() => {
        for (let n = from; n < to; n++) pair(own[n]);
        this.#team.run("hnswApply", [slots, firsts, proposals, verdicts, from, to, parts], parts, 1);
      });
    }
    this.#alone(() => kernels.hnswTie(memory.graph, slots, firsts, proposals, verdicts, own.length));
  }

  /** No other thread searches meanwhile. */
  #alone(change: () => void): void {
    const { lock } = this.#graph.memory;
    lock?.take();
    try {
      change();
    } finally {
      lock?.give();
    }
  }

  #write(numbers: ArrayLike<number>, from: number, length: number, address: number): void {
    const { floats } = this.#graph.memory;
    const at = address / 4;
    if (numbers instanceof Float32Array) floats.set(numbers.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) floats[at + i] = numbers[from + i];
  }
}
