import type { Pointer } from "../kernels/contract.ts";
import { expectShapes, type Ints, passing, type Tensor, zeros } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

/** What a sampled softmax is told beside the vectors: m rows of users, c columns of candidates, b examples. */
export interface Sampled {
  /** Added to the logits of each column, [c]. */
  readonly bias: Tensor;
  /** Columns that are no candidates of row i: columns[offsets[i] … offsets[i+1]). */
  readonly masked: { readonly offsets: Ints; readonly columns: Ints } | undefined;
  /** Row i owns the examples offsets[i] … offsets[i+1), [m + 1]. */
  readonly offsets: Ints;
  /** The column of each example's positive, [b]. */
  readonly positives: Ints;
  /** Added to the logit of each example's positive, [b]; overwritten. */
  readonly own: Tensor;
  /** Weight of each example, [b]. */
  readonly weights: Tensor;
}

/** Scores held at once: 512 KB, half of what an L2 cache has today. */
const BLOCK_SCORES = 1 << 17;

/**
 * Rows are done in so many pieces, which threads may do at the same time, each with a sum of its own for the gradient of v:
 * a thread then waits for others once, not three times a block. As many with one thread, so that the sum has the same bits.
 */
const PIECES = 4;
/** Below so many scores in one piece. */
const WORTH = 1 << 18;

/**
 * Cross entropy of every example against all candidates, z = scale · u vᵀ + bias (formulas at the kernel):
 * Σ weightₑ · lossₑ.   u: [m, d], v: [c, d], scale: [1] → y: [1]
 *
 * Scores are never whole in memory: a block of rows is scored, turned into its gradient and multiplied into the
 * gradients of u and v while it is in the cache. At 4,096 × 4,096 the whole matrix takes 64 MB and five passes over it.
 */
export const sampledSoftmax: Op<[u: Tensor, v: Tensor, scale: Tensor, sampled: Sampled]> = op(
  "sampledSoftmax",
  (u, v, scale, sampled) => {
    const { engine } = u;
    const { kernels, floatBytes } = engine;
    const { bias, masked, offsets, positives, own, weights } = sampled;
    const [m, d] = u.shape;
    const c = v.shape[0];
    expectShapes("sampledSoftmax", v.shape[1] === d && bias.size === c && offsets.length === m + 1, u.shape, v.shape);
    const s = scale.data[0];
    const du = passing(engine, u.shape);
    const y = passing(engine, [1]);
    const pieces = m * c < WORTH ? 1 : PIECES;
    const dvs = Array.from({ length: pieces }, () => zeros(engine, v.shape));
    const [dv] = dvs;

    const mark = engine.mark();
    const loss = passing(engine, weights.shape);
    const vColumns = packed(v, c, d, true);
    const vRows = packed(v, d, c, false);
    const block = Math.max(32, Math.floor(BLOCK_SCORES / Math.max(1, c) / 4) * 4);
    /** Rows start … end − 1, block by block. */
    const rowsOf = (start: number, end: number, dvOfPiece: Tensor): void => {
      const x = passing(engine, [Math.min(block, end - start), c]).pointer;
      for (let from = start; from < end; from += block) {
        const rows = Math.min(block, end - from);
        const uRows = u.pointer + from * d * floatBytes;
        kernels.matmulPacked(uRows, vColumns, x, rows, c, d, false); // x = u vᵀ
        kernels.sampledSoftmax(
          x,
          s,
          bias.pointer,
          masked ? masked.offsets.pointer + 4 * from : 0,
          masked ? masked.columns.pointer : 0,
          offsets.pointer + 4 * from,
          positives.pointer,
          own.pointer,
          weights.pointer,
          loss.pointer,
          rows,
          c,
        );
        kernels.matmulPacked(x, vRows, du.pointer + from * d * floatBytes, rows, d, c, false); // du = dx v
        kernels.matmulTN(x, uRows, dvOfPiece.pointer, c, d, rows, true); // dv += dxᵀ u
      }
    };
    const rowsOfPiece = Math.ceil(m / pieces / 8) * 8;
    const piece = (dvOfPiece: Tensor, i: number) => (): void =>
      rowsOf(Math.min(m, i * rowsOfPiece), Math.min(m, (i + 1) * rowsOfPiece), dvOfPiece);
    if (pieces === 1) rowsOf(0, m, dv);
    else engine.together(dvs.map(piece));
    for (const other of dvs.slice(1)) kernels.add(dv.pointer, other.pointer, dv.pointer, dv.size);
    kernels.rowDot(loss.pointer, weights.pointer, y.pointer, 1, loss.size);
    engine.release(mark);

    const times = (gradient: Tensor, factor: number): Tensor => {
      const { pointer, size } = gradient;
      if (factor !== 1) kernels.affine(pointer, factor, 0, pointer, size); // nobody else reads it
      return gradient;
    };
    return [
      y,
      (dy) => {
        const factor = dy.data[0];
        // dscale = Σ dz ∘ x = Σ du ∘ u / scale, because du = scale · dz v and x = u vᵀ
        const dScale = passing(engine, [1]);
        kernels.rowDot(du.pointer, u.pointer, dScale.pointer, 1, du.size);
        kernels.affine(dScale.pointer, factor / s, 0, dScale.pointer, 1);
        return [() => times(du, factor), () => times(dv, factor), () => dScale, null];
      },
    ];
  },
);

/** `pack` into passing memory. */
function packed(v: Tensor, n: number, k: number, transposed: boolean): Pointer {
  const panels = passing(v.engine, [k, Math.ceil(n / 8) * 8]).pointer;
  v.engine.kernels.pack(v.pointer, panels, n, k, transposed);
  return panels;
}
