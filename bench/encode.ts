import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import { id } from "../src/features/declare.ts";
import { encodeDataset, encodeInteractions } from "../src/features/encode-dataset.ts";
import { fitSchema } from "../src/features/fit-schema.ts";
import { readTable } from "../src/io/read-table.ts";
import { Random } from "../src/tensor/random.ts";
import { type Figure, median, type Wanted } from "./figure.ts";

const PAIRS = 1_000_000;
const USERS = 6040;
const ITEMS = 3706;

/**
 * How fast rows become columns. Interactions from typed arrays, beside the same numbers looked up in a Map and copied by
 * a loop that knows their types and checks nothing; rows of a CSV file as large as ML-1M's, beside the parser alone.
 */
export async function encodeBench(wanted: Wanted): Promise<Figure[]> {
  const columns = syntheticPairs(new Random(1));
  const folder = mkdtempSync(join(tmpdir(), "twotower-bench-"));
  try {
    const figures: Figure[] = [];
    if (wanted("encode/interactions")) {
      const fitted = fitSchema({ user: { userId: id() }, item: { movieId: id() } }, { interactions: columns });
      const { users, items } = encodeDataset(fitted, { interactions: columns });
      figures.push(
        await beside(
          "encode/interactions",
          () => void encodeInteractions(fitted, columns, users.ids, items.ids),
          copying(columns),
        ),
      );
    }
    if (wanted("encode/csv")) {
      const path = join(folder, "ratings.csv");
      writeFileSync(path, csvOf(columns));
      const parse = (): void => {
        Papa.parse(readFileSync(path, "utf8"), { delimiter: ",", newline: "\n", step: () => {} });
      };
      const read = async (): Promise<void> => void (await readTable(path, { role: "interactions" }));
      figures.push(await beside("encode/csv", read, parse));
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Rows a second of `run`, beside those of `limit` in the same run, in turn. */
async function beside(name: string, run: () => void | Promise<void>, limit: () => void): Promise<Figure> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < 6; round++)
    for (const [i, work] of [run, limit].entries()) {
      const start = performance.now();
      await work();
      if (round > 0) times[i].push((performance.now() - start) / 1000); // the first warms up
    }
  const [value, most] = times.map((seconds) => PAIRS / median(seconds));
  return { name, value, unit: "rows/s", limit: most, ratio: value / most };
}

/** Ids to rows and times to seconds, nothing checked. */
function copying({ userId, movieId, timestamp }: Pairs): () => void {
  const rowsOf = (ids: Int32Array): Map<number, number> => new Map(Array.from(new Set(ids), (id, row) => [id, row]));
  const [users, items] = [rowsOf(userId), rowsOf(movieId)];
  return () => {
    const [u, i, t] = [new Int32Array(PAIRS), new Int32Array(PAIRS), new Uint32Array(PAIRS)];
    for (let row = 0; row < PAIRS; row++) {
      u[row] = users.get(userId[row]) as number;
      i[row] = items.get(movieId[row]) as number;
      t[row] = timestamp[row];
    }
  };
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
