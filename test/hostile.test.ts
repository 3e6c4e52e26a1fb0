import { describe, expect, test } from "vitest";
import { TwoTowerError } from "../src/errors.ts";
import { HnswIndex, hnsw } from "../src/hnsw.ts";
import * as twotower from "../src/index.ts";
import { ExactIndex, indexFromBytes, TrainedModel, withAttributes } from "../src/recall.ts";
import { collectInteractions, ShardedIndex, sharedIndex } from "../src/scale.ts";

// Whatever is passed for any argument, or for any option of one: what comes is a result or a TwoTowerError, and soon.

const values: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  -1,
  0,
  1e9,
  1.5,
  Infinity,
  "",
  "x",
  true,
  5n,
  Symbol("s"),
  [],
  [null],
  [[1]],
  {},
  { x: 1 },
  () => 1,
  new Proxy({}, {}),
  new Map(),
  new Date(0),
  new Float32Array(3),
  new Uint8Array(3),
  new ArrayBuffer(8),
];

type Call = (...args: never[]) => unknown;

/** The arguments with each of them, and each option of each of them, replaced by each value. */
function* variations(good: readonly unknown[]): Generator<unknown[]> {
  yield [];
  for (const [at, argument] of good.entries())
    for (const value of values) {
      yield good.with(at, value);
      if (typeof argument === "object" && argument !== null && Object.getPrototypeOf(argument) === Object.prototype)
        for (const option of Object.keys(argument)) yield good.with(at, { ...argument, [option]: value });
    }
}

/** What is thrown that is no TwoTowerError. */
async function raw(call: Call, good: readonly unknown[]): Promise<string[]> {
  const found: string[] = [];
  for (const args of variations(good))
    try {
      await call(...(args as never[]));
    } catch (error) {
      if (!(error instanceof TwoTowerError)) found.push(`${args.map((arg) => typeof arg)}: ${error}`);
    }
  return found;
}

const itemId = twotower.id();
const interactions = Array.from({ length: 24 }, (_, i) => ({ userId: i % 6, itemId: (i * 7 + (i % 5)) % 13 }));
const data = { interactions, users: [{ userId: 0, age: 3 }], items: [{ itemId: 0, genres: ["x"] }] };
const make = () =>
  new twotower.TwoTower(
    {
      user: { userId: twotower.id(), age: twotower.number({ optional: true }) },
      item: { itemId, genres: twotower.tags() },
    },
    { dimension: 4, hidden: [4] },
  );

const { exact, mined, inBatch, listwise, uniform } = twotower;
const schema = { user: { userId: twotower.id() }, item: { itemId } };
const makers: Readonly<Record<string, readonly [Call, readonly unknown[]]>> = {
  id: [twotower.id, [{ column: "a", dimension: 4, minCount: 1, maxSize: 4 }]],
  category: [twotower.category, [{ column: "a", dimension: 4, optional: true, pattern: /(x)/ }]],
  tags: [twotower.tags, [{ separator: "|" }]],
  list: [twotower.list, [itemId, { max: 3, separator: "|", pool: "mean" }]],
  number: [twotower.number, [{ bins: 3, dimension: 4, optional: true }]],
  timestamp: [twotower.timestamp, [{ unit: "auto", powers: false }]],
  exampleAge: [twotower.exampleAge, [{ powers: true }]],
  attention: [twotower.attention, [{ heads: 1 }]],
  transformer: [twotower.transformer, [{ layers: 1, heads: 1, feedForward: 2 }]],
  twoTower: [
    twotower.twoTower as Call,
    [{ ...schema, dimension: 4, hidden: [4], identity: "add", crosses: 1, layerNorm: true }],
  ],
  listwise: [listwise, [{ temperature: 1, learnTemperature: true, logQ: true }]],
  pairwise: [twotower.pairwise, [{ margin: 1, variant: "hinge", temperature: 1 }]],
  pointwise: [twotower.pointwise, [{ scale: 3 }]],
  adam: [twotower.adam, [{ beta1: 0.9, beta2: 0.9, epsilon: 1, weightDecay: 0 }]],
  adagrad: [twotower.adagrad, [{ rowWise: true, epsilon: 1, initial: 0, weightDecay: 0 }]],
  inBatch: [inBatch, [{ frequency: "counted" }]],
  mixed: [twotower.mixed, [inBatch(), uniform(2)]],
  sampled: [twotower.sampled, [uniform(2)]],
  each: [twotower.each, [uniform(2)]],
  uniform: [uniform, [2]],
  popularity: [twotower.popularity, [2, { alpha: 1 }]],
  crossBatch: [twotower.crossBatch, [2, { after: 1 }]],
  impressed: [twotower.impressed, [2]],
  mined: [mined, [2, { from: 1, to: 3, every: 2 }]],
  streaming: [twotower.streaming, [{ by: "gap", hashes: 1, slots: 8, rate: 0.1, initial: 2 }]],
  selfSupervision: [
    twotower.selfSupervision,
    [{ mask: "random", dropout: 0.1, temperature: 1, weight: 1, on: "item", count: 3 }],
  ],
  linearDecay: [twotower.linearDecay, [0.1]],
  smoothDecay: [twotower.smoothDecay, [0.1]],
  warmUp: [twotower.warmUp, [2, twotower.constantRate]],
  hnsw: [hnsw, [{ M: 4, efConstruction: 4, vectors: "float32", seed: 1 }]],
  collectInteractions: [collectInteractions as Call, [[interactions], schema]],
  ExactIndex: [(options) => new ExactIndex(options), [{ dimension: 4, metric: "cosine" }]],
  HnswIndex: [(options) => new HnswIndex(options), [{ dimension: 4, metric: "cosine", M: 4, efConstruction: 4 }]],
  ShardedIndex: [(shards) => new ShardedIndex(shards), [[new ExactIndex({ dimension: 4 })]]],
  sharedIndex: [async (options) => (await sharedIndex(options)).stop(), [{ dimension: 4, threads: 1, readers: 0 }]],
  withAttributes: [withAttributes, [new ExactIndex({ dimension: 4 }), { year: "number" }]],
  indexFromBytes: [indexFromBytes, [new Uint8Array(9), { kinds: [HnswIndex] }]],
  "TrainedModel.load": [TrainedModel.load, [new Uint8Array(9)]],
};
test.each(Object.entries(makers))("%s", async (_, [call, good]) => {
  expect(await raw(call, good)).toEqual([]);
});

describe("a model", async () => {
  const model = make();
  await model.fit(data, { epochs: 1 });
  const recaller = model.index();
  const methods: Readonly<Record<string, readonly [Call, readonly unknown[]]>> = {
    // A thousand million epochs are nothing to refuse, but nothing to wait for either.
    fit: [
      (given, options: { epochs?: unknown }) =>
        make().fit(given, (options?.epochs === 1e9 ? { ...options, epochs: 1 } : options) as never),
      [data, { epochs: 1, batchSize: 9, negatives: inBatch() }],
    ],
    extend: [model.extend.bind(model), [{ users: [], items: [], interactions: [] }]],
    evaluate: [model.evaluate.bind(model), [interactions, { ks: [3], masks: [], slices: [], onLists: () => {} }]],
    embedUsers: [model.embedUsers.bind(model), [[{ userId: 1, age: 1 }]]],
    embedItems: [model.embedItems.bind(model), [[{ itemId: 1, genres: [] }]]],
    index: [model.index.bind(model), [[{ itemId: 1, genres: [] }], exact()]],
    recaller: [model.recaller.bind(model), [new ExactIndex({ dimension: 4 })]],
    recall: [recaller.recall.bind(recaller), [3, 4, { exclude: [], filter: new Set(), includeSeen: true, ef: 9 }]],
    "recall of a row": [recaller.recall.bind(recaller), [{ userId: 3, age: 1 }]],
    similar: [recaller.similar.bind(recaller), [3, 4, { exclude: [], filter: new Set(), ef: 9 }]],
    add: [recaller.add.bind(recaller), [[{ itemId: 3, genres: [] }]]],
    remove: [recaller.remove.bind(recaller), [3]],
  };
  test.each(Object.entries(methods))("%s", async (_, [call, good]) => {
    expect(await raw(call, good)).toEqual([]);
  });
});

describe.each<[string, () => twotower.VectorIndex]>([
  ["an exact index", () => new ExactIndex({ dimension: 4 })],
  ["a graph", () => new HnswIndex({ dimension: 4 })],
  ["shards", () => new ShardedIndex([new ExactIndex({ dimension: 4 }), new HnswIndex({ dimension: 4 })])],
  ["with attributes", () => withAttributes(new ExactIndex({ dimension: 4 }), { year: "number", genre: "category" })],
])("%s", (kind, empty) => {
  const changing = ["add", "addMany", "update", "remove"];
  const query = [1, 2, 3, 4];
  const attributes = { year: 1, genre: "a" };
  const where = kind === "with attributes" ? { where: { year: 1, genre: "a" } } : {};
  test.each(
    Object.entries({
      add: [7, query, attributes],
      addMany: [
        [7, 8],
        [...query, ...query],
        [attributes, {}],
      ],
      update: [2, query, { year: 2 }],
      remove: [2],
      has: [2],
      rowOf: [2],
      vector: [2],
      search: [query, 2, { ef: 3, exclude: [1], filter: new Set([2]), ...where }],
      searchMany: [[...query, ...query], 2, { ef: 3, ...where }],
    } satisfies Partial<Record<keyof twotower.VectorIndex, unknown[]>>),
  )("%s", async (method, good) => {
    let index: twotower.VectorIndex | undefined;
    const call = (...args: unknown[]): unknown => {
      if (index === undefined || changing.includes(method)) {
        index = empty();
        index.addMany([1, 2, 3], new Float32Array(12).fill(1));
      }
      return (index[method as "search"] as Call)(...(args as never[]));
    };
    expect(await raw(call, good)).toEqual([]);
  });
});
