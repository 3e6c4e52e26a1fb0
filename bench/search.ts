import { ExactIndex } from "../src/ann/exact.ts";
import { HnswIndex } from "../src/ann/hnsw.ts";
import type { RowBitmap } from "../src/ann/vector-index.ts";
import { createEngine } from "../src/kernels/wasm.ts";
import { Random } from "../src/tensor/random.ts";
import { type Figure, median, type Wanted } from "./figure.ts";
import { startHnswlib } from "./hnswlib.ts";
import { DIMENSION as d, K, type SearchData, searchData } from "./search-data.ts";

const M = 16;
const EF_CONSTRUCTION = 200;
const EFS = [12, 16, 24, 32, 48, 64, 96, 128];
const ROUNDS = 7;

/** A point of a curve: what one ef gives. */
interface Point {
  readonly recall: number;
  readonly qps: number;
}

/**
 * Search by single queries, one call each, one thread, in turns with native hnswlib on the same vectors: "search/A" has
 * 100,000 × 64, "search/B" a million, which takes minutes and must be asked for by name. Then filters, and exact search.
 */
export async function searchBench(wanted: Wanted): Promise<Figure[]> {
  const figures: Figure[] = [];
  const everything = wanted("kernels/");
  if (wanted("search/A") || wanted("search/filter") || wanted("search/exact")) {
    const data = searchData(100_000);
    const index = build(data);
    if (wanted("search/A")) figures.push(...(await compare("search/A", data, index)));
    if (wanted("search/filter")) figures.push(...filters(data, index.index));
    if (wanted("search/exact")) figures.push(...exactFigures(data));
  }
  if (wanted("search/B") && !everything) {
    const data = searchData(1_000_000);
    figures.push(...(await compare("search/B", data, build(data))));
  }
  return figures;
}

interface Built {
  readonly index: HnswIndex<number>;
  readonly seconds: number;
}

function build({ items }: SearchData): Built {
  const index = new HnswIndex<number>({ dimension: d, M, efConstruction: EF_CONSTRUCTION });
  const start = performance.now();
  index.addMany(numbers(items.length / d), items);
  return { index, seconds: (performance.now() - start) / 1000 };
}

async function compare(name: string, data: SearchData, { index, seconds }: Built): Promise<Figure[]> {
  const n = index.size;
  const peer = await startHnswlib(data, M, EF_CONSTRUCTION);
  const ours: Point[][] = EFS.map(() => []);
  const theirs: Point[][] = EFS.map(() => []);
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, ef] of EFS.entries()) {
      ours[i].push(searchAll(index, data, ef));
      if (peer) theirs[i].push(await peer.search(ef));
    }
  peer?.close();
  const curve = ours.map(middle);
  const rival = peer && theirs.map(middle);
  const links = 2 * M * 4 + ((20 * M) / 256) * 4;
  const needed = n * (d + 4 * d + links);
  const figures: Figure[] = [
    {
      name: `${name}/build`,
      value: n / seconds,
      unit: "items/s",
      ...limitOf(n / seconds, peer?.buildSeconds && n / peer.buildSeconds),
    },
    { name: `${name}/memory`, value: index.byteLength, unit: "bytes", limit: needed, ratio: index.byteLength / needed },
  ];
  for (const [i, ef] of EFS.entries()) {
    figures.push({ name: `${name}/ef ${ef}`, value: curve[i].qps, unit: "queries/s", recall: curve[i].recall });
    if (rival)
      figures.push({
        name: `${name}/hnswlib ef ${ef}`,
        value: rival[i].qps,
        unit: "queries/s",
        recall: rival[i].recall,
      });
  }
  for (const recall of [0.95, 0.99]) {
    const value = at(curve, recall);
    figures.push({
      name: `${name}/at ${recall}`,
      value,
      unit: "queries/s",
      recall,
      ...limitOf(value, rival && at(rival, recall)),
    });
  }
  return figures;
}

/** Beside a peer, the peer's figure stands where a machine's limit would. */
function limitOf(value: number, peer: number | undefined): Pick<Figure, "limit" | "ratio"> {
  return peer ? { limit: peer, ratio: value / peer } : {};
}

/** The first round warms up; of the others the median. */
const middle = (rounds: Point[]): Point => ({
  recall: rounds[0].recall,
  qps: median(rounds.slice(1).map(({ qps }) => qps)),
});

/** Queries/s at a recall: log-linear in the share missed, between the two points of the curve around it. */
function at(curve: readonly Point[], recall: number): number {
  const above = curve.findIndex((point) => point.recall >= recall);
  if (above < 1) return Number.NaN;
  const [low, high] = [curve[above - 1], curve[above]];
  const missed = (x: number): number => Math.log(1 - x + 1e-6);
  const share = (missed(recall) - missed(low.recall)) / (missed(high.recall) - missed(low.recall));
  return low.qps ** (1 - share) * high.qps ** share;
}

function searchAll(index: HnswIndex<number>, { queries, truth }: SearchData, ef: number, allowed?: RowBitmap): Point {
  const count = queries.length / d;
  const each = Array.from({ length: count }, (_, q) => queries.subarray(q * d, (q + 1) * d));
  const options = allowed === undefined ? { ef } : { ef, allowed };
  const start = performance.now();
  const found = each.map((query) => index.searchRows(query, K, options).rows);
  const seconds = (performance.now() - start) / 1000;
  return { recall: recallOf(found, truth), qps: count / seconds };
}

/** `truth` holds K rows a query, −1 where fewer exist. */
function recallOf(found: readonly Int32Array[], truth: Int32Array): number {
  let hits = 0;
  let possible = 0;
  for (const [q, rows] of found.entries())
    for (const right of truth.subarray(q * K, (q + 1) * K))
      if (right !== -1) {
        possible++;
        if (rows.includes(right)) hits++;
      }
  return hits / possible;
}

/**
 * Filters that let a share through, at random or (correlated) what is nearest to or farthest from one query; ef 64.
 * The ratio is the time without a filter over the time with it: above 1/3, the filter costs less than threefold.
 */
function filters(data: SearchData, index: HnswIndex<number>): Figure[] {
  const queries = data.queries.subarray(0, 500 * d);
  const n = index.size;
  const exact = new ExactIndex<number>({ dimension: d });
  exact.addMany(numbers(n), data.items);
  const random = new Random(7).shuffle(Int32Array.from(numbers(n)));
  const nearness = Float32Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += data.items[i * d + j] * queries[j];
    return sum;
  });
  const near = Int32Array.from(numbers(n)).sort((a, b) => nearness[b] - nearness[a]);
  const all = { ...data, queries, truth: truthOf(exact, queries) };
  const plain = (): number => median(numbers(5).map(() => searchAll(index, all, 64).qps));
  const figures: Figure[] = [];
  for (const [kind, order] of Object.entries({ random, near, far: near.slice().reverse() }))
    for (const share of [1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001, 0.0001]) {
      const allowed = new Uint8Array(Math.ceil(n / 8));
      for (const row of order.subarray(0, Math.round(n * share))) allowed[row >> 3] |= 1 << (row & 7);
      const open = { ...all, truth: truthOf(exact, queries, allowed) };
      const rounds = numbers(5).map(() => searchAll(index, open, 64, allowed));
      const value = median(rounds.map(({ qps }) => qps));
      const limit = plain();
      const name = `search/filter/${kind} ${share * 100} %`;
      figures.push({ name, value, unit: "queries/s", limit, ratio: value / limit, recall: rounds[0].recall });
    }
  return figures;
}

function truthOf(exact: ExactIndex<number>, queries: Float32Array, allowed?: RowBitmap): Int32Array {
  const truth = new Int32Array((queries.length / d) * K).fill(-1);
  const found = exact.searchManyRows(queries, K, allowed === undefined ? {} : { allowed });
  for (const [q, { rows }] of found.entries()) truth.set(rows, q * K);
  return truth;
}

/** A block of queries against all items; the limit is the matrix product of all scores alone. */
function exactFigures({ items, queries }: SearchData): Figure[] {
  const n = items.length / d;
  const count = 256;
  const exact = new ExactIndex<number>({ dimension: d });
  exact.addMany(numbers(n), items);
  const block = queries.subarray(0, count * d);
  const engine = createEngine();
  const a = engine.lasting(count * d * 4);
  const b = engine.lasting(items.byteLength);
  const c = engine.lasting(64 * 1024 * 4);
  engine.floats(a, count * d).set(block);
  engine.floats(b, items.length).set(items);
  const product = (): void => {
    for (let q = 0; q < count; q += 64)
      for (let i = 0; i < n; i += 1024)
        engine.kernels.matmulNT(a + q * d * 4, b + i * d * 4, c, 64, Math.min(1024, n - i), d, false);
  };
  const time = (run: () => void): number => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  };
  const rounds = numbers(ROUNDS).map(() => ({
    search: count / time(() => exact.searchManyRows(block, K)),
    limit: count / time(product),
  }));
  const value = median(rounds.map(({ search }) => search));
  const limit = median(rounds.map((round) => round.limit));
  return [{ name: "search/exact/100,000 × 64", value, unit: "queries/s", limit, ratio: value / limit, recall: 1 }];
}

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
