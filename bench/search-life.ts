import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExactIndex } from "../src/ann/exact.ts";
import { HnswIndex } from "../src/ann/hnsw.ts";
import { sharedIndex } from "../src/ann/shared-index.ts";
import { loadIndex, saveIndex } from "../src/files.ts";
import { writeFileWhole } from "../src/io/write-file.ts";
import { Random } from "../src/tensor/random.ts";
import { type Figure, median } from "./figure.ts";
import { sideBySide } from "./search-beside.ts";
import { DIMENSION as d, type SearchData } from "./search-data.ts";
import { build, EF_CONSTRUCTION, M, numbers, searchAll, truthOf } from "./search-measure.ts";

const WINDOW = 50_000;

/**
 * The longest that a caller waits for one addition while an index grows by itself to a million items: memory, tables of
 * ids, the garbage collection that these bring about, and linking, with few candidates so that it takes little. Other
 * programs make this one wait, too, but not in the same place three times: of the longest additions among 50,000, the
 * shortest of three rounds counts. Pinned to one core it measures how V8's own threads, which help to collect garbage,
 * take turns with this one: 15 ms, not 6.
 */
export function growthFigures(): Figure[] {
  const grow = (n: number): { longest: number[]; usual: number } => {
    const index = new HnswIndex<string>({ dimension: d, M, efConstruction: M });
    const vector = new Float32Array(d);
    const random = new Random(1);
    const longest: number[] = [];
    const pauses = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < 4; j++) vector[random.below(d)] = random.between(-1, 1);
      const id = `item-${i}`;
      const start = performance.now();
      index.add(id, vector);
      pauses[i] = performance.now() - start;
    }
    for (let i = 0; i < n; i += WINDOW) longest.push(Math.max(...pauses.subarray(i, i + WINDOW)));
    return { longest, usual: median([...pauses]) };
  };
  grow(20_000); // until the engine has compiled it
  const rounds = numbers(3).map(() => grow(1_000_000));
  const longest = rounds[0].longest.map((_, i) => Math.min(...rounds.map((round) => round.longest[i])));
  return [
    { name: "search/growth/to 1,000,000, usual", value: median(rounds.map(({ usual }) => usual)), unit: "ms" },
    { name: "search/growth/to 1,000,000, longest", value: Math.max(...longest), unit: "ms" },
  ];
}

/** Recall after every item was replaced ten times, one by one, beside that of a fresh index of the same items. */
export function churnFigures({ items, queries, path }: SearchData): Figure[] {
  const n = 9000;
  const at = (i: number): Float32Array => items.subarray(i * d, (i + 1) * d);
  const index = new HnswIndex<number>({ dimension: d, M, efConstruction: EF_CONSTRUCTION });
  index.addMany(numbers(n), items.subarray(0, n * d));
  const bytes = index.byteLength;
  const start = performance.now();
  for (let i = n; i < 11 * n; i++) {
    index.remove(i - n);
    index.add(i, at(i));
  }
  const seconds = (performance.now() - start) / 1000;
  const left = new Float32Array(n * d);
  for (let row = 0; row < n; row++) left.set(index.vector(index.idOf(row)!), row * d);
  const exact = new ExactIndex<number>({ dimension: d });
  exact.addMany(numbers(n), left);
  const data = { items: left, queries, truth: truthOf(exact, queries), path };
  const { index: fresh } = build(data);
  const figures: Figure[] = [
    { name: "search/churn/replacements", value: (10 * n) / seconds, unit: "items/s" },
    {
      name: "search/churn/memory",
      value: index.byteLength,
      unit: "bytes",
      limit: bytes,
      ratio: index.byteLength / bytes,
    },
  ];
  for (const ef of [10, 16, 32, 64])
    for (const [name, one] of Object.entries({ churned: index, fresh })) {
      const { recall, qps } = searchAll(one, data, ef);
      figures.push({ name: `search/churn/${name} ef ${ef}`, value: qps, unit: "queries/s", recall });
    }
  return figures;
}

/**
 * Saving and loading, in MiB of the file a second. The limit of what ends in memory is how fast this machine hands memory
 * out (a page is made and cleared when it is first touched), of what goes to and from files, writing and reading the same
 * bytes. "pieces" is what saving costs besides: every byte and its checksum, kept nowhere.
 */
export async function snapshotFigures(index: HnswIndex<number>): Promise<Figure[]> {
  const path = join(tmpdir(), "twotower-bench", `snapshot-${process.pid}`);
  const bytes = index.toBytes();
  const rate = async (work: () => unknown): Promise<number> => {
    const rates: number[] = [];
    for (let round = 0; round < 6; round++) {
      const start = performance.now();
      await work();
      rates.push(bytes.length / 2 ** 20 / ((performance.now() - start) / 1000));
    }
    return median(rates.slice(1));
  };
  const figure = (name: string, value: number, limit: number): Figure => ({
    name: `search/snapshot/${name}`,
    value,
    unit: "MiB/s",
    limit,
    ratio: value / limit,
  });
  const pieces = await rate(() => {
    for (const piece of index.pieces()) if (piece.length < 0) throw new Error("never");
  });
  const figures = [
    { name: "search/snapshot/pieces", value: pieces, unit: "MiB/s" },
    figure("toBytes", await rate(() => index.toBytes()), await rate(() => new Uint8Array(bytes.length).fill(1))),
    figure(
      "fromBytes",
      await rate(() => HnswIndex.fromBytes(bytes)),
      await rate(() => new Uint8Array(index.byteLength).fill(1)),
    ),
    figure("save", await rate(() => saveIndex(path, index as never)), await rate(() => writeFileWhole(path, bytes))),
    figure("load", await rate(() => loadIndex(path)), await rate(() => readFileSync(path))),
  ];
  rmSync(path);
  return figures;
}

/**
 * Building by threads, and blocks of queries. Limit is the plain index, in turns with it, and the median of three rounds;
 * "beside" is what two threads reach that build an index each.
 */
export async function threadFigures(
  data: SearchData,
  { index: plain, seconds }: { index: HnswIndex<number>; seconds: number },
): Promise<Figure[]> {
  const n = data.items.length / d;
  const figures: Figure[] = [];
  const block = (index: HnswIndex<number>): number => {
    const rates = numbers(6).map(() => {
      const start = performance.now();
      index.searchMany(data.queries, 10);
      return data.queries.length / d / ((performance.now() - start) / 1000);
    });
    return median(rates.slice(1));
  };
  const rates = { plain: [n / seconds], beside: [] as number[], 1: [] as number[], 2: [] as number[] };
  const shared: Partial<Record<1 | 2, HnswIndex<number>>> = {};
  for (let round = 0; round < 3; round++) {
    if (round > 0) rates.plain.push(n / build(data).seconds);
    rates.beside.push(await sideBySide(n, 2));
    for (const threads of [1, 2] as const) {
      const { index, stop } = await sharedIndex<number>({ dimension: d, M, efConstruction: EF_CONSTRUCTION, threads });
      const start = performance.now();
      index.addMany(numbers(n), data.items);
      rates[threads].push(n / ((performance.now() - start) / 1000));
      if (round === 2) {
        const [alone, many] = [block(plain), block(index)];
        const name = `search/threads/${threads} searchMany`;
        figures.push({ name, value: many, unit: "queries/s", limit: alone, ratio: many / alone });
      }
      shared[threads] = index;
      stop();
    }
  }
  const limit = median(rates.plain);
  for (const [name, some] of Object.entries(rates)) {
    const value = median(some);
    figures.push({ name: `search/threads/${name} build`, value, unit: "items/s", limit, ratio: value / limit });
  }
  for (const ef of [16, 32, 64])
    for (const [name, index] of Object.entries({ plain, shared: shared[2]! })) {
      const { qps, recall } = searchAll(index, data, ef);
      figures.push({ name: `search/threads/${name} ef ${ef}`, value: qps, unit: "queries/s", recall });
    }
  return figures;
}
