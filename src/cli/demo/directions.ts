import { log } from "../../kernels/math.ts";
import type { Random } from "../../tensor/random.ts";

/** Dimensions of the latent space. */
export const DIMENSION = 16;

/** ‖Σ √share · direction‖: each part has its share of the squared length, as far as directions are independent. */
export function mix(parts: readonly (readonly [share: number, direction: Float64Array])[]): Float64Array {
  const sum = new Float64Array(DIMENSION);
  for (const [share, part] of parts) for (let d = 0; d < DIMENSION; d++) sum[d] += Math.sqrt(share) * part[d];
  const norm = Math.sqrt(sum.reduce((squares, x) => squares + x * x, 0));
  return sum.map((x) => x / norm);
}

/** A random unit vector. */
export function direction(random: Random): Float64Array {
  return mix([[1, Float64Array.from({ length: DIMENSION }, () => normal(random))]]);
}

/** A draw from the normal distribution by the polar method (Marsaglia 1964), which needs no sine. */
export function normal(random: Random): number {
  for (;;) {
    const x = random.between(-1, 1);
    const y = random.between(-1, 1);
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * log(square)) / square);
  }
}
