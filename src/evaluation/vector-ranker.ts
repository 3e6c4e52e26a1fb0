import { TwoTowerError } from "../errors.ts";
import type { UserItems } from "../features/interactions.ts";
import type { Pointer } from "../kernels/contract.ts";
import type { Engine } from "../kernels/engine.ts";
import { createEngine } from "../kernels/wasm.ts";
import { rankBlocks } from "./rank-blocks.ts";
import { type CandidateScorer, checkRows, type Ranker } from "./ranker.ts";

const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** What a `vectorRanker` may be told. */
export interface VectorRankerOptions {
  /** "model" unless given. */
  readonly name?: string;
  /** Where to compute; its lasting memory will hold the item vectors. An own one unless given. */
  readonly engine?: Engine;
}

/**
 * Ranks by the dot product of user and item vectors: exact search over the whole catalogue by the matrix product,
 * 2 · users · items · d flops. For cosine, pass vectors of length 1, as the towers make them.
 *
 * @param userVectors [users, d] row-major
 * @param itemVectors [items, d] row-major
 * @param dimension d
 */
export function vectorRanker(
  userVectors: Float32Array,
  itemVectors: Float32Array,
  dimension: number,
  options: VectorRankerOptions = {},
): Ranker & CandidateScorer {
  const userCount = rowsOf(userVectors, dimension, "user");
  const itemCount = rowsOf(itemVectors, dimension, "item");
  const engine = options.engine ?? createEngine();
  const { kernels } = engine;
  const items = engine.lasting(itemVectors.length * FLOAT);
  engine.floats(items, itemVectors.length).set(itemVectors);

  /** Copies the vectors of some users into passing memory: [users, d]. */
  function gatherUsers(users: Int32Array): Pointer {
    checkRows(users, userCount, "user");
    const pointer = engine.passing(users.length * dimension * FLOAT);
    const view = engine.floats(pointer, users.length * dimension);
    users.forEach((user, row) => {
      view.set(userVectors.subarray(user * dimension, (user + 1) * dimension), row * dimension);
    });
    return pointer;
  }

  return {
    name: options.name ?? "model",
    itemCount,

    rank(users: Int32Array, k: number, excluded: UserItems | undefined): Int32Array {
      const mark = engine.mark();
      const packed = engine.passing(dimension * Math.ceil(itemCount / 8) * 8 * FLOAT); // once for all blocks
      kernels.pack(items, packed, itemCount, dimension, true);
      const { items: lists } = rankBlocks(engine, itemCount, users, k, excluded, (block, scores) => {
        const vectors = gatherUsers(block);
        kernels.matmulPacked(vectors, packed, scores, block.length, itemCount, dimension, false);
      });
      engine.release(mark);
      return lists;
    },

    scores(users: Int32Array, candidates: Int32Array): Float32Array {
      checkRows(candidates, itemCount, "item");
      const out = new Float32Array(candidates.length);
      const c = candidates.length / users.length;
      const blockUsers = Math.max(1, Math.floor(BLOCK_VECTORS / c));
      for (let from = 0; from < users.length; from += blockUsers) {
        const block = users.subarray(from, from + blockUsers);
        const count = block.length * c;
        const mark = engine.mark();
        const rows = engine.passing(count * Int32Array.BYTES_PER_ELEMENT);
        engine.ints(rows, count).set(candidates.subarray(from * c, from * c + count));
        const vectors = engine.passing(count * dimension * FLOAT);
        kernels.gather(items, rows, vectors, count, dimension, dimension);
        const scores = engine.passing(count * FLOAT);
        kernels.groupDot(gatherUsers(block), vectors, scores, block.length, c, dimension);
        out.set(engine.floats(scores, count), from * c);
        engine.release(mark);
      }
      return out;
    },
  };
}

/** Candidate vectors gathered at once. */
const BLOCK_VECTORS = 1 << 14;

function rowsOf(vectors: Float32Array, dimension: number, what: string): number {
  const rows = vectors.length / dimension;
  if (!Number.isInteger(rows))
    throw new TwoTowerError(
      "SHAPE_MISMATCH",
      `${vectors.length} floats of ${what} vectors are no rows of ${dimension}`,
    );
  return rows;
}
