import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bench } from "tinybench";
import { id } from "../src/features/declare.ts";
import { encodeDataset, encodeInteractions } from "../src/features/encode-dataset.ts";
import { fitSchema } from "../src/features/fit-schema.ts";
import { readTable } from "../src/io/read-table.ts";
import { Random } from "../src/tensor/random.ts";
import type { Figure } from "./figure.ts";

const PAIRS = 1_000_000;
const USERS = 6040;
const ITEMS = 3706;

/** How fast rows become columns: interactions from typed arrays, and rows of a CSV file as large as ML-1M's. */
export async function encodeBench(): Promise<Figure[]> {
  const columns = syntheticPairs(new Random(1));
  const fitted = fitSchema({ user: { userId: id() }, item: { movieId: id() } }, { interactions: columns });
  const { users, items } = encodeDataset(fitted, { interactions: columns });

  const folder = mkdtempSync(join(tmpdir(), "twotower-bench-"));
  try {
    const path = join(folder, "ratings.csv");
    writeFileSync(path, csvOf(columns));
    const bench = new Bench({ time: 0, iterations: 5, warmup: false });
    bench.add("encode/interactions", () => void encodeInteractions(fitted, columns, users.ids, items.ids));
    bench.add("encode/csv", async () => void (await readTable(path, { role: "interactions" })));
    await bench.run();
    return bench.tasks.map(({ name, result }) => {
      if (result.state !== "completed") throw new Error(`${name}: ${result.state}`);
      return { name, value: PAIRS / (result.latency.p50 / 1000), unit: "rows/s" };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Pairs {
  readonly userId: Int32Array;
  readonly movieId: Int32Array;
  readonly timestamp: Float64Array;
}

function syntheticPairs(random: Random): Pairs {
  const below = (bound: number) => Int32Array.from({ length: PAIRS }, () => 1 + random.below(bound));
  return {
    userId: below(USERS),
    movieId: below(ITEMS),
    timestamp: Float64Array.from(below(1e8), (second) => 9e8 + second),
  };
}

function csvOf({ userId, movieId, timestamp }: Pairs): string {
  const lines = ["userId,movieId,rating,timestamp"];
  for (let row = 0; row < PAIRS; row++) lines.push(`${userId[row]},${movieId[row]},${1 + (row % 5)},${timestamp[row]}`);
  return `${lines.join("\n")}\n`;
}
