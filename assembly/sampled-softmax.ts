// Softmax over candidates that all rows share, and its gradient, in one visit of each row of scores.
import { affine } from "./elementwise";
import { exp2Below4, horizontalMax, horizontalSum, log4 } from "./math";

const LOG2_E: f32 = 1.44269504;
const LOG_2: f32 = 0.693147181;

/**
 * Scores become their gradient; formulas in the contract. Logits are to base 2, which saves the exponential its
 * reduction by log 2. A row of scores stays in L1 between its three passes: logits, powers, gradient.
 */
export function sampledSoftmax(
  x: usize, scale: f32, bias: usize, maskOffsets: usize, maskColumns: usize,
  offsets: usize, positives: usize, own: usize, weights: usize, loss: usize, m: i32, c: i32,
): void {
  const bytes = <usize>c << 2;
  for (let i = 0; i < m; i++, x += bytes, offsets += 4) {
    const start = <usize>load<i32>(offsets) << 2, end = <usize>load<i32>(offsets, 4) << 2;
    // The logits of the positives wait in `loss`: they have a bias of their own and may be masked as candidates.
    for (let e = start; e < end; e += 4)
      store<f32>(loss + e, (scale * load<f32>(at(x, positives + e)) + load<f32>(own + e)) * LOG2_E);
    if (maskOffsets != 0) {
      for (let e = load<i32>(maskOffsets), last = load<i32>(maskOffsets, 4); e < last; e++)
        store<f32>(at(x, maskColumns + (<usize>e << 2)), -Infinity);
      maskOffsets += 4;
    }
    let most = logits(x, scale * LOG2_E, bias, c);
    for (let e = start; e < end; e += 4) most = max(most, load<f32>(loss + e));

    const candidates = powers(x, most, c);
    let share: f32 = 0; // Σ weight / denominator
    for (let e = start; e < end; e += 4) {
      const logit = load<f32>(loss + e) - most;
      const isCandidate = load<f32>(at(x, positives + e)) > 0;
      const power: f32 = isCandidate ? 0 : f32x4.extract_lane(exp2Below4(f32x4.splat(logit)), 0);
      const denominator = candidates + power;
      const weight = load<f32>(weights + e);
      share += weight / denominator;
      store<f32>(loss + e, f32x4.extract_lane(log4(f32x4.splat(denominator)), 0) - LOG_2 * logit);
      store<f32>(own + e, scale * weight * (power / denominator - 1));
    }
    affine(x, scale * share, 0, x, c);
    for (let e = start; e < end; e += 4) {
      const target = at(x, positives + e);
      store<f32>(target, load<f32>(target) + load<f32>(own + e));
    }
  }
}

/** The address of the entry of x whose column stands at `column`. */
// @ts-ignore: decorator
@inline
function at(x: usize, column: usize): usize {
  return x + (<usize>load<i32>(column) << 2);
}

/** x = scale · x + bias · log₂ e; returns the largest. */
function logits(x: usize, scale: f32, bias: usize, n: i32): f32 {
  const s = f32x4.splat(scale);
  const toBits = f32x4.splat(LOG2_E);
  let lanes = f32x4.splat(-Infinity);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, bias += 16) {
    const z = f32x4.add(f32x4.mul(s, v128.load(x)), f32x4.mul(toBits, v128.load(bias)));
    v128.store(x, z);
    lanes = f32x4.pmax(lanes, z);
  }
  let most = horizontalMax(lanes);
  for (; x < end; x += 4, bias += 4) {
    const z: f32 = scale * load<f32>(x) + LOG2_E * load<f32>(bias);
    store<f32>(x, z);
    most = max(most, z);
  }
  return most;
}

/** x = 2^(x − most); returns Σ x. */
function powers(x: usize, most: f32, n: i32): f32 {
  const minus = f32x4.splat(most);
  let lanes = f32x4.splat(0);
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16) {
    const p = exp2Below4(f32x4.sub(v128.load(x), minus));
    v128.store(x, p);
    lanes = f32x4.add(lanes, p);
  }
  let total = horizontalSum(lanes);
  for (; x < end; x += 4) {
    const p = exp2Below4(f32x4.sub(v128.load32_splat(x), minus));
    v128.store_lane<f32>(x, p, 0);
    total += f32x4.extract_lane(p, 0);
  }
  return total;
}
