import { callback, expectKind, notNegative, wholeBetween } from "../features/kinds.ts";

/** The factor of the learning rate at a step of `total`: 0 ≤ step < total. */
export type Schedule = (step: number, total: number) => number;

/** The same rate throughout. */
export const constantRate: Schedule = () => 1;

/** From 1 down to `final` in a straight line. */
export function linearDecay(final = 0): Schedule {
  expectKind("linearDecay: final", final, notNegative);
  return (step, total) => 1 - (1 - final) * (step / total);
}

/**
 * From 1 down to `final`, level at both ends: 1 − 3t² + 2t³, within 0.011 of the cosine schedule
 * (Loshchilov and Hutter 2017) but the same bits on every engine, which Math.cos is not.
 */
export function smoothDecay(final = 0): Schedule {
  expectKind("smoothDecay: final", final, notNegative);
  return (step, total) => {
    const t = step / total;
    return final + (1 - final) * (1 - t * t * (3 - 2 * t));
  };
}

/** A rise from 0 over the first `steps` steps, then another schedule over the rest. */
export function warmUp(steps: number, then: Schedule = constantRate): Schedule {
  expectKind("warmUp: steps", steps, wholeBetween(0, Number.MAX_SAFE_INTEGER));
  expectKind("warmUp: then", then, callback);
  return (step, total) => (step < steps ? (step + 1) / steps : then(step - steps, Math.max(1, total - steps)));
}
