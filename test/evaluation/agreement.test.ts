import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { itemKnn } from "../../src/evaluation/baselines/item-knn.ts";
import { popularity } from "../../src/evaluation/baselines/popularity.ts";
import { random } from "../../src/evaluation/baselines/random.ts";
import { rp3beta } from "../../src/evaluation/baselines/rp3beta.ts";
import { type Evaluation, evaluate } from "../../src/evaluation/evaluate.ts";
import { listLines } from "../../src/evaluation/lists.ts";
import type { Ranker } from "../../src/evaluation/ranker.ts";
import { evaluateSampled } from "../../src/evaluation/sampled.ts";
import type { UserItems } from "../../src/features/interactions.ts";
import { groupByUser } from "../../src/features/interactions.ts";
import { type Task, task, toLists } from "./arbitraries.ts";
import { absent, dataFile, evaluator, readPairs, readSplit, runEvaluator, withFiles } from "./real-data.ts";

/** The evaluator prints five decimals. */
const DECIMALS = 4;
const KS = [1, 5, 20];

const lines = (lists: UserItems) =>
  toLists(lists)
    .map((list, user) => `${[user, ...list].join(" ")}\n`)
    .join("");

/** Our figures, and the same lists as text. */
function evaluateAndDump(
  ranker: Ranker,
  given: { train: UserItems; test: UserItems },
  ks: readonly number[],
): [Evaluation, string] {
  let dump = "";
  const onLists = (users: Int32Array, lists: Int32Array, k: number) => {
    dump += listLines(users, lists, k);
  };
  return [evaluate(ranker, { ...given, ks, onLists }), dump];
}

function expectSame(ours: Evaluation, theirs: { readonly [figure: string]: number }): void {
  expect(ours.users.length).toBe(theirs.users);
  for (const at of ours.metrics) {
    expect(at.recall).toBeCloseTo(theirs[`Recall@${at.k}`], DECIMALS);
    expect(at.ndcg).toBeCloseTo(theirs[`NDCG@${at.k}`], DECIMALS);
    expect(at.hit).toBeCloseTo(theirs[`HR@${at.k}`], DECIMALS);
    expect(at.precision).toBeCloseTo(theirs[`Prec@${at.k}`], DECIMALS);
    expect(at.map).toBeCloseTo(theirs[`MAP@${at.k}`], DECIMALS);
  }
}

describe.skipIf(!evaluator)(`the independent evaluator agrees ${evaluator ? "" : absent}`, () => {
  test("on random lists of random data", async () => {
    await fc.assert(
      fc.asyncProperty(task, async (given: Task) => {
        const [ours, dump] = evaluateAndDump(random(given.itemCount, { seed: given.seed }), given, KS);
        await withFiles({ train: lines(given.train), test: lines(given.test), dump }, async (files) => {
          const items = String(given.itemCount);
          const common = ["full", "--train", files.train, "--test", files.test, "--items", items, "--k", KS.join(",")];
          expectSame(ours, await runEvaluator([...common, "--topk", files.dump]));
          const counted = evaluate(popularity(given.train, given.itemCount), { ...given, ks: KS });
          expectSame(counted, await runEvaluator([...common, "--baseline", "pop"]));
        });
      }),
      { numRuns: 10 },
    );
  });
});

const train = dataFile("ml-1m-m1/train.txt.gz");
const held = dataFile("ml-1m-m1/test.txt.gz");

describe.skipIf(!(evaluator && train && held))(`ml-1m-m1 ${train && held ? "" : absent}`, () => {
  const given = train && held ? readSplit(train, held) : undefined;
  const common = ["full", "--train", train ?? "", "--test", held ?? "", "--k", "20"];

  test.each([
    ["itemknn", itemKnn, []],
    ["rp3beta", rp3beta, ["--beta", "0.6"]],
  ])("baseline %s has the evaluator's figures", async (name, baseline, flags) => {
    const theirs = runEvaluator([...common, "--baseline", name, ...flags]);
    const ours = evaluate(baseline(given!.train, given!.itemCount), { ...given!, ks: [20] });
    expectSame(ours, await theirs);
  });

  test("our dumped lists have our figures", async () => {
    const [ours, dump] = evaluateAndDump(popularity(given!.train, given!.itemCount), given!, [20]);
    await withFiles({ dump }, async (files) => {
      expectSame(ours, await runEvaluator([...common, "--topk", files.dump]));
    });
  });
});

const negatives = dataFile("ncf-ml-1m/test.negative.gz");

test.skipIf(!(evaluator && negatives))(
  `ncf-ml-1m: popularity among given negatives ${negatives ? "" : absent}`,
  async () => {
    const [trainFile, ratings] = ["train.txt.gz", "test.rating"].map((name) => dataFile(`ncf-ml-1m/${name}`)!);
    const rows = readFileSync(ratings, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("\t").map(Number));
    const listed = gunzipSync(readFileSync(negatives!)).toString().trim().split("\n");
    const ours = evaluateSampled(popularity(groupByUser(readPairs(trainFile), 6040), 3706), {
      users: Int32Array.from(rows, (row) => row[0]),
      positives: Int32Array.from(rows, (row) => row[1]),
      negatives: Int32Array.from(listed.flatMap((line) => line.split("\t").slice(1).map(Number))),
    });
    const theirs = await runEvaluator([
      "ncf",
      "--train",
      trainFile,
      "--test",
      ratings,
      "--neg",
      negatives!,
      "--baseline",
      "pop",
    ]);
    expect(ours.metrics[0].hit).toBeCloseTo(theirs["HR@10"], DECIMALS);
    expect(ours.metrics[0].ndcg).toBeCloseTo(theirs["NDCG@10"], DECIMALS);
  },
);
