/**
 * Solves A x = b in place for a symmetric positive definite A [d, d]: A = L Lᵀ, then two triangular systems. b becomes x,
 * the lower triangle of A becomes L; the upper one is never read. d³ / 3 flops.
 */
export function solveInPlace(a: Float64Array, b: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) {
    const row = i * d;
    for (let j = 0; j < i; j++) a[row + j] = (a[row + j] - dotOfRows(a, row, j * d, j)) / a[j * d + j];
    a[row + i] = Math.sqrt(a[row + i] - dotOfRows(a, row, row, i));
  }
  for (let i = 0; i < d; i++) {
    let sum = b[i]; // L y = b
    for (let j = 0; j < i; j++) sum -= a[i * d + j] * b[j];
    b[i] = sum / a[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    b[i] /= a[i * d + i]; // Lᵀ x = y, by columns of Lᵀ, which are rows of L
    for (let j = 0; j < i; j++) b[j] -= a[i * d + j] * b[i];
  }
}

/** Σ a[from + j] · a[other + j] over j < n; four sums, because one would wait for itself at every addition. */
function dotOfRows(a: Float64Array, from: number, other: number, n: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    s0 += a[from + j] * a[other + j];
    s1 += a[from + j + 1] * a[other + j + 1];
    s2 += a[from + j + 2] * a[other + j + 2];
    s3 += a[from + j + 3] * a[other + j + 3];
  }
  for (; j < n; j++) s0 += a[from + j] * a[other + j];
  return s0 + s1 + (s2 + s3);
}
