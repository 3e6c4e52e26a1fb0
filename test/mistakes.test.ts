import { describe, expect, test } from "vitest";
import {
  adagrad,
  adam,
  allItems,
  category,
  crossBatch,
  each,
  type FitOptions,
  id,
  impressed,
  inBatch,
  linearDecay,
  listwise,
  mined,
  mixed,
  pairwise,
  pointwise,
  popularity,
  type Schema,
  sampled,
  selfSupervision,
  streaming,
  TwoTower,
  uniform,
  warmUp,
} from "../src/index.ts";
import { messageOf, messageOfAsync } from "./features/messages.ts";

/** What does not compile, as a caller without types would pass it. */
const wrong = (value: unknown): never => value as never;

const interactions = Array.from({ length: 120 }, (_, i) => ({ userId: i % 15, itemId: (i * 7 + (i % 15)) % 31 }));
const make = (): TwoTower<Schema> =>
  new TwoTower<Schema>({ user: { userId: id() }, item: { itemId: id() } }, { dimension: 8 });
const shared = { epochs: 2, batchSize: 32 } satisfies FitOptions<Schema>;
const fit = (options: object, model = make()) => model.fit({ interactions }, { ...shared, ...options });

describe("an option that does not exist is refused, with the one that may be meant", () => {
  const typo = (name: string, meant: string): string => `there is no option "${name}" (did you mean "${meant}"?)`;
  test.each<[string, () => unknown, string]>([
    ["listwise", () => listwise(wrong({ temprature: 0.1 })), typo("temprature", "temperature")],
    ["pairwise", () => pairwise(wrong({ margn: 0.1 })), typo("margn", "margin")],
    ["pointwise", () => pointwise(wrong({ scales: 1 })), typo("scales", "scale")],
    ["adam", () => adam(wrong({ beta_1: 0.8 })), typo("beta_1", "beta1")],
    ["adagrad", () => adagrad(wrong({ rowwise: true })), typo("rowwise", "rowWise")],
    ["inBatch", () => inBatch(wrong({ freqency: "counted" })), typo("freqency", "frequency")],
    ["popularity", () => popularity(3, wrong({ alfa: 1 })), typo("alfa", "alpha")],
    ["crossBatch", () => crossBatch(3, wrong({ aftr: 1 })), typo("aftr", "after")],
    ["mined", () => mined(3, wrong({ form: 1 })), typo("form", "from")],
    ["streaming", () => streaming(wrong({ slot: 64 })), typo("slot", "slots")],
    ["selfSupervision", () => selfSupervision(wrong({ masks: "random" })), typo("masks", "mask")],
    [
      "twoTower",
      () => new TwoTower({ user: { u: id() }, item: { i: id() } }, wrong({ dimensions: 8 })),
      typo("dimensions", "dimension"),
    ],
  ])("%s", (maker, run, message) => {
    expect(messageOf(run)).toContain(`BAD_ARGUMENT ${maker}(): ${message}`);
  });

  test("recall, similar, evaluate", async () => {
    const model = make();
    await fit({}, model);
    const recaller = model.index();
    const options = "the options are exclude, filter, where, ef";
    expect(messageOf(() => recaller.recall(3, 2, wrong({ exlude: [] })))).toContain(`no option "exlude"; ${options}`);
    expect(messageOf(() => recaller.similar(3, 2, wrong({ filtre: [] })))).toContain(`no option "filtre"; ${options}`);
    expect(messageOf(() => recaller.similar(3, 2, wrong({ includeSeen: true })))).toContain("no option");
    expect(messageOf(() => recaller.recall(3, 2, wrong(null)))).toContain("options is null; an object was expected");
    expect(messageOf(() => model.evaluate(interactions, wrong({ kss: [5] })))).toContain(typo("kss", "ks"));
  });
});

describe("what is of another kind is refused, with what was expected", () => {
  const aSource = "expected uniform(n), popularity(n), impressed(n), crossBatch(n) or mined(n)";
  test.each<[() => unknown, string]>([
    [() => listwise({ temperature: wrong("0.1") }), 'listwise: temperature is "0.1"; expected a number above 0'],
    [() => listwise({ learnTemperature: wrong(1) }), "listwise: learnTemperature is 1; expected true or false"],
    [() => listwise({ logQ: wrong("positives") }), 'logQ is "positives"; expected true, false or "negatives"'],
    [() => pairwise({ variant: wrong("bpr") }), 'variant is "bpr"; expected one of "hinge", "logistic"'],
    [() => adam({ beta1: 1 }), "adam: beta1 is 1; expected a rate from 0 to below 1"],
    [() => adam({ epsilon: Infinity }), "adam: epsilon is Infinity; expected a number above 0"],
    [() => adagrad({ initial: -1 }), "adagrad: initial is -1; expected a number of at least 0"],
    [() => linearDecay(-1), "linearDecay: final is -1; expected a number of at least 0"],
    [() => warmUp(3, wrong(5)), "warmUp: then is 5; expected a function"],
    [() => mixed(wrong(5)), "mixed: the first argument is 5; expected inBatch()"],
    [() => mixed(allItems()), "mixed: the first argument is an object; expected inBatch()"],
    [() => mixed(inBatch(), wrong(each(uniform(3)))), `mixed: a source of negatives is an object; ${aSource}`],
    [() => mixed(inBatch(), wrong(uniform)), `mixed: a source of negatives is the function uniform; ${aSource}`],
    [() => sampled(), `sampled: the first argument is undefined; ${aSource}`],
    [() => sampled(wrong(5)), `sampled: a source of negatives is 5; ${aSource}`],
    [() => mixed(inBatch(), crossBatch(1), crossBatch(2)), "mixed: crossBatch() is there twice"],
    [() => each(wrong(5)), "each: the argument is 5; expected uniform(n) or popularity(n)"],
    [() => each(wrong(impressed(2))), "each: the argument is an object; expected uniform(n)"],
    [() => uniform(1e9), "uniform: count is 1000000000; expected a whole number from 1 to 100000"],
    [() => popularity(2, { alpha: Number.NaN }), "popularity: alpha is NaN; expected a number from -8 to 8"],
    [() => crossBatch(2.5), "crossBatch: count is 2.5; expected a whole number from 1"],
    [() => mined(1, { from: 9, to: 9 }), "mined: ranks from 9 to 9; expected from < to"],
    [() => streaming({ by: wrong("gaps") }), 'streaming: by is "gaps"; expected one of "count", "gap"'],
    [() => inBatch({ frequency: wrong("estimated") }), 'frequency is "estimated"; expected "counted" or streaming()'],
    [
      () => make().options && new TwoTower({ user: { u: id() }, item: { i: id() } }, { hidden: wrong(128) }),
      "twoTower: hidden is 128; expected a list of widths, each a whole number from 1 to 16384",
    ],
    [
      () => new TwoTower({ user: { u: id() }, item: { i: id() } }, { identity: { user: wrong("sum") } }),
      'twoTower: identity is "sum"; expected one of "add", "concat", "none"',
    ],
  ])("%s", (run, message) => {
    expect(messageOf(run)).toContain(`BAD_ARGUMENT ${message.includes(": ") ? message : ""}`);
    expect(messageOf(run)).toContain(message);
  });
});

describe("a training that would learn nothing, or lose what it has, is refused, and the model stays what it was", () => {
  test.each<[string, object, string]>([
    ["positives alone", { negatives: inBatch(), batchSize: 1 }, "no batch of the first epoch had any"],
    ["a memory that never starts", { negatives: sampled(crossBatch(8)) }, "let crossBatch() start at once"],
    ["ranks beyond the catalogue", { negatives: sampled(mined(2)) }, "from is rank 100, but there are 31 items"],
    ["a falling rate below 0", { schedule: () => -1 }, "fit: schedule(0, 8) is -1; expected a number of at least 0"],
    [
      "a rate that is no number",
      { schedule: (step: number) => (step < 5 ? 1 : Number.NaN) },
      "schedule(5, 8) is NaN; expected",
    ],
    [
      "a last step that breaks the weights",
      { schedule: (step: number, total: number) => (step === total - 1 ? 1e38 : 1) },
      'a number of "tables.user.userId" became',
    ],
  ])("%s", async (_, options, message) => {
    const model = make();
    await fit({ seed: 5 }, model);
    const before = model.save();
    expect(await messageOfAsync(fit(options, model))).toContain(message);
    expect(model.save()).toEqual(before);
  });

  test("crossBatch alone learns where it starts at once", async () => {
    const { epochs } = await fit({ negatives: sampled(crossBatch(8, { after: 0 })) });
    expect(epochs[0].loss).toBeGreaterThan(0);
  });
});

describe("a checkpoint goes on with nothing else than what it was made with", () => {
  const data = {
    interactions,
    users: Array.from({ length: 15 }, (_, userId) => ({ userId, country: ["KR", "US"][userId % 2] })),
  };
  const schema = { user: { userId: id(), country: category() }, item: { itemId: id() } };
  const begun = {
    ...shared,
    loss: listwise({ temperature: 0.2 }),
    optimiser: adam({ beta1: 0.8 }),
    negatives: mixed(inBatch(), uniform(4), mined(2, { from: 1, to: 9 })),
    selfSupervision: selfSupervision({ on: "user", weight: 0.1 }),
    validation: interactions.slice(0, 20),
  };
  const train = (options: object, given: object = data) =>
    new TwoTower<Schema>(schema, { dimension: 8 }).fit(wrong(given), { ...begun, ...options });

  test.each<[string, object, object?]>([
    ['loss was {"name":"listwise","temperature":0.2,', { loss: listwise({ temperature: 0.3 }) }],
    [
      '"logQ":true} and is {"name":"listwise","temperature":0.2,"learnTemperature":false,"logQ":"negatives"}',
      { loss: listwise({ temperature: 0.2, logQ: "negatives" }) },
    ],
    [
      'optimiser was {"name":"adam","beta1":0.8,"beta2":0.999,"epsilon":1e-8,"weightDecay":0,"layers":{"beta1":0.8,"rate":1}} and is {"name":"adam","beta1":0.9,',
      { optimiser: adam() },
    ],
    ['optimiser was {"name":"adam"', { optimiser: adagrad() }],
    [
      'negatives was {"layout":"shared","inBatch":true,"frequency":"counted","sources":[{"kind":"uniform","count":4,',
      { negatives: mixed(inBatch(), uniform(5), mined(2, { from: 1, to: 9 })) },
    ],
    ['"to":8,"every":1000}]}. Pass what', { negatives: mixed(inBatch(), uniform(4), mined(2, { from: 1, to: 8 })) }],
    ["schedule was", { schedule: linearDecay() }],
    ["dropout was 0 and is 0.1", { dropout: 0.1 }],
    [
      'selfSupervision was {"mask":"correlated","dropout":0.1,"temperature":0.1,"weight":0.1,',
      { selfSupervision: selfSupervision({ on: "user", weight: 0.2 }) },
    ],
    ["validation data or impressions was", { validation: interactions.slice(1, 21) }],
    ["validation data or impressions was [", {}, { ...data, impressions: interactions.slice(3, 9) }],
  ])("%s", async (difference, options, given) => {
    const checkpoints: Uint8Array[] = [];
    await train({ onCheckpoint: (bytes: Uint8Array) => void checkpoints.push(bytes) });
    const [resume] = checkpoints;
    await train({ resume }); // with the same it goes on
    const message = await messageOfAsync(train({ ...options, resume }, given));
    expect(message).toContain("BAD_FILE the checkpoint is of another training: ");
    expect(message).toContain(difference);
    expect(message.match(/ and is /g)?.length).toBe(1);
  });
});
