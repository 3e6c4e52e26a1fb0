import type { GraphTeam } from "./graph-team.ts";
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
/** Items whose links are made in one go; other threads search in between. */
const AT_ONCE = 64;
/**
 * Items of so many neighbouring slots are a run, which one thread does; at most 128. Longer ones save a little on the way
 * to the first item, and threads wait longer for whoever has the last one.
 */
const RUN = 16;

/** Threads that build and search one graph, by the kernels of assembly/hnsw/rounds.ts. */
export class RoundTeam implements Team {
  readonly #graph: SharedGraph;
  readonly #team: GraphTeam;

  constructor(graph: SharedGraph, team: GraphTeam) {
    this.#graph = graph;
    this.#team = team;
  }

  /**
   * Links items in rounds (prefix doubling in ParlayANN, here by a twenty-fifth). Those of upper levels come first, an even
   * sample of all; then every 25th run of the others as they lie in memory, then the one after each of these, and so
   * on. So neighbours are in one run, where they see each other, or in different rounds, and a run comes soon after the one
   * it lies beside: taken at random instead, 100,000 × 64 lose .002 of recall@10 at ef = 32.
   */
  link(items: Many): void {
    const { slots, random } = items;
    const laid = asTheyLie(slots, this.#graph.memory.get("slots"));
    const isUpper = (place: number): boolean => slots[laid[place]] % 16 === 0;
    const places = laid.map((_, place) => place);
    const order = new Int32Array(laid.length);
    const upper = random.shuffle(places.filter(isUpper));
    order.set(upper);
    const runs = runsOf(
      places.filter((place) => !isUpper(place)),
      (place) => slots[laid[place]],
    );
    let at = upper.length;
    for (let pass = 0; pass < SHARE; pass++)
      for (let r = pass; r < runs.length; r += SHARE) {
        order.set(runs[r], at);
        at += runs[r].length;
      }

    let linked = 0;
    while (linked < order.length) {
      const there = items.before + linked;
      if (there < FEWEST) {
        items.insert(laid[order[linked++]]);
        continue;
      }
      const size = Math.min(Math.floor(there / SHARE), this.#mostInRound(), order.length - linked);
      const round = order
        .slice(linked, linked + size)
        .sort()
        .map((place) => laid[place]);
      const top = this.#graph.memory.get("top");
      // Whoever raises the graph's top is linked alone.
      for (const i of round) if (levelOf(slots[i]) > top) items.insert(i);
      this.#linkRound(
        items,
        round.filter((i) => levelOf(slots[i]) <= top),
      );
      linked += size;
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

  /** Bytes of an item in a round: its vector, slot, tasks (17 for 16 items), and four numbers for each proposal. */
  #mostInRound(): number {
    const { dimension, M } = this.#graph.memory.layout.fields;
    return Math.min(LARGEST_ROUND, Math.floor(this.#graph.blockBytes / (4 * dimension + 36 + 6 * (4 * 4 * M + 16))));
  }

  #linkRound({ rows, slots, vectors }: Many, round: Int32Array): void {
    if (round.length === 0) return;
    const { memory, kernels, block } = this.#graph;
    const { dimension: d, M } = memory.layout.fields;
    let end = block;
    const place = (numbers: number): number => {
      const at = end;
      end += 4 * numbers;
      return at;
    };
    const levels = round.map((i) => levelOf(slots[i]));
    const tasks = round.length + levels.reduce((sum, level) => sum + level, 0);
    const vectorsAt = place(round.length * d);
    const slotsAt = place(round.length);
    const firstsAt = place(round.length);
    const runsAt = place(round.length + 1);
    const ownersAt = place(tasks);
    const levelsAt = place(tasks);
    const proposalsAt = place(tasks * M);
    const verdictsAt = place(tasks * M);
    const orderAt = place(tasks * M);
    const groupsAt = place(tasks * M + 1);
    const { ints } = memory;
    let task = 0;
    for (const [n, i] of round.entries()) {
      this.#write(vectors, i * d, d, vectorsAt + 4 * n * d);
      ints[slotsAt / 4 + n] = slots[i];
      ints[firstsAt / 4 + n] = task;
      for (let level = 0; level <= levels[n]; level++, task++) {
        ints[ownersAt / 4 + task] = slots[i];
        ints[levelsAt / 4 + task] = level;
      }
    }
    const runs = runsOf(round, (i) => slots[i]);
    let begin = 0;
    for (const [r, run] of runs.entries()) {
      ints[runsAt / 4 + r] = begin;
      begin += run.length;
    }
    ints[runsAt / 4 + runs.length] = begin;
    this.#team.run("hnswPropose", [slotsAt, vectorsAt, firstsAt, runsAt, proposalsAt], runs.length, 1);
    const groups = kernels.hnswGroup(memory.graph, levelsAt, tasks, proposalsAt, orderAt, verdictsAt, groupsAt);
    const weighed = [ownersAt, levelsAt, proposalsAt, orderAt, groupsAt, verdictsAt];
    this.#team.run("hnswWeigh", weighed, groups, 64);
    for (let from = 0; from < round.length; from += AT_ONCE) {
      const to = Math.min(round.length, from + AT_ONCE);
      memory.lock?.take();
      try {
        for (let n = from; n < to; n++) memory.pair(rows[round[n]], slots[round[n]]);
        kernels.hnswApply(memory.graph, slotsAt, firstsAt, proposalsAt, verdictsAt, from, to);
      } finally {
        memory.lock?.give();
      }
    }
  }

  #write(numbers: ArrayLike<number>, from: number, length: number, address: number): void {
    const { floats } = this.#graph.memory;
    const at = address / 4;
    if (numbers instanceof Float32Array) floats.set(numbers.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) floats[at + i] = numbers[from + i];
  }
}

/** Items in the order of their slots. */
function asTheyLie(slots: Int32Array, all: number): Int32Array {
  const items = new Int32Array(all); // plus 1
  for (let i = 0; i < slots.length; i++) items[slots[i]] = i + 1;
  return items.filter((item) => item > 0).map((item) => item - 1);
}

/** Items in the order of slots, cut where one group of RUN slots ends. */
function runsOf(items: Int32Array, slotOf: (item: number) => number): Int32Array[] {
  const runs: Int32Array[] = [];
  for (let from = 0, to = 0; from < items.length; from = to) {
    const group = Math.floor(slotOf(items[from]) / RUN);
    while (to < items.length && Math.floor(slotOf(items[to]) / RUN) === group) to++;
    runs.push(items.subarray(from, to));
  }
  return runs;
}

/** As levelOf in assembly/hnsw/layout.ts. */
function levelOf(slot: number): number {
  if (slot % 16 !== 0) return 0;
  if (slot % 256 !== 0) return 1;
  return Math.min(5, slot === 0 ? 5 : (31 - Math.clz32(slot & -slot)) >> 2);
}
