import type { Kernels, Pointer, ServingKernels } from "./contract.ts";
import { Engine } from "./engine.ts";
import { dot, ReferenceMemory } from "./reference-memory.ts";

/** The fallback of a program that only serves: the kernels it needs, in plain TypeScript. */
export function servingReferenceEngine(): Engine {
  const memory = new ReferenceMemory(4);
  return new Engine(servingReference(memory) as Kernels, memory, 4, 0);
}

/** The serving kernels in plain TypeScript; reference.ts has the others. */
export function servingReference(memory: ReferenceMemory): ServingKernels {
  const { floats, ints, row, map, floatBytes } = memory;
  const matmul = (
    c: Pointer,
    m: number,
    n: number,
    k: number,
    accumulate: boolean,
    a: (i: number, p: number) => number,
    b: (p: number, j: number) => number,
  ): void => {
    const out = floats(c, m * n);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = accumulate ? out[i * n + j] : 0;
        for (let p = 0; p < k; p++) sum += a(i, p) * b(p, j);
        out[i * n + j] = sum;
      }
  };

  return {
    matmulNN(a, b, c, m, n, k, accumulate) {
      const A = floats(a, m * k),
        B = floats(b, k * n);
      matmul(
        c,
        m,
        n,
        k,
        accumulate,
        (i, p) => A[i * k + p],
        (p, j) => B[p * n + j],
      );
    },
    matmulNT(a, b, c, m, n, k, accumulate) {
      const A = floats(a, m * k),
        B = floats(b, n * k);
      matmul(
        c,
        m,
        n,
        k,
        accumulate,
        (i, p) => A[i * k + p],
        (p, j) => B[j * k + p],
      );
    },
    matmulTN(a, b, c, m, n, k, accumulate) {
      const A = floats(a, k * m),
        B = floats(b, k * n);
      matmul(
        c,
        m,
        n,
        k,
        accumulate,
        (i, p) => A[p * m + i],
        (p, j) => B[p * n + j],
      );
    },
    pack(b, packed, n, k, transposed) {
      const B = floats(b, k * n),
        P = floats(packed, k * n);
      for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) P[p * n + j] = transposed ? B[j * k + p] : B[p * n + j];
    },
    matmulPacked(a, packed, c, m, n, k, accumulate) {
      this.matmulNN(a, packed, c, m, n, k, accumulate);
    },
    linear(a, b, bias, y, m, n, k, rectify, accumulate) {
      this.matmulNN(a, b, y, m, n, k, accumulate);
      this.addRow(y, bias, y, m, n);
      if (rectify) this.relu(y, y, m * n);
    },

    affine: (x, s, t, y, n) => map(x, y, n, (value) => s * value + t),
    add(x, y, z, n) {
      const X = floats(x, n),
        Y = floats(y, n),
        Z = floats(z, n);
      for (let i = 0; i < n; i++) Z[i] = X[i] + Y[i];
    },
    multiply(x, y, z, n) {
      const X = floats(x, n),
        Y = floats(y, n),
        Z = floats(z, n);
      for (let i = 0; i < n; i++) Z[i] = X[i] * Y[i];
    },
    relu: (x, y, n) => map(x, y, n, (value) => Math.max(0, value)),

    addRow(x, bias, y, m, n) {
      const B = floats(bias, n);
      for (let i = 0; i < m; i++) {
        const X = row(x, i, n),
          Y = row(y, i, n);
        for (let j = 0; j < n; j++) Y[j] = X[j] + B[j];
      }
    },
    copyRows(x, xStride, y, yStride, m, width) {
      for (let i = 0; i < m; i++)
        floats(y + i * yStride * floatBytes, width).set(floats(x + i * xStride * floatBytes, width));
    },

    causalSoftmax(x, scale, recency, y, n) {
      const R = floats(recency, n);
      for (let i = 0; i < n; i++) {
        const X = row(x, i, n),
          Y = row(y, i, n);
        let max = -Infinity,
          sum = 0;
        for (let j = 0; j <= i; j++) max = Math.max(max, (Y[j] = scale * X[j] + R[n - 1 - i + j]));
        for (let j = 0; j <= i; j++) sum += Y[j] = Math.exp(Y[j] - max);
        for (let j = 0; j < n; j++) Y[j] = j <= i ? Y[j] / sum : 0;
      }
    },
    standardiseRows(x, y, inverse, m, n) {
      const I = floats(inverse, m);
      for (let i = 0; i < m; i++) {
        const X = row(x, i, n),
          Y = row(y, i, n);
        let sum = 0;
        for (const value of X) sum += value;
        for (let j = 0; j < n; j++) Y[j] = X[j] - sum / n;
        I[i] = 1 / Math.sqrt(dot(Y, Y) / n + 1e-5);
        for (let j = 0; j < n; j++) Y[j] *= I[i];
      }
    },
    multiplyRow(x, factors, y, m, n) {
      const F = floats(factors, n);
      for (let i = 0; i < m; i++) {
        const X = row(x, i, n),
          Y = row(y, i, n);
        for (let j = 0; j < n; j++) Y[j] = X[j] * F[j];
      }
    },

    normaliseRows(x, y, norms, m, n) {
      const N = floats(norms, m);
      for (let i = 0; i < m; i++) {
        const X = row(x, i, n),
          Y = row(y, i, n);
        N[i] = Math.max(Math.sqrt(dot(X, X)), 1e-12);
        for (let j = 0; j < n; j++) Y[j] = X[j] / N[i];
      }
    },

    gather(table, rows, y, count, d, yStride) {
      const R = ints(rows, count);
      for (let i = 0; i < count; i++) floats(y + i * yStride * floatBytes, d).set(row(table, R[i], d));
    },
    poolMean(table, rows, offsets, y, b, d, yStride) {
      const O = ints(offsets, b + 1),
        R = ints(rows, O[b]);
      for (let i = 0; i < b; i++) {
        const Y = floats(y + i * yStride * floatBytes, d).fill(0);
        const length = O[i + 1] - O[i];
        for (let at = O[i]; at < O[i + 1]; at++) {
          const T = row(table, R[at], d);
          for (let j = 0; j < d; j++) Y[j] += T[j] / length;
        }
      }
    },

    topK(x, m, n, k, first, columns, values) {
      for (let i = 0; i < m; i++) {
        const C = ints(columns + i * k * 4, k);
        const V = floats(values + i * k * floatBytes, k);
        const before = first === 0 ? [] : [...C].map((column, t) => ({ column, value: V[t] }));
        const best = [...before, ...[...row(x, i, n)].map((value, j) => ({ column: first + j, value }))]
          .filter(({ value }) => value > -Infinity)
          .sort((a, b) => b.value - a.value || a.column - b.column)
          .slice(0, k);
        for (let t = 0; t < k; t++) {
          C[t] = best[t]?.column ?? -1;
          V[t] = best[t]?.value ?? -Infinity;
        }
      }
    },
  };
}
