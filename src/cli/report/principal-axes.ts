import { Random } from "../../tensor/random.ts";

/** Points in the plane, and how much of the vectors' variance either axis holds. */
export interface Plane {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly explained: readonly [number, number];
}

const ROUNDS = 100; // past some dozens nothing moves that an eye would see

/**
 * The two directions in which vectors differ most, and where each vector lies along them: the first two principal
 * components, by orthogonal iteration (Golub and Van Loan, "Matrix Computations", 8.2.4) with X Xᵀ never written out.
 * 8 · rows · d flops a round.
 *
 * @param vectors [rows, d] row-major
 */
export function principalPlane(vectors: Float32Array, d: number): Plane {
  const rows = vectors.length / d;
  const centred = centre(vectors, d);
  const random = new Random(1);
  const axes = [0, 1].map(() => Float64Array.from({ length: d }, () => random.between(-1, 1)));
  orthonormalise(axes);
  for (let round = 0; round < ROUNDS; round++) {
    for (const axis of axes) axis.set(backTo(centred, along(centred, axis, rows), d)); // axis ← Xᵀ X axis
    orthonormalise(axes);
  }
  const [x, y] = axes.map((axis) => along(centred, axis, rows));
  const total = squares(centred) || 1;
  return { x, y, explained: [squares(x) / total, squares(y) / total] };
}

function centre(vectors: Float32Array, d: number): Float64Array {
  const rows = vectors.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < vectors.length; i++) mean[i % d] += vectors[i] / rows;
  return Float64Array.from(vectors, (value, i) => value - mean[i % d]);
}

/** X axis: where each row lies along the axis. */
function along(x: Float64Array, axis: Float64Array, rows: number): Float64Array {
  const d = axis.length;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += x[row * d + j] * axis[j];
    return sum;
  });
}

/** Xᵀ coordinates. */
function backTo(x: Float64Array, coordinates: Float64Array, d: number): Float64Array {
  const sum = new Float64Array(d);
  coordinates.forEach((coordinate, row) => {
    for (let j = 0; j < d; j++) sum[j] += coordinate * x[row * d + j];
  });
  return sum;
}

/** Gram and Schmidt. An axis that vanishes, because the vectors have no such direction, stays 0. */
function orthonormalise(axes: readonly Float64Array[]): void {
  axes.forEach((axis, a) => {
    for (const other of axes.slice(0, a)) {
      const dot = axis.reduce((sum, value, j) => sum + value * other[j], 0);
      other.forEach((value, j) => {
        axis[j] -= dot * value;
      });
    }
    const length = Math.sqrt(squares(axis));
    if (length > 0) axis.forEach((value, j) => void (axis[j] = value / length));
  });
}

const squares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
