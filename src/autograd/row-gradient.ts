import type { Pointer } from "../kernels/contract.ts";
import { type Ints, passing, type Tensor } from "../tensor/tensor.ts";

/**
 * The gradient of a table [n, d] of which only a few rows were read. Kept as what was read and the gradient of the
 * result, because a dense [n, d] gradient would make a step's cost grow with the vocabulary.
 *   without offsets: row rows[i] receives dy[i,:]
 *   with offsets:    every row of bag i receives dy[i,:] / (length of bag i)
 */
export class RowGradient {
  readonly rows: Ints;
  readonly offsets: Ints | undefined;
  readonly dy: Pointer;
  /** Floats from one row of dy to the next: dy may be columns of a wider matrix. */
  readonly dyStride: number;

  constructor(dy: Pointer, dyStride: number, rows: Ints, offsets?: Ints) {
    this.dy = dy;
    this.dyStride = dyStride;
    this.rows = rows;
    this.offsets = offsets;
  }

  /** Adds to a gradient of the whole table (a new one if there is none yet) and returns it. */
  addTo(dense: Tensor | undefined, table: Tensor): Tensor {
    const { engine } = table;
    const total = passing(engine, table.shape);
    if (dense) engine.kernels.affine(dense.pointer, 1, 0, total.pointer, total.size);
    else engine.kernels.fill(total.pointer, 0, total.size);
    this.scatter(total, this.rows);
    return total;
  }

  /** target[places[i],:] += …, where places stand for `rows` in another numbering. */
  scatter(target: Tensor, places: Ints): void {
    const { kernels } = target.engine;
    const d = target.shape[1];
    if (this.offsets) {
      const b = this.offsets.length - 1;
      kernels.poolMeanBackward(this.dy, this.dyStride, places.pointer, this.offsets.pointer, target.pointer, b, d);
    } else kernels.scatterAdd(this.dy, this.dyStride, places.pointer, target.pointer, places.length, d);
  }
}
