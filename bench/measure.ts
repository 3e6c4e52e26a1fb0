import { Bench } from "tinybench";
import { median } from "./figure.ts";
import { vectorLimit } from "./limit.ts";

/** Medians of one measurement. */
export interface Measured {
  readonly seconds: number;
  /** GFLOP/s that 128-bit vectors reached, measured before each run: a machine that slows down slows down both. */
  readonly limit: number;
}

export interface MeasureOptions {
  /** Least runs. */
  readonly runs?: number;
  /** Least milliseconds. */
  readonly time?: number;
  /** Milliseconds of running before anything counts, until the engine has compiled what is hot. */
  readonly warmup?: number;
}

/** Times `run`, alternating with the machine's limit. */
export async function measure(run: () => void, options: MeasureOptions = {}): Promise<Measured> {
  const { runs = 9, time = 300, warmup = 300 } = options;
  const limits: number[] = [];
  const bench = new Bench({ iterations: runs, time, warmupIterations: 3, warmupTime: warmup });
  bench.add("run", run, { beforeEach: () => void limits.push(vectorLimit()) });
  await bench.run();
  const { result } = bench.tasks[0];
  if (result.state !== "completed")
    throw new Error("a bench did not complete", { cause: "error" in result && result.error });
  return { seconds: result.latency.p50 / 1000, limit: median(limits) };
}
