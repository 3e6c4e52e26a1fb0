import { createEngine } from "../src/kernels/wasm.ts";
import type { Figure, Wanted } from "./figure.ts";
import { measure } from "./measure.ts";

type Transposes = "NN" | "NT" | "TN";
export type Product = readonly [transposes: Transposes, m: number, n: number, k: number];

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

/** The matrix product at every shape of training and at odd ones, in GFLOP/s, beside what 128-bit vectors can do at most. */
export async function kernelsBench(wanted: Wanted): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const product of [...BATCHES.flatMap(productsOfStep), ...ODD]) {
    const [transposes, m, n, k] = product;
    const name = `kernels/matmul${transposes}/${m}x${n}x${k}`;
    if (!wanted(name)) continue;
    const times = Math.ceil(1e8 / (2 * m * n * k)); // about 2 ms a run
    const { seconds, limit } = await measure(productRun(product, times), { time: 100, warmup: 60 });
    const value = (times * 2 * m * n * k) / seconds / 1e9;
    figures.push({ name, value, unit: "GFLOP/s", limit, ratio: value / limit });
  }
  return figures;
}

/** Multiplies so many times. */
function productRun([transposes, m, n, k]: Product, times: number): () => void {
  const engine = createEngine();
  const [a, b, c] = [m * k, k * n, m * n].map((size) => engine.lasting(size * 4));
  engine.floats(a, m * k).forEach((_, i, view) => {
    view[i] = (i % 7) - 3;
  });
  engine.floats(b, k * n).forEach((_, i, view) => {
    view[i] = (i % 5) - 2;
  });
  const matmul = engine.kernels[`matmul${transposes}`];
  return () => {
    for (let i = 0; i < times; i++) matmul(a, b, c, m, n, k, false);
  };
}
