// Optimisers over the rows a step has touched: x[rows[i],:] changes by grad[i,:]. rows = 0 means row i itself.
import { dot } from "./reduce";

// @ts-ignore: decorator
@inline
function offsetOf(rows: usize, i: i32, d: i32): usize {
  return (<usize>(rows == 0 ? i : load<i32>(rows + (<usize>i << 2))) * d) << 2;
}

/** Adam; formulas in the contract. */
export function adam(
  x: usize, m: usize, v: usize, grad: usize, rows: usize, count: i32, d: i32,
  rate: f32, beta1: f32, beta2: f32, epsilon: f32, correction1: f32, correction2: f32, decay: f32,
): void {
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(1 - beta1);
  const b2 = f32x4.splat(beta2), c2 = f32x4.splat(1 - beta2);
  const step = f32x4.splat(rate / correction1);
  const inverse = f32x4.splat(1 / correction2);
  const eps = f32x4.splat(epsilon);
  const keep = f32x4.splat(1 - rate * decay);
  for (let i = 0; i < count; i++) {
    const offset = offsetOf(rows, i, d);
    let px = x + offset, pm = m + offset, pv = v + offset;
    const end = grad + (<usize>d << 2);
    for (; grad + 16 <= end; grad += 16, px += 16, pm += 16, pv += 16) {
      const g = v128.load(grad);
      const newM = f32x4.add(f32x4.mul(b1, v128.load(pm)), f32x4.mul(c1, g));
      const newV = f32x4.add(f32x4.mul(b2, v128.load(pv)), f32x4.mul(c2, f32x4.mul(g, g)));
      v128.store(pm, newM);
      v128.store(pv, newV);
      const root = f32x4.add(f32x4.sqrt(f32x4.mul(newV, inverse)), eps);
      v128.store(px, f32x4.sub(f32x4.mul(keep, v128.load(px)), f32x4.div(f32x4.mul(step, newM), root)));
    }
    for (; grad < end; grad += 4, px += 4, pm += 4, pv += 4) {
      const g = load<f32>(grad);
      const newM: f32 = beta1 * load<f32>(pm) + (1 - beta1) * g;
      const newV: f32 = beta2 * load<f32>(pv) + (1 - beta2) * (g * g);
      store<f32>(pm, newM);
      store<f32>(pv, newV);
      const root: f32 = sqrt<f32>(newV * (1 / correction2)) + epsilon;
      store<f32>(px, (1 - rate * decay) * load<f32>(px) - ((rate / correction1) * newM) / root);
    }
  }
}

/** Adagrad; formulas in the contract. */
export function adagrad(
  x: usize, s: usize, grad: usize, rows: usize, count: i32, d: i32, rate: f32, epsilon: f32, decay: f32,
): void {
  const step = f32x4.splat(rate), eps = f32x4.splat(epsilon), keep = f32x4.splat(1 - rate * decay);
  for (let i = 0; i < count; i++) {
    const offset = offsetOf(rows, i, d);
    let px = x + offset, ps = s + offset;
    const end = grad + (<usize>d << 2);
    for (; grad + 16 <= end; grad += 16, px += 16, ps += 16) {
      const g = v128.load(grad);
      const newS = f32x4.add(v128.load(ps), f32x4.mul(g, g));
      v128.store(ps, newS);
      const root = f32x4.add(f32x4.sqrt(newS), eps);
      v128.store(px, f32x4.sub(f32x4.mul(keep, v128.load(px)), f32x4.div(f32x4.mul(step, g), root)));
    }
    for (; grad < end; grad += 4, px += 4, ps += 4) {
      const g = load<f32>(grad);
      const newS: f32 = load<f32>(ps) + g * g;
      store<f32>(ps, newS);
      store<f32>(px, (1 - rate * decay) * load<f32>(px) - (rate * g) / (sqrt<f32>(newS) + epsilon));
    }
  }
}

/** Adagrad with one accumulator a row. */
export function adagradRowWise(
  x: usize, s: usize, grad: usize, rows: usize, count: i32, d: i32, rate: f32, epsilon: f32, decay: f32,
): void {
  const keep: f32 = 1 - rate * decay;
  for (let i = 0; i < count; i++) {
    const offset = offsetOf(rows, i, d);
    const accumulator = s + offset / d;
    const newS: f32 = load<f32>(accumulator) + dot(grad, grad, d) / <f32>d;
    store<f32>(accumulator, newS);
    const step: f32 = rate / (sqrt<f32>(newS) + epsilon);
    let px = x + offset;
    const end = grad + (<usize>d << 2);
    const ks = f32x4.splat(keep), ss = f32x4.splat(step);
    for (; grad + 16 <= end; grad += 16, px += 16)
      v128.store(px, f32x4.sub(f32x4.mul(ks, v128.load(px)), f32x4.mul(ss, v128.load(grad))));
    for (; grad < end; grad += 4, px += 4) store<f32>(px, keep * load<f32>(px) - step * load<f32>(grad));
  }
}
