import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Command } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import { withConfig } from "../../src/cli/config.ts";
import { withTrainingOptions } from "../../src/cli/training-options.ts";
import { halving, survivorsOf } from "../../src/cli/tune/halving.ts";
import { drawTrials, spaceFrom } from "../../src/cli/tune/space.ts";
import { Json } from "../../src/io/json.ts";
import { Random } from "../../src/tensor/random.ts";
import { messageOf, messageOfAsync } from "../features/messages.ts";
import { fileWith, folderForTests } from "../io/files.ts";
import { ended, json, start, twotower } from "./program.ts";

const folder = folderForTests();
const at = (name: string): string => join(folder, name);
const file = (content: string, name: string): string => fileWith(folder, content, name);

interface Tuned {
  readonly trials: {
    trial: number;
    flags: Record<string, string>;
    validation: number;
    bestEpoch: number;
    epochs: number;
    rungs: number;
    failure: string | null;
  }[];
}
interface Trained {
  readonly validation: number;
  readonly bestEpoch: number;
  readonly epochs: { validation: number }[];
}

/** A search of six trials over little, to epoch 9, the better two from epoch 3 on. */
const tuning = (out: string, ...more: string[]): string[] => [
  ...["tune", "--interactions", at("world/train.csv"), "--items", at("world/items.csv"), "--out", at(`${out}.json`)],
  ...["--trials", "6", "--epochs", "9", "--dimension", "8", "--hidden", "8", "--batch-size", "128", ...more],
];
const withoutTimes = ({ trials }: Tuned): object[] => trials.map((trial) => ({ ...trial, seconds: undefined }));

let tuned: Tuned;

beforeAll(async () => {
  await json("demo", "--users", "120", "--items", "80", "--epochs", "1", "--out", at("world"));
  tuned = await json(...tuning("whole"));
}, 60_000);

describe("tune", () => {
  test("trains all a little, the best third of each kind to the end, and the defaults in any case", () => {
    const { trials } = tuned;
    expect(trials.map(({ trial }) => trial).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(trials.find(({ trial }) => trial === 1)!.flags).toEqual({});
    const drawn = trials.filter(({ trial }) => trial !== 1);
    for (const isSampled of [false, true]) {
      const kind = drawn.filter(({ flags }) => Object.hasOwn(flags, "negatives") === isSampled);
      expect(kind.length).toBeGreaterThan(0);
      expect(kind.filter(({ rungs }) => rungs === 2).length).toBe(Math.ceil(kind.length / 3));
    }
    expect(trials.map(({ rungs }) => rungs).sort()).toEqual([1, 1, 2, 2, 2, 2]);
    expect(trials.find(({ trial }) => trial === 1)!.rungs).toBe(2);
    expect(trials[0].rungs).toBe(2);
    for (const { rungs, epochs } of trials) {
      if (rungs === 1) expect(epochs).toBe(3);
      else expect(epochs).toBeGreaterThan(3);
    }
    const found = trials.map(({ validation }) => validation);
    expect(found).toEqual(found.toSorted((a, b) => b - a));
    for (const { flags } of trials)
      expect(Object.keys(flags)).not.toEqual(expect.arrayContaining(["dimension", "hidden", "batch-size"])); // given
  });

  test("train with the file it wrote comes to the same figure, at the same epoch", async () => {
    const [best] = tuned.trials;
    const trained = await json<Trained>("train", "--config", at("whole.json"), "--out", at("model"));
    expect([trained.validation, trained.bestEpoch]).toEqual([best.validation, best.bestEpoch]);
    expect(trained.epochs).toHaveLength(best.epochs);
  });

  test("killed again and again, at any moment: the same search goes on to the same end", async () => {
    let kills = 0;
    const random = new Random(1);
    const search = at("killed.search/search.json");
    const args = tuning("killed", "--json");
    for (let isOver = false; !isOver; ) {
      const before = existsSync(search) ? readFileSync(search, "utf8") : "";
      const child = start(args);
      const run = ended(child);
      const moved = (): boolean => existsSync(search) && readFileSync(search, "utf8") !== before;
      const over = run.then(() => true);
      while (!moved() && !(await Promise.race([over, setTimeout(1, false)])));
      await setTimeout(random.below(40));
      if (kills < 3) child.kill("SIGKILL");
      const { code, stdout } = await run;
      isOver = code === 0;
      if (!isOver) kills++;
      else expect(withoutTimes(JSON.parse(stdout))).toEqual(withoutTimes(tuned));
    }
    expect(kills).toBeGreaterThan(0); // a slow test may see it end before the third
    expect(readFileSync(at("killed.json"), "utf8")).toBe(readFileSync(at("whole.json"), "utf8"));
    expect(readdirSync(at("killed.search"))).toEqual(["search.json"]); // drafts and checkpoints are gone
  });

  test("once over, the same command only says again what came of it, with other threads too", async () => {
    const again = await json<Tuned>(...tuning("whole", "--threads", "2"));
    expect(again.trials).toEqual(tuned.trials); // times and all: nothing was trained
  });

  test("two threads find what one finds", async () => {
    const few = ["--trials", "2", "--epochs", "3"];
    const one = await json<Tuned>(...tuning("one-thread", ...few));
    expect(withoutTimes(await json(...tuning("two-threads", ...few, "--threads", "2")))).toEqual(withoutTimes(one));
  });

  test("with --search random every trial goes to the end", async () => {
    const { trials } = await json<Tuned>(...tuning("random", "--search", "random", "--trials", "2", "--epochs", "3"));
    expect(trials.map(({ epochs, rungs }) => [epochs, rungs])).toEqual([
      [3, 1],
      [3, 1],
    ]);
  });

  test("a trial that cannot be trained is passed over, and said", async () => {
    const space = file('{ "learning-rate": [1e38] }', "space.json");
    const out = tuning("failing", "--space", space, "--trials", "2", "--epochs", "3");
    const { trials } = await json<Tuned>(...out);
    expect(trials.map(({ trial, validation, failure }) => [trial, typeof validation, failure === null])).toEqual([
      [1, "number", true],
      [2, "object", false],
    ]);
    const { stdout } = await twotower(...out);
    expect(stdout).toContain("1 trial could not be trained");
    expect(stdout).toMatch(/^ +2 +– .* failed: the loss became NaN/m);
    expect(JSON.parse(readFileSync(at("failing.json"), "utf8"))).not.toHaveProperty("learning-rate");
  });

  test("as a table: the best first, with the flags to type", async () => {
    const { stdout } = await twotower(...tuning("whole"));
    const [first] = stdout.split("\n").filter((line) => /^ +\d+ +0\.\d{4} /.test(line));
    expect(first).toContain(tuned.trials[0].validation.toFixed(4));
    expect(stdout).toContain(`twotower train --config ${at("whole.json")} --out MODEL`);
  });

  test("the usual space can be printed and passed back, and is the same search", async () => {
    const { stdout } = await twotower(...tuning("printed", "--print-space"));
    const space = file(stdout, "usual.json");
    const again = await json<Tuned>(...tuning("printed", "--space", space, "--trials", "2", "--epochs", "3"));
    const second = ({ trials }: Tuned) => trials.find(({ trial }) => trial === 2)!.flags;
    expect(second(again)).toEqual(second(tuned));
  });
});

const spaceOf = (space: unknown, given = {}) =>
  spaceFrom(new Json(space, { name: "space.json", code: "BAD_FILE" }), withTrainingOptions(new Command()), given);

/** What a command that fails says, paths shortened. */
async function said(...args: string[]): Promise<string> {
  const { code, stderr } = await twotower(...args, "--quiet");
  return `${code} ${stderr
    .trimEnd()
    .replaceAll(`${folder}/`, "")
    .replaceAll(/\b\d+-(?=\w+\.)/g, "")}`;
}

describe("a search that cannot go on", () => {
  test("other flags, another space, other data: every difference is named", async () => {
    const space = file('{ "learning-rate": [0.01, 0.02] }', "space.json");
    const items = file(readFileSync(at("world/items.csv"), "utf8").replace(/^f1,.*\n/m, ""), "items.csv");
    const more = ["--epochs", "10", "--metric", "recall@10", "--space", space, "--items", items];
    expect(await said(...tuning("whole"), ...more)).toBe(
      "1 twotower: whole.search keeps another search: the content of --items has changed; --epochs was 9 and is 10; " +
        "the space has changed; --metric was not given and is recall@10. " +
        "Pass what was passed then, or give another --state, or remove it",
    );
  });

  test("a folder of something else, a damaged state, a damaged checkpoint", async () => {
    expect(await said(...tuning("x"), "--state", at("world"))).toMatch(
      /^1 .*world holds "\w+.*", which is no part of a search/,
    );
    const search = readFileSync(at("whole.search/search.json"), "utf8");
    const state = at("damaged");
    await twotower(...tuning("x"), "--state", state, "--trials", "1", "--epochs", "3");
    writeFileSync(join(state, "search.json"), search.slice(0, 100));
    expect(await said(...tuning("x"), "--state", state)).toBe(
      "1 twotower: damaged/search.json is not JSON: restore a copy, or remove the folder to begin anew",
    );
    // The file of the whole search again, its best trial put back to where it went on.
    const { task, trials, version } = JSON.parse(search);
    const best = trials[tuned.trials[0].trial - 1];
    best.isOver = false;
    best.curve.length = 3;
    writeFileSync(join(state, "search.json"), JSON.stringify({ version, task, trials }));
    const checkpoint = join(state, `trial-${tuned.trials[0].trial}.checkpoint`);
    writeFileSync(checkpoint, "no checkpoint");
    expect(await said(...tuning("x"), "--state", state)).toMatch(
      /trial-\d\.checkpoint: .*remove it: then the trial starts anew$/,
    );
  });
});

describe("spaces that make no sense", () => {
  test.each<[string, string]>([
    [
      '{ "learning-rat": [0.1] }',
      'space.json has no key "learning-rat" (did you mean "learning-rate"?); the keys are "dimension", ',
    ],
    ['{ "seed": [1, 2] }', 'space.json has no key "seed"'],
    ['{ "dimension": [8, "big"] }', 'space.json: dimension[1] is "big": expected a whole number above 0'],
    ['{ "dimension": [] }', "space.json: dimension is an empty list: expected values to choose from"],
    ['{ "loss": ["triplet"] }', 'space.json: loss[0] is "triplet": allowed choices are listwise, pairwise, pointwise'],
    ['{ "dropout": { "from": 0.1, "to": 1.5 } }', "space.json: dropout.to is 1.5: expected a number from 0 to below 1"],
    ['{ "margin": { "from": 2, "to": 1 } }', "space.json: margin goes from 2 to 1: expected a rising range"],
    [
      '{ "unknown": { "from": 0, "to": 0.5, "scale": "log" } }',
      'space.json: unknown.from is 0: expected a number above 0, or "scale": "linear"',
    ],
    ["[]", "space.json is an empty list: expected at least one object of flags"],
  ])("%s", (space, message) => {
    expect(messageOf(() => spaceOf(JSON.parse(space)))).toContain(message);
  });

  test("from the command line: no JSON, flags that do not go together", async () => {
    const data = ["--interactions", at("world/train.csv"), "--space"];
    expect(await said("tune", ...data, file("[1", "space.json"))).toMatch(/^1 twotower: space\.json is not JSON: /);
    const space = file('{ "loss": ["pairwise"], "temperature": [0.1] }', "space.json");
    expect(await said("tune", ...data, space)).toBe(
      "1 twotower: space.json: a trial may get flags that do not go together: --temperature belongs to --loss listwise, " +
        "not to --loss pairwise: leave one of them out. Put those that do into an object each, in a list",
    );
  });

  test("nothing to judge by, no data", async () => {
    const data = ["--interactions", at("world/train.csv")];
    expect(await said("tune", ...data, "--validation", "none")).toMatch(
      /^2 .*--validation none leaves nothing to judge/,
    );
    expect(await said("tune")).toBe("2 twotower: required option '--interactions <file>' not specified");
    expect(await said("tune", ...data, "--dimension", "x")).toMatch(/^2 .*'--dimension <n>' argument 'x' is invalid/);
  });
});

describe("train --config", () => {
  const config = (flags: object): string => file(JSON.stringify(flags), "config.json");
  const all = {
    interactions: "",
    epochs: 1,
    dimension: "8",
    hidden: "none",
    negatives: "in-batch",
    "learn-temperature": true,
  };

  test("flags of a file are those of the command line; what is typed beside it wins", async () => {
    const path = config({ ...all, interactions: at("world/train.csv"), dimension: 8 });
    const [one, two] = [at("configured"), at("typed")];
    await json("train", "--config", path, "--out", one, "--epochs", "2");
    await json(
      ...["train", "--interactions", at("world/train.csv"), "--epochs", "2", "--dimension", "8", "--hidden", "none"],
      ...["--negatives", "in-batch", "--learn-temperature", "--out", two],
    );
    const bytes = (model: string): Buffer => readFileSync(join(model, "model.safetensors"));
    expect(bytes(one).equals(bytes(two))).toBe(true);
    const { epochs, flags } = JSON.parse(readFileSync(join(one, "report.json"), "utf8"));
    expect(epochs).toHaveLength(2);
    expect(flags).toEqual({
      ...{ interactions: at("world/train.csv"), epochs: "2", dimension: "8" },
      ...{ hidden: "none", negatives: "in-batch", "learn-temperature": true },
    });
  });

  test.each<[object, string]>([
    [{ "learning-rat": "1" }, 'config.json has no key "learning-rat" (did you mean "learning-rate"?)'],
    [{ epochs: "many" }, 'config.json: epochs is "many": expected a whole number above 0'],
    [{ epochs: null }, "config.json: epochs is null: expected text"],
    [{ "learn-temperature": "yes" }, 'config.json: learn-temperature is "yes": expected true, or leave the flag out'],
    [{ optimiser: "sgd" }, 'config.json: optimiser is "sgd": allowed choices are adam, adagrad'],
    [{ config: "x" }, 'config.json has no key "config"'],
  ])("%j", async (flags, message) => {
    const command = withTrainingOptions(withConfig(new Command())).action(() => {});
    const parsed = command.parseAsync(["--config", config(flags)], { from: "user" });
    expect((await messageOfAsync(parsed)).replace(/^.*\d-config/, "config")).toContain(message);
  });

  test("a file that is not there, and no interactions anywhere", async () => {
    expect(await said("train", "--config", at("gone.json"), "--out", at("never"))).toBe(
      "1 twotower: gone.json cannot be read: give flags that tune wrote, or a JSON object of them",
    );
    expect(await said("train", "--config", config({ epochs: 1 }), "--out", at("never"))).toBe(
      "2 twotower: required option '--interactions <file>' not specified",
    );
  });
});

describe("the parts of a search", () => {
  test("rungs: a third of each group goes on, three times as long; a group of one goes to the end", () => {
    expect(halving([1, 17], 30)).toEqual([
      { epochs: 3, trials: 18 },
      { epochs: 10, trials: 7 },
      { epochs: 30, trials: 3 },
    ]);
    expect(halving([1, 3], 8)).toEqual([{ epochs: 8, trials: 4 }]);
    expect(halving([1], 27).map(({ trials }) => trials)).toEqual([1, 1, 1]);
  });

  test("survivors: the best of each group, of equals the first drawn, never one that failed", () => {
    const metrics = [0.1, 0.2, undefined, 0.3, 0.2, 0.15, 0.9];
    const groups = [-1, 0, 0, 0, 0, 0, 1];
    const left = survivorsOf(
      [0, 1, 2, 3, 4, 5, 6],
      (trial) => groups[trial],
      (trial) => metrics[trial],
    );
    expect(left).toEqual([0, 1, 3, 6]);
    expect(
      survivorsOf(
        [2],
        (trial) => groups[trial],
        (trial) => metrics[trial],
      ),
    ).toEqual([]);
  });

  test("draws: by the seed, no two alike, within their ranges, and on a log scale as often below the middle as above", () => {
    const space = spaceOf({
      "learning-rate": { from: 0.001, to: 0.1, scale: "log" },
      "batch-size": { from: 10, to: 20, whole: true },
      dropout: [0, null],
    });
    const drawn = drawTrials(space, 400, new Random(5));
    expect(drawTrials(space, 400, new Random(5))).toEqual(drawn);
    expect(new Set(drawn.map(({ flags }) => JSON.stringify(flags))).size).toBe(400);
    const [first, ...others] = drawn;
    expect(first).toEqual({ flags: {}, group: -1 });
    const rates = others.map(({ flags }) => Number(flags["learning-rate"]));
    expect(rates.every((rate) => rate >= 0.001 && rate <= 0.1)).toBe(true);
    const low = rates.filter((rate) => rate < 0.01).length;
    expect(Math.abs(low - 199.5)).toBeLessThan(40); // four standard deviations
    expect(others.every(({ flags }) => /^1\d$|^20$/.test(String(flags["batch-size"])))).toBe(true);
    expect(new Set(others.map(({ flags }) => flags.dropout))).toEqual(new Set(["0", undefined]));
  });

  test("draws: no more than there are; flags that are given are not drawn", () => {
    const space = { dimension: [8, 16], loss: ["listwise", "pairwise"] };
    expect(drawTrials(spaceOf(space), 100, new Random(1))).toHaveLength(5);
    expect(drawTrials(spaceOf(space, { loss: "listwise" }), 100, new Random(1)).slice(1)).toEqual(
      expect.arrayContaining([
        { flags: { dimension: "8" }, group: 0 },
        { flags: { dimension: "16" }, group: 0 },
      ]),
    );
  });
});
