import type { CandidateScorer, Ranker } from "../../src/evaluation/ranker.ts";
import { vectorRanker } from "../../src/evaluation/vector-ranker.ts";
import { type Dataset, type FitReport, type Progress, type RowsOf, type Schema, TwoTower } from "../../src/index.ts";
import type { Config } from "./configs.ts";
import type { Benchmark, Pairs } from "./data.ts";

/** What came of a training: what it takes to rank, and what it took. */
export interface Trained {
  readonly ranker: Ranker & CandidateScorer;
  readonly report: FitReport;
}

/** Trains a benchmark's model on all its training pairs for the epochs that the hold-out chose. */
export async function train(benchmark: Benchmark, config: Config, seed: number, threads: number): Promise<Trained> {
  const { train, users, items, masked } = benchmark;
  const { schema, model: shape, fit, userWeight, lean = 0 } = config;
  const model = new TwoTower(schema, shape);
  const counts = new Float64Array(users.userId.length);
  for (const user of train.userId) counts[user]++;
  const weight = userWeight === 1 ? undefined : Array.from(train.userId, (user) => counts[user] ** (userWeight - 1));
  const data = { users, items, interactions: { ...train, weight } } as unknown as Dataset<Schema>;
  const report = await model.fit(data, { ...fit, seed, threads, onProgress: showProgress });
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const history = Object.entries(schema.user).find(([, { kind }]) => kind === "list")?.[0];
  if (!(history && (masked || lean))) return { ranker: model.ranker(), report };
  const ranker = knowingMore(model, benchmark, history, masked ? [train, masked] : [train], lean);
  return { ranker, report };
}

/**
 * Where more is known by the time of the test than what was learnt from, histories go on to that. Lists may lean to the
 * popular: the score then is cos(u, v) + lean · log(1 + count of v), an inner product of vectors with one coordinate more.
 */
function knowingMore(
  model: TwoTower<Schema>,
  { train, users, items }: Benchmark,
  history: string,
  parts: readonly Pairs[],
  lean: number,
): Ranker & CandidateScorer {
  const chosen: string[][] = Array.from(users.userId, () => []);
  for (const { userId, itemId } of parts)
    for (let pair = 0; pair < userId.length; pair++) chosen[userId[pair]].push(String(itemId[pair]));
  const rows = { ...users, [history]: chosen } as unknown as RowsOf<never>;
  const vectors = model.embedUsers(rows);
  const itemVectors = model.embedItems(items as unknown as RowsOf<never>);
  const dimension = itemVectors.length / items.itemId.length;
  if (lean === 0) return vectorRanker(vectors, itemVectors, dimension);
  const counts = new Float64Array(items.itemId.length);
  for (const item of train.itemId) counts[item]++;
  return vectorRanker(
    withOneMore(vectors, dimension, () => 1),
    withOneMore(itemVectors, dimension, (item) => lean * Math.log1p(counts[item])),
    dimension + 1,
  );
}

/** The vectors with a last coordinate each. */
function withOneMore(vectors: Float32Array, dimension: number, last: (row: number) => number): Float32Array {
  const count = vectors.length / dimension;
  const longer = new Float32Array(count * (dimension + 1));
  for (let row = 0; row < count; row++) {
    longer.set(vectors.subarray(row * dimension, (row + 1) * dimension), row * (dimension + 1));
    longer[row * (dimension + 1) + dimension] = last(row);
  }
  return longer;
}

function showProgress({ epoch, epochs, step, steps, loss, examplesPerSecond }: Progress): void {
  if (!process.stderr.isTTY && step < steps) return;
  const line = `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}, ${Math.round(examplesPerSecond)} examples/s`;
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}
