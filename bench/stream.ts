import { spawnSync } from "node:child_process";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { id, inBatch, twoTower } from "../src/index.ts";
import { linesOf } from "../src/io/lines.ts";
import { collectInteractions } from "../src/scale.ts";
import { Random } from "../src/tensor/random.ts";
import type { Figure } from "./figure.ts";

const ROWS = 4_000_000;
const USERS = 50_000;
const ITEMS = 5_000;
const HEAP = 64; // MB

/** What the process that trains found. */
interface Found {
  readonly interactions: number;
  readonly seconds: number;
  readonly loss: number;
  readonly residentMegabytes: number;
}

/**
 * Training from a CSV file larger than memory: a process whose JavaScript heap may take 64 MB reads it in chunks and
 * trains on it for an epoch. `stream/heap` is the file beside what the heap may take, `stream/resident` all memory of
 * the process beside the size of the file.
 */
export async function streamBench(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "twotower-bench-"));
  try {
    const path = join(folder, "log.csv");
    writeLog(path);
    const megabytes = statSync(path).size / 2 ** 20;
    const program = [`--max-old-space-size=${HEAP}`, fileURLToPath(import.meta.url), path];
    const { stdout, stderr, status } = spawnSync(process.execPath, program, { encoding: "utf8" });
    if (status !== 0) throw new Error(`training from ${megabytes.toFixed(0)} MB failed: ${stderr}`);
    const { interactions, seconds, residentMegabytes } = JSON.parse(stdout) as Found;
    if (interactions !== ROWS) throw new Error(`${interactions} interactions were read, not ${ROWS}`);
    return [
      { name: "stream/rows", value: ROWS / seconds, unit: "rows/s" },
      { name: "stream/heap", value: megabytes, unit: "MB of file", limit: HEAP, ratio: megabytes / HEAP },
      {
        name: "stream/resident",
        value: residentMegabytes,
        unit: "MB",
        limit: megabytes,
        ratio: residentMegabytes / megabytes,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A log as services write them: who, what, when, as text. */
function writeLog(path: string): void {
  const random = new Random(1);
  const file = openSync(path, "w");
  writeSync(file, "user,item,action,timestamp\n");
  for (let row = 0; row < ROWS; ) {
    let text = "";
    for (const end = row + 10_000; row < end; row++) {
      const user = String(random.below(USERS)).padStart(7, "0");
      const item = String(random.below(ITEMS)).padStart(7, "0");
      text += `user-${user},item-${item},view,${new Date(1.7e12 + 1000 * row).toISOString()}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}

/** Columns of the file, some thousands of rows at a time. */
async function* chunksOf(path: string): AsyncGenerator<Record<"user" | "item" | "timestamp", string[]>> {
  let isHeader = true;
  for await (const lines of linesOf(createReadStream(path, "utf8"))) {
    const rows = lines.slice(isHeader ? 1 : 0).map((line) => line.split(","));
    isHeader = false;
    const column = (at: number): string[] => rows.map((row) => row[at]);
    yield { user: column(0), item: column(1), timestamp: column(3) };
  }
}

async function train(path: string): Promise<Found> {
  const start = performance.now();
  const schema = { user: { user: id() }, item: { item: id() } };
  const interactions = await collectInteractions(schema, chunksOf(path));
  const { epochs } = await twoTower({ ...schema, dimension: 8 }).fit(
    { interactions },
    { epochs: 1, negatives: inBatch(), batchSize: 1024 },
  );
  return {
    interactions: (interactions as unknown as { user: ArrayLike<string> }).user.length,
    seconds: (performance.now() - start) / 1000,
    loss: epochs[0].loss,
    residentMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await train(process.argv[2])));
