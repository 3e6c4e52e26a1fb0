import { Bench } from "tinybench";
import { evaluate } from "../src/evaluation/evaluate.ts";
import { vectorRanker } from "../src/evaluation/vector-ranker.ts";
import { groupByUser, type UserItems } from "../src/features/interactions.ts";
import { createEngine } from "../src/kernels/wasm.ts";
import { Random } from "../src/tensor/random.ts";
import type { Figure } from "./figure.ts";

const USERS = 6040;
const ITEMS = 3706;
const DIMENSION = 64;
const TOP = 100;

/**
 * Full-catalogue evaluation as large as ML-1M: top 100 of 3,706 items for 6,040 users with 165 training items each.
 * The limit is the matrix product of all scores alone, in blocks of the same size; ranking may take three times that.
 */
export async function evaluateBench(): Promise<Figure[]> {
  const random = new Random(1);
  const users = vectors(USERS, random);
  const items = vectors(ITEMS, random);
  const train = pairs(165, random);
  const test = pairs(16, random);
  const everyone = Int32Array.from({ length: USERS }, (_, user) => user);
  const ranker = vectorRanker(users, items, DIMENSION);

  const bench = new Bench({ time: 0, iterations: 9, warmupTime: 0, warmupIterations: 2 });
  bench.add("matmul", scoresAlone(users, items));
  bench.add("rank", () => ranker.rank(everyone, TOP, train));
  bench.add("evaluate", () => evaluate(ranker, { train, test, ks: [10, 20, TOP] }));
  await bench.run();

  const [matmul, rank, whole] = bench.tasks.map((task) => {
    if (task.result.state !== "completed") throw new Error(`the bench "${task.name}" did not complete`);
    return task.result.latency.p50;
  });
  const limit = matmul;
  return [
    { name: "evaluate/matmul", value: matmul, unit: "ms" },
    { name: "evaluate/rank", value: rank, unit: "ms", limit, ratio: rank / limit },
    { name: "evaluate/metrics", value: whole, unit: "ms", limit, ratio: whole / limit },
  ];
}

/** The matrix product of all users and items, block by block, as the ranker does it: its fastest form. */
function scoresAlone(users: Float32Array, items: Float32Array): () => void {
  const block = 32;
  const engine = createEngine();
  const u = engine.lasting(users.byteLength);
  const v = engine.lasting(items.byteLength);
  const packed = engine.lasting(items.byteLength + 8 * DIMENSION * 4);
  const scores = engine.lasting(block * ITEMS * 4);
  engine.floats(u, users.length).set(users);
  engine.floats(v, items.length).set(items);
  return () => {
    engine.kernels.pack(v, packed, ITEMS, DIMENSION, true);
    for (let from = 0; from < USERS; from += block) {
      const rows = Math.min(block, USERS - from);
      engine.kernels.matmulPacked(u + from * DIMENSION * 4, packed, scores, rows, ITEMS, DIMENSION, false);
    }
  };
}

function vectors(rows: number, random: Random): Float32Array {
  return Float32Array.from({ length: rows * DIMENSION }, () => random.between(-1, 1));
}

function pairs(each: number, random: Random): UserItems {
  const users = Int32Array.from({ length: USERS * each }, (_, p) => Math.floor(p / each));
  return groupByUser({ users, items: users.map(() => random.below(ITEMS)) }, USERS);
}
