import type { Kernels, ServingKernels } from "./contract.ts";
import { Engine } from "./engine.ts";
import { dot, ReferenceMemory } from "./reference-memory.ts";
import { servingReference } from "./reference-serving.ts";

/**
 * Every kernel in plain TypeScript: the specification that the WebAssembly ones are tested against, in float64 the
 * ground that gradients are checked on, and in float32 the fallback where WebAssembly is forbidden.
 */
export function referenceEngine(floatBytes: 4 | 8): Engine {
  const memory = new ReferenceMemory(floatBytes);
  return new Engine({ ...servingReference(memory), ...trainingReference(memory) }, memory, floatBytes, 0);
}

function trainingReference(memory: ReferenceMemory): Omit<Kernels, keyof ServingKernels> {
  const { floats, ints, row, map, floatBytes } = memory;
  const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

  return {
    fill: (x, value, n) => void floats(x, n).fill(value),
    reluBackward(y, dy, dx, n) {
      const Y = floats(y, n),
        DY = floats(dy, n),
        DX = floats(dx, n);
      for (let i = 0; i < n; i++) DX[i] = Y[i] > 0 ? DY[i] : 0;
    },
    exp: (x, y, n) => map(x, y, n, Math.exp),
    sigmoid: (x, y, n) => map(x, y, n, sigmoid),
    softplus: (x, y, n) => map(x, y, n, softplus),

    addColumn(x, column, s, y, m, n) {
      const C = floats(column, m);
      for (let i = 0; i < m; i++) {
        const X = row(x, i, n),
          Y = row(y, i, n);
        for (let j = 0; j < n; j++) Y[j] = X[j] + s * C[i];
      }
    },
    sumRows(x, out, m, n) {
      const O = floats(out, n);
      for (let i = 0; i < m; i++) {
        const X = row(x, i, n);
        for (let j = 0; j < n; j++) O[j] += X[j];
      }
    },
    sumColumns(x, out, m, n) {
      const O = floats(out, m);
      for (let i = 0; i < m; i++) {
        O[i] = 0;
        for (const value of row(x, i, n)) O[i] += value;
      }
    },
    sum: (x, n) => {
      let total = 0;
      for (const value of floats(x, n)) total += value;
      return total;
    },
    rowDot(x, y, out, m, n) {
      const O = floats(out, m);
      for (let i = 0; i < m; i++) O[i] = dot(row(x, i, n), row(y, i, n));
    },
    crossEntropy(x, scale, bias, positive, p, loss, b, c) {
      const L = floats(loss, b),
        POS = ints(positive, b),
        B = bias === 0 ? undefined : floats(bias, c);
      for (let i = 0; i < b; i++) {
        const X = row(x, i, c),
          P = row(p, i, c);
        let max = -Infinity,
          sum = 0;
        for (let j = 0; j < c; j++) max = Math.max(max, (P[j] = scale * X[j] + (B?.[j] ?? 0)));
        const zPositive = P[POS[i]];
        for (let j = 0; j < c; j++) sum += P[j] = Math.exp(P[j] - max);
        for (let j = 0; j < c; j++) P[j] /= sum;
        L[i] = max + Math.log(sum) - zPositive;
      }
    },
    crossEntropyBackward(p, scale, positive, dLoss, dx, b, c) {
      const POS = ints(positive, b),
        D = floats(dLoss, b);
      for (let i = 0; i < b; i++) {
        const P = row(p, i, c),
          DX = row(dx, i, c);
        for (let j = 0; j < c; j++) DX[j] = scale * D[i] * (P[j] - (j === POS[i] ? 1 : 0));
      }
    },
    sampledSoftmax(x, scale, bias, maskOffsets, maskColumns, offsets, positives, own, weights, loss, m, c) {
      const O = ints(offsets, m + 1),
        B = floats(bias, c);
      const all = O[m];
      const POS = ints(positives, all),
        OWN = floats(own, all),
        W = floats(weights, all),
        L = floats(loss, all);
      for (let i = 0; i < m; i++) {
        const X = row(x, i, c);
        const [maskStart, maskEnd] = maskOffsets === 0 ? [0, 0] : ints(maskOffsets + 4 * i, 2);
        const masked = new Set(ints(maskColumns + 4 * maskStart, maskEnd - maskStart));
        const logits = Array.from(X, (value, j) => (masked.has(j) ? -Infinity : scale * value + B[j]));
        const gradient = new Float64Array(c);
        for (let e = O[i]; e < O[i + 1]; e++) {
          const z = scale * X[POS[e]] + OWN[e];
          const max = logits.reduce((most, logit) => Math.max(most, logit), z);
          const power = masked.has(POS[e]) ? Math.exp(z - max) : 0;
          const D = logits.reduce((sum, logit) => sum + Math.exp(logit - max), power);
          L[e] = Math.log(D) + max - z;
          for (let j = 0; j < c; j++) gradient[j] += (W[e] * Math.exp(logits[j] - max)) / D;
          gradient[POS[e]] += W[e] * (power / D - 1);
        }
        for (let j = 0; j < c; j++) X[j] = scale * gradient[j];
      }
    },
    mask(x, offsets, columns, value, b, c) {
      const O = ints(offsets, b + 1),
        C = ints(columns, O[b]),
        X = floats(x, b * c);
      for (let i = 0; i < b; i++) for (let at = O[i]; at < O[i + 1]; at++) X[i * c + C[at]] = value;
    },

    causalSoftmaxBackward(y, dy, scale, dx, dRecency, n) {
      const R = floats(dRecency, n);
      for (let i = 0; i < n; i++) {
        const Y = row(y, i, n),
          DY = row(dy, i, n),
          DX = row(dx, i, n);
        const mean = dot(Y.subarray(0, i + 1), DY.subarray(0, i + 1));
        for (let j = 0; j < n; j++) {
          const dz = j <= i ? Y[j] * (DY[j] - mean) : 0;
          if (j <= i) R[n - 1 - i + j] += dz;
          DX[j] = scale * dz;
        }
      }
    },
    standardiseRowsBackward(y, inverse, dy, dx, m, n) {
      const I = floats(inverse, m);
      for (let i = 0; i < m; i++) {
        const Y = row(y, i, n),
          DY = row(dy, i, n),
          DX = row(dx, i, n);
        let sum = 0;
        for (const value of DY) sum += value;
        const along = dot(Y, DY) / n;
        for (let j = 0; j < n; j++) DX[j] = I[i] * (DY[j] - sum / n - Y[j] * along);
      }
    },
    normaliseRowsBackward(y, norms, dy, dx, m, n) {
      const N = floats(norms, m);
      for (let i = 0; i < m; i++) {
        const Y = row(y, i, n),
          DY = row(dy, i, n),
          DX = row(dx, i, n);
        const along = dot(Y, DY);
        for (let j = 0; j < n; j++) DX[j] = (DY[j] - Y[j] * along) / N[i];
      }
    },

    scatterAdd(dy, dyStride, rows, table, count, d) {
      const R = ints(rows, count);
      for (let i = 0; i < count; i++) {
        const from = floats(dy + i * dyStride * floatBytes, d),
          to = row(table, R[i], d);
        for (let j = 0; j < d; j++) to[j] += from[j];
      }
    },
    poolMeanBackward(dy, dyStride, rows, offsets, table, b, d) {
      const O = ints(offsets, b + 1),
        R = ints(rows, O[b]);
      for (let i = 0; i < b; i++) {
        const DY = floats(dy + i * dyStride * floatBytes, d);
        const length = O[i + 1] - O[i];
        for (let at = O[i]; at < O[i + 1]; at++) {
          const T = row(table, R[at], d);
          for (let j = 0; j < d; j++) T[j] += DY[j] / length;
        }
      }
    },
    uniqueRows(rows, count, slots, unique, uniqueCount, positions) {
      const R = ints(rows, count),
        U = ints(unique, uniqueCount + count),
        P = ints(positions, count);
      for (let i = 0; i < count; i++) {
        const [slot] = ints(slots + 4 * R[i], 1);
        const known = slot >= 0 && slot < uniqueCount && U[slot] === R[i];
        P[i] = known ? slot : uniqueCount;
        if (known) continue;
        ints(slots + 4 * R[i], 1)[0] = uniqueCount;
        U[uniqueCount++] = R[i];
      }
      return uniqueCount;
    },

    groupDot(u, v, out, b, k, d) {
      const O = floats(out, b * k);
      for (let i = 0; i < b; i++) for (let j = 0; j < k; j++) O[i * k + j] = dot(row(u, i, d), row(v, i * k + j, d));
    },
    groupSum(w, v, y, b, k, d) {
      const W = floats(w, b * k);
      for (let i = 0; i < b; i++) {
        const Y = row(y, i, d).fill(0);
        for (let j = 0; j < k; j++) {
          const V = row(v, i * k + j, d);
          for (let e = 0; e < d; e++) Y[e] += W[i * k + j] * V[e];
        }
      }
    },
    groupOuter(w, u, v, b, k, d) {
      const W = floats(w, b * k);
      for (let i = 0; i < b; i++) {
        const U = row(u, i, d);
        for (let j = 0; j < k; j++) {
          const V = row(v, i * k + j, d);
          for (let e = 0; e < d; e++) V[e] = W[i * k + j] * U[e];
        }
      }
    },

    adam(x, m, v, grad, rows, count, d, rate, beta1, beta2, epsilon, correction1, correction2, decay) {
      const R = rows === 0 ? undefined : ints(rows, count);
      for (let i = 0; i < count; i++) {
        const r = R ? R[i] : i;
        const X = row(x, r, d),
          M = row(m, r, d),
          V = row(v, r, d),
          G = row(grad, i, d);
        for (let j = 0; j < d; j++) {
          M[j] = beta1 * M[j] + (1 - beta1) * G[j];
          V[j] = beta2 * V[j] + (1 - beta2) * G[j] * G[j];
          X[j] -= rate * (M[j] / correction1 / (Math.sqrt(V[j] / correction2) + epsilon) + decay * X[j]);
        }
      }
    },
    adagrad(x, s, grad, rows, count, d, rate, epsilon, decay) {
      const R = rows === 0 ? undefined : ints(rows, count);
      for (let i = 0; i < count; i++) {
        const r = R ? R[i] : i;
        const X = row(x, r, d),
          S = row(s, r, d),
          G = row(grad, i, d);
        for (let j = 0; j < d; j++) {
          S[j] += G[j] * G[j];
          X[j] -= rate * (G[j] / (Math.sqrt(S[j]) + epsilon) + decay * X[j]);
        }
      }
    },
    adagradRowWise(x, s, grad, rows, count, d, rate, epsilon, decay) {
      const R = rows === 0 ? undefined : ints(rows, count);
      for (let i = 0; i < count; i++) {
        const r = R ? R[i] : i;
        const X = row(x, r, d),
          S = floats(s + r * floatBytes, 1),
          G = row(grad, i, d);
        S[0] += dot(G, G) / d;
        for (let j = 0; j < d; j++) X[j] -= rate * (G[j] / (Math.sqrt(S[0]) + epsilon) + decay * X[j]);
      }
    },
  };
}
