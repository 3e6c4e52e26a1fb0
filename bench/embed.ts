import { createEngine } from "../src/kernels/wasm.ts";
import { Network } from "../src/model/network.ts";
import { Random } from "../src/tensor/random.ts";
import type { Figure, Wanted } from "./figure.ts";
import { measure } from "./measure.ts";
import { ITEM_FLOPS, itemTable, shape } from "./model.ts";

const COUNT = 100_000;

/** Vectors of 100,000 items, in bulk, beside what the tower's matrix products allow at the limit of 128-bit vectors. */
export async function embedBench(wanted: Wanted): Promise<Figure[]> {
  if (!wanted("embed")) return [];
  const network = new Network(createEngine(), shape, new Random(1));
  const items = itemTable(COUNT, new Random(2));
  const { seconds, limit: gflops } = await measure(() => void network.item.embed(items), { warmup: 600 });
  const value = COUNT / seconds;
  const limit = (gflops * 1e9) / ITEM_FLOPS;
  return [{ name: "embed", value, unit: "items/s", limit, ratio: value / limit }];
}
