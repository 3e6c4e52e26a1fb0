import type { Kernels } from "../src/kernels/contract.ts";
import { createEngine } from "../src/kernels/wasm.ts";
import { type Figure, median } from "./figure.ts";
import { vectorLimit } from "./limit.ts";

type Transposes = "NN" | "NT" | "TN";
type Product = readonly [transposes: Transposes, m: number, n: number, k: number];

const BATCHES = [256, 1024, 4096];

/** Every matrix product of the training step: forward, gradient of the input, gradient of the weights. */
function productsOfStep(b: number): Product[] {
  const layers = [
    [112, 128], // user tower
    [80, 128], // item tower
    [128, 64], // both
  ];
  const towers = layers.flatMap(([k, n]): Product[] => [
    ["NN", b, n, k],
    ["NT", b, k, n],
    ["TN", k, n, b],
  ]);
  return [...towers, ["NT", b, b, 64], ["NN", b, 64, b], ["TN", b, 64, b]];
}

/** Sizes that are no multiples of any block. */
const ODD: readonly Product[] = (["NN", "NT", "TN"] as const).flatMap((transposes): Product[] => [
  [transposes, 37, 53, 71],
  [transposes, 253, 131, 117],
  [transposes, 1021, 67, 509],
]);

const ROUNDS = 15;
const MILLISECONDS = 4; // of work in each measurement

/**
 * The matrix product at every shape of training and at odd ones, in GFLOP/s, beside what 128-bit vectors can do at most.
 * Rounds alternate between the limit and the products, so that a machine that slows down slows down both.
 */
export function kernelsBench(): Figure[] {
  const products = [...BATCHES.flatMap(productsOfStep), ...ODD];
  const runs = products.map(productRun);
  const speeds = products.map((): number[] => []);
  const shares = products.map((): number[] => []);
  const limits: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [p, run] of runs.entries()) {
      const limit = vectorLimit();
      const speed = run();
      if (round === 0) continue; // compiling
      limits.push(limit);
      speeds[p].push(speed);
      shares[p].push(speed / limit);
    }
  }
  return [
    { name: "kernels/limit", value: median(limits), unit: "GFLOP/s" },
    ...products.map(([transposes, m, n, k], p) => ({
      name: `kernels/matmul${transposes}/${m}x${n}x${k}`,
      value: median(speeds[p]),
      unit: "GFLOP/s",
      limit: median(limits),
      ratio: median(shares[p]),
    })),
  ];
}

/** Multiplies for a few milliseconds; returns GFLOP/s. */
function productRun([transposes, m, n, k]: Product): () => number {
  const engine = createEngine();
  const [a, b, c] = [m * k, k * n, m * n].map((size) => engine.lasting(size * 4));
  engine.floats(a, m * k).forEach((_, i, view) => (view[i] = (i % 7) - 3));
  engine.floats(b, k * n).forEach((_, i, view) => (view[i] = (i % 5) - 2));
  const flops = 2 * m * n * k;
  const times = Math.max(1, Math.round((MILLISECONDS * 5e7) / flops));
  const matmul = engine.kernels[`matmul${transposes}` satisfies keyof Kernels];
  return () => {
    const start = performance.now();
    for (let i = 0; i < times; i++) matmul(a, b, c, m, n, k, false);
    return (times * flops) / (performance.now() - start) / 1e6;
  };
}
