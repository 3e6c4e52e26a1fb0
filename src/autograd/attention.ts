import type { Pointer } from "../kernels/contract.ts";
import { expectShapes, type Ints, passing, type Tensor, zeros } from "../tensor/tensor.ts";
import { type Op, op } from "./op.ts";

/**
 * Attention with several heads of every token of a sequence to those before it and itself (Vaswani et al. 2017, 3.2),
 *   y[i] = Σ_{j ≤ i} softmaxⱼ( qᵢ · kⱼ / √d_h + recency[i − j] ) vⱼ        for each head's d_h = d / heads columns
 * Sequences stand one after another: s has the rows offsets[s] … offsets[s+1]. recency[h, l − 1 − distance] is learnt
 * for each head h and distance up to l − 1: how much the last choice counts, and the one before.
 *   q, k, v: [n, d], recency: [heads, l], offsets: [sequences + 1] → y: [n, d]
 */
export const attend: Op<[q: Tensor, k: Tensor, v: Tensor, recency: Tensor, offsets: Ints]> = op(
  "attend",
  (q, k, v, recency, offsets) => {
    const { engine } = q;
    const { kernels, floatBytes } = engine;
    const d = q.shape[1];
    const [heads, l] = recency.shape;
    const width = d / heads;
    const scale = 1 / Math.sqrt(width);
    const ends = offsets.data.slice();
    const lengths = Array.from({ length: ends.length - 1 }, (_, s) => ends[s + 1] - ends[s]);
    const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
    expectShapes(
      "attend",
      Number.isInteger(width) && longest <= l && k.size === q.size,
      q.shape,
      k.shape,
      recency.shape,
    );

    const room = (): Pointer => engine.passing(longest * width * floatBytes);
    /** The columns of a head in the rows of a sequence, made dense; and back. */
    const take = (x: Tensor, s: number, h: number, to: Pointer): Pointer => {
      kernels.copyRows(x.pointer + (ends[s] * d + h * width) * floatBytes, d, to, width, lengths[s], width);
      return to;
    };
    const put = (from: Pointer, x: Tensor, s: number, h: number): void =>
      kernels.copyRows(from, width, x.pointer + (ends[s] * d + h * width) * floatBytes, d, lengths[s], width);
    const recencyOf = (x: Tensor, s: number, h: number): Pointer => x.pointer + ((h + 1) * l - lengths[s]) * floatBytes;
    function* parts(): Generator<[s: number, h: number, m: number]> {
      for (let s = 0; s < lengths.length; s++)
        for (let h = 0; h < heads; h++) if (lengths[s] > 0) yield [s, h, lengths[s]];
    }

    const y = passing(engine, q.shape);
    const [qh, kh, vh, yh] = [room(), room(), room(), room()];
    const weights: Pointer[] = []; // of each sequence and head, [m, m]
    for (const [s, h, m] of parts()) {
      const p = engine.passing(m * m * floatBytes);
      kernels.matmulNT(take(q, s, h, qh), take(k, s, h, kh), p, m, m, width, false);
      kernels.causalSoftmax(p, scale, recencyOf(recency, s, h), p, m);
      kernels.matmulNN(p, take(v, s, h, vh), yh, m, width, m, false);
      put(yh, y, s, h);
      weights.push(p);
    }

    return [
      y,
      (dy) => {
        let gradients: { dq: Tensor; dk: Tensor; dv: Tensor; dRecency: Tensor } | undefined;
        const all = (): NonNullable<typeof gradients> => {
          if (gradients) return gradients;
          const [dq, dk, dv] = [passing(engine, q.shape), passing(engine, q.shape), passing(engine, q.shape)];
          const dRecency = zeros(engine, recency.shape);
          const dyh = room();
          const dp = engine.passing(longest * longest * floatBytes);
          let part = 0;
          for (const [s, h, m] of parts()) {
            const p = weights[part++];
            take(dy, s, h, dyh);
            kernels.matmulTN(p, dyh, vh, m, width, m, false); // dv = pᵀ dy
            put(vh, dv, s, h);
            kernels.matmulNT(dyh, take(v, s, h, vh), dp, m, m, width, false); // dp = dy vᵀ
            kernels.causalSoftmaxBackward(p, dp, scale, dp, recencyOf(dRecency, s, h), m);
            kernels.matmulNN(dp, take(k, s, h, kh), yh, m, width, m, false); // dq = dz k / √d_h
            put(yh, dq, s, h);
            kernels.matmulTN(dp, take(q, s, h, qh), yh, m, width, m, false); // dk = dzᵀ q / √d_h
            put(yh, dk, s, h);
          }
          return (gradients = { dq, dk, dv, dRecency });
        };
        return [() => all().dq, () => all().dk, () => all().dv, () => all().dRecency, null];
      },
    ];
  },
);
