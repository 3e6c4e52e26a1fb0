import type { UserItems } from "../features/interactions.ts";
import type { Pointer } from "../kernels/contract.ts";
import type { Engine } from "../kernels/engine.ts";
import { checkListLength } from "./ranker.ts";
import { itemsOf } from "./user-items.ts";

/** Lists [rows, k] of items, best first and padded with −1, and their scores. */
export interface Ranked {
  readonly items: Int32Array;
  readonly scores: Float32Array;
  readonly k: number;
}

/** Writes the scores of a few users against the whole catalogue: scores [users, itemCount]. */
export type ScoreBlock = (users: Int32Array, scores: Pointer) => void;

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
const INT = Int32Array.BYTES_PER_ELEMENT;

/** Scores held at once: 512 KB, half of what an L2 cache has today. */
const BLOCK_SCORES = 1 << 17;

/**
 * The top k of many users by brute force, block by block: score, mask, select. Memory is a block of scores,
 * whatever the number of users.
 */
export function rankBlocks(
  engine: Engine,
  itemCount: number,
  users: Int32Array,
  k: number,
  excluded: UserItems | undefined,
  scoreBlock: ScoreBlock,
): Ranked {
  checkListLength(k);
  const lists = new Int32Array(users.length * k).fill(-1);
  const listScores = new Float32Array(users.length * k).fill(Number.NEGATIVE_INFINITY);
  const length = Math.min(k, itemCount);
  const blockUsers = blockSize(itemCount);
  for (let from = 0; from < users.length; from += blockUsers) {
    const block = users.subarray(from, from + blockUsers);
    const mark = engine.mark();
    const scores = engine.passing(block.length * itemCount * FLOAT);
    scoreBlock(block, scores);
    if (excluded !== undefined) maskBlock(engine, itemCount, block, excluded, scores);

    const columns = engine.passing(block.length * length * INT);
    const values = engine.passing(block.length * length * FLOAT);
    engine.kernels.topK(scores, block.length, itemCount, length, 0, columns, values);
    const best = engine.ints(columns, block.length * length);
    const bestScores = engine.floats(values, block.length * length);
    if (length === k) {
      lists.set(best, from * k);
      listScores.set(bestScores, from * k);
    } else
      for (let row = 0; row < block.length; row++) {
        lists.set(best.subarray(row * length, (row + 1) * length), (from + row) * k);
        listScores.set(bestScores.subarray(row * length, (row + 1) * length), (from + row) * k);
      }
    engine.release(mark);
  }
  return { items: lists, scores: listScores, k };
}

/** Users of a block: a multiple of the rows that the matrix product does at a time. */
function blockSize(itemCount: number): number {
  return Math.min(256, Math.max(16, Math.floor(BLOCK_SCORES / itemCount / 4) * 4));
}

/** Scores of excluded items become −∞, which top-k never returns. */
function maskBlock(engine: Engine, itemCount: number, users: Int32Array, excluded: UserItems, scores: Pointer): void {
  const lists = Array.from(users, (user) => itemsOf(excluded, user));
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  const offsets = engine.passing((users.length + 1) * INT);
  const columns = engine.passing(total * INT);
  const offsetView = engine.ints(offsets, users.length + 1);
  const columnView = engine.ints(columns, total);
  let length = 0;
  offsetView[0] = 0;
  lists.forEach((list, row) => {
    columnView.set(list, length);
    length += list.length;
    offsetView[row + 1] = length;
  });
  engine.kernels.mask(scores, offsets, columns, Number.NEGATIVE_INFINITY, users.length, itemCount);
}
