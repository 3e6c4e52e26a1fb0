import { describe, expect, test } from "vitest";
import {
  adagrad,
  adam,
  allItems,
  category,
  crossBatch,
  type FitOptions,
  id,
  inBatch,
  list,
  listwise,
  mined,
  mixed,
  pairwise,
  type Schema,
  selfSupervision,
  streaming,
  TwoTower,
  tags,
  transformer,
  uniform,
} from "../../src/index.ts";
import { Random } from "../../src/tensor/random.ts";
import { messageOf, messageOfAsync } from "../features/messages.ts";

const random = new Random(3);
const items = Array.from({ length: 40 }, (_, i) => ({ itemId: i, genres: [`g${i % 5}`, `g${(i * 7) % 11}`] }));
const users = Array.from({ length: 30 }, (_, u) => ({ userId: u, country: ["KR", "US"][u % 2] }));
const interactions = users.flatMap(({ userId }) =>
  Array.from({ length: 7 }, (_, n) => ({ userId, itemId: random.below(40), timestamp: 1e9 + 100 * userId + n })),
);
const data = { users, items, interactions };

const itemId = id();
const history = { history: list(itemId, { max: 4, pool: transformer({ layers: 1, heads: 1 }) }) };
const make = (withHistory = false) => {
  const user = { userId: id(), country: category(), ...(withHistory && history) };
  return new TwoTower<Schema>({ user, item: { itemId, genres: tags() } }, { dimension: 8, hidden: [8] });
};

const shared = { epochs: 4, batchSize: 32, learningRate: 0.02, seed: 4 } satisfies FitOptions<Schema>;
const variants: Record<string, FitOptions<Schema>> = {
  "negatives from everywhere, dropout, a learnt temperature": {
    negatives: mixed(inBatch(), uniform(16), crossBatch(64, { after: 3 }), mined(3, { from: 1, to: 9, every: 4 })),
    loss: listwise({ learnTemperature: true }),
    dropout: 0.2,
  },
  "frequencies of a stream, Adagrad": {
    negatives: inBatch({ frequency: streaming({ slots: 64 }) }),
    optimiser: adagrad({ rowWise: true }),
  },
  "the full softmax, by users": { negatives: allItems() },
  "pairs, self-supervision": { loss: pairwise(), selfSupervision: selfSupervision({ count: 16 }) },
  "early stopping": { validation: "leave-one-out", patience: 2, learningRate: 0.2 },
};

/** The model trained without a break, what it reported, and the checkpoints on the way. */
async function whole(options: FitOptions<Schema>, withHistory = false) {
  const checkpoints: Uint8Array[] = [];
  const model = make(withHistory);
  const report = await model.fit(data, {
    ...shared,
    ...options,
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
  });
  return { bytes: model.save(), report, checkpoints };
}

const lossesOf = ({ epochs }: { epochs: readonly { loss: number; validation: number | undefined }[] }) =>
  epochs.map(({ loss, validation }) => [loss, validation]);

describe("a training taken up again", () => {
  test.each(Object.entries(variants))("%s: ends with the bytes of one never interrupted", async (_, options) => {
    const { bytes, report, checkpoints } = await whole(options);
    expect(checkpoints.length).toBeGreaterThan(1);
    for (const resume of checkpoints) {
      const model = make();
      const again = await model.fit(data, { ...shared, ...options, resume });
      expect(model.save()).toEqual(bytes);
      expect(lossesOf(again)).toEqual(lossesOf(report));
      expect(again.bestEpoch).toBe(report.bestEpoch);
    }
  });

  test("with a transformer over histories", async () => {
    const { bytes, checkpoints } = await whole({}, true);
    const model = make(true);
    await model.fit(data, { ...shared, resume: checkpoints[1] });
    expect(model.save()).toEqual(bytes);
  });

  test("that is another one is refused with what differs", async () => {
    const { checkpoints } = await whole({});
    const resumed = (options: FitOptions<Schema>, rows = data) =>
      messageOfAsync(make().fit(rows, { ...shared, resume: checkpoints[0], ...options }));
    expect(await resumed({ epochs: 5, batchSize: 16 })).toBe(
      "BAD_FILE the checkpoint is of another training: batchSize was 32 and is 16; epochs was 4 and is 5. " +
        "Pass what was passed then, or start without it",
    );
    expect(await resumed({ loss: pairwise() })).toContain(
      'loss was {"name":"listwise","temperature":0.15,"learnTemperature":false,"logQ":true} and is {"name":"pairwise",',
    );
    expect(await resumed({}, { ...data, interactions: interactions.slice(1) })).toContain(
      "data, schema or model options",
    );
    const bytes = checkpoints[0].slice();
    bytes[bytes.length >> 1] ^= 1;
    expect(await messageOfAsync(make().fit(data, { ...shared, resume: bytes }))).toMatch(/^CORRUPT/);
    expect(await messageOfAsync(make().fit(data, { ...shared, resume: (await whole({})).bytes }))).toMatch(
      /^BAD_FILE this is no checkpoint/,
    );
  });
});

test("a model learns once at a time", async () => {
  const model = make();
  const first = model.fit(data, shared);
  expect(await messageOfAsync(model.fit(data, shared))).toBe(
    "BAD_ARGUMENT fit: this model is learning already; await that, or make another model",
  );
  await first;
  const again = model.fit(data, { ...shared, epochs: 1 });
  expect(messageOf(() => model.extend(data))).toMatch(/^BAD_ARGUMENT extend: this model is learning already/);
  await again;
  model.extend(data);
});

test("what fit is given is looked at", async () => {
  const fit = (...args: unknown[]) => messageOfAsync((make().fit as (...args: unknown[]) => Promise<unknown>)(...args));
  expect(await fit()).toContain("BAD_ARGUMENT fit: the data are undefined: expected { interactions }");
  expect(await fit(data, { epocs: 3 })).toContain('there is no option "epocs" (did you mean "epochs"?)');
  expect(await fit({ ...data, userz: users })).toContain('there is no option "userz" (did you mean "users"?)');
  const refusals: readonly [options: object, message: string][] = [
    [{ loss: "listwise" }, 'loss is "listwise"; expected listwise(), pairwise() or pointwise()'],
    [{ loss: listwise }, "loss is the function listwise; expected listwise()"],
    [{ negatives: "all" }, 'negatives is "all"; expected inBatch()'],
    [{ negatives: inBatch }, "negatives is the function inBatch"],
    [{ optimiser: "adam" }, 'optimiser is "adam"; expected adam()'],
    [{ optimiser: adam }, "optimiser makes no optimiser; expected adam()"],
    [{ schedule: 0.1 }, "schedule is 0.1; expected a function"],
    [{ selfSupervision: true }, "selfSupervision is true; expected selfSupervision()"],
    [{ validation: 0.3, metric: { name: "foo", k: 3 } }, "metric is an object; expected { name, k } with one of"],
    [{ metric: { name: "ndcg", k: 0 } }, "metric is an object"],
    [{ seed: "x" }, 'seed is "x"; expected a whole number'],
    [{ seed: 1.5 }, "seed is 1.5"],
    [{ patience: -1 }, "patience is -1; expected a whole number above 0"],
    [{ epochs: "3" }, 'epochs is "3"; expected a whole number above 0'],
    [{ dropout: 1 }, "dropout is 1; expected a rate"],
    [{ threads: 5000 }, "threads is 5000; expected a whole number from 1 to 64"],
    [{ signal: {} }, "signal is an object; expected the signal of an AbortController"],
    [{ onProgress: "x" }, 'onProgress is "x"; expected a function'],
    [{ resume: "file" }, 'resume is "file"; expected the bytes'],
  ];
  for (const [options, message] of refusals) expect(await fit(data, options)).toContain(`BAD_ARGUMENT fit: ${message}`);
});

test("an error in onProgress, also a promised one, ends the training and leaves the model as it was", async () => {
  const model = make();
  const broken = (): never => {
    throw new Error("no");
  };
  for (const onProgress of [broken, async () => broken()])
    await expect(model.fit(data, { ...shared, onProgress })).rejects.toThrow("no");
  expect(messageOf(() => model.index())).toContain("learnt nothing yet");
});

describe("warm start", () => {
  test("goes on from where the model is, and better than from nothing", async () => {
    const [warm, cold] = [make(), make()];
    const first = await warm.fit(data, shared);
    const second = await warm.fit(data, { ...shared, epochs: 1, warmStart: true });
    const fresh = await cold.fit(data, { ...shared, epochs: 1 });
    expect(second.epochs[0].loss).toBeLessThan(fresh.epochs[0].loss);
    expect(second.epochs[0].loss).toBeLessThan(first.epochs[0].loss);
  });

  test("keeps the rows of ids it knows, and gives new ones rows behind them", async () => {
    const model = make();
    await model.fit(data, shared);
    const before = model.trained.on.fitted.items.vocabulary.toJSON();
    const more = [...interactions, { userId: 77, itemId: 99, timestamp: 2e9 }];
    await model.fit({ users, items, interactions: more }, { ...shared, epochs: 1, warmStart: true });
    expect(model.trained.on.fitted.items.vocabulary.toJSON()).toEqual([...before, "99"]);
    expect(model.index().recall(77, 3).length).toBe(3);
  });

  test("needs something to start from", async () => {
    expect(await messageOfAsync(make().fit(data, { ...shared, warmStart: true }))).toMatch(
      /^BAD_ARGUMENT this model has learnt/,
    );
  });
});

describe("extend", () => {
  const grown = async () => {
    const model = make();
    await model.fit(data, shared);
    return model;
  };

  test("knows new users, items and choices; vectors of the old stay as they were", async () => {
    const model = await grown();
    const before = { users: model.embedUsers(users), items: model.embedItems(items) };
    expect(
      model.extend({
        users: [{ userId: 100, country: "KR" }],
        items: [{ itemId: 200, genres: ["g1", "never heard of"] }],
        interactions: [{ userId: 100, itemId: 3, timestamp: 2e9 }],
      }),
    ).toEqual({ users: 1, items: 1 });
    expect(model.embedUsers(users)).toEqual(before.users);
    expect(model.embedItems(items)).toEqual(before.items);
    const recaller = model.index();
    const recalled = recaller.recall(100, 41).map(({ id }) => id);
    expect(recalled).toContain("200");
    expect(recalled).not.toContain("3"); // it has seen that
    expect(model.trained.on.fitted.items.fitted.get("genres")).toMatchObject({
      vocabulary: expect.objectContaining({ size: 2 + 11 + 1 }),
    });
  });

  test("a new id begins as the unknown: its own row changes nothing yet", async () => {
    const model = await grown();
    const newcomer = { userId: 100, country: "US" };
    const before = model.embedUsers([newcomer]);
    model.extend({ users: [newcomer], interactions: [{ userId: 100, itemId: 1, timestamp: 2e9 }] });
    expect(model.trained.on.fitted.users.vocabulary.rowOf(100)).toBeGreaterThan(1);
    expect(model.embedUsers([newcomer])).toEqual(before);
  });

  test("what it then learns with a warm start is about the new as well", async () => {
    const model = await grown();
    const more = Array.from({ length: 7 }, (_, n) => ({ userId: 100, itemId: n, timestamp: 2e9 + n }));
    model.extend({ interactions: more });
    const before = model.embedUsers([{ userId: 100, country: "US" }]);
    await model.fit({ users, items, interactions: [...interactions, ...more] }, { ...shared, warmStart: true });
    expect(model.embedUsers([{ userId: 100, country: "US" }])).not.toEqual(before);
  });

  test("a row of somebody known replaces the old one", async () => {
    const model = await grown();
    const [asUs] = [model.embedUsers([{ userId: 1, country: "US" }])];
    expect(model.trained.encode(1).vector).toEqual(asUs);
    expect(model.extend({ users: [{ userId: 1, country: "KR" }] })).toEqual({ users: 0, items: 0 });
    expect(model.trained.encode(1).vector).toEqual(model.embedUsers([{ userId: 1, country: "KR" }]));
    expect(model.trained.encode(1).vector).not.toEqual(asUs);
  });

  test("survives being saved", async () => {
    const model = await grown();
    model.extend({
      items: [{ itemId: 200, genres: ["g1"] }],
      interactions: [{ userId: 5, itemId: 200, timestamp: 2e9 }],
    });
    const loaded = TwoTower.load(model.save());
    expect(loaded.save()).toEqual(model.save());
    expect(loaded.index().recall(3, 5)).toEqual(model.index().recall(3, 5));
  });

  test("asks for timestamps where the others have some", async () => {
    const model = await grown();
    expect(messageOf(() => model.extend({ interactions: [{ userId: 5, itemId: 6 }] }))).toContain(
      "BAD_ARGUMENT extend: the interactions known so far have timestamps, the new ones have none",
    );
    expect(() => model.index().recall(3, 5)).not.toThrow(); // the model is what it was
  });

  test("of nothing is nothing", async () => {
    const model = await grown();
    const before = model.save();
    expect(model.extend({})).toEqual({ users: 0, items: 0 });
    expect(model.save()).toEqual(before);
  });
});
