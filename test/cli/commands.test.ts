import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folderForTests } from "../io/files.ts";
import { json, type Run, twotower } from "./program.ts";

// The whole way from the shell: a small invented catalogue is written to files, then split, trained on, evaluated,
// indexed and asked. The tests of a describe run in order, each on what the ones before left.

const folder = folderForTests();
const at = (name: string): string => join(folder, name);
const linesOf = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");

interface Ranked {
  readonly items: { rank: number; id: string; score: number; name: string | null }[];
}
interface Metrics {
  readonly k: number;
  readonly recall: number;
  readonly ndcg: number;
}
interface Evaluated {
  readonly users: number;
  readonly pairs: number;
  readonly skipped: number;
  readonly rankers: { name: string; metrics: Metrics[]; slices: { name: string; pairs: number }[] }[];
}

const DEMO = ["demo", "--users", "300", "--items", "200", "--epochs", "4"];
let demo: Run;

beforeAll(async () => {
  demo = await twotower(...DEMO, "--out", at("world"));
}, 60_000);

describe("demo", () => {
  test("shows the model beside baselines and the best possible, and three users with names", () => {
    expect(demo.code).toBe(0);
    for (const line of ["model", "RP3beta", "item-kNN", "popularity", "random"])
      expect(demo.stdout).toMatch(new RegExp(`^  ${line} +0\\.\\d{4} +0\\.\\d{4} +0\\.\\d{4} +\\d+ %$`, "m"));
    expect(demo.stdout).toMatch(/^ {2}best possible .* 100 %$/m);
    expect(demo.stdout).toMatch(/One recall: p50 [\d.]+ ms, p99 [\d.]+ ms/);
    expect(demo.stdout).toMatch(/HNSW finds [\d.]+ % of exact search's top 10/);
    expect(demo.stdout.match(/^For u\d+: /gm)).toHaveLength(3);
    expect(demo.stdout.match(/^ +10 +-?\d\.\d\d {2}\S.* \(\d{4}\) /gm)).toHaveLength(3);
  });

  test("plain lines in a pipe: one for each epoch, no control characters", () => {
    expect(demo.stderr.match(/^ {2}epoch \d\/4 {2}loss /gm)).toHaveLength(4);
    expect(demo.stdout + demo.stderr).not.toMatch(/\p{Cc}(?<!\n)/u);
  });

  test("says the same on every run, timings apart; and as JSON what it says as text", async () => {
    const again = await json<Evaluated & { catalogue: object; users: object[] }>(...DEMO);
    const [model] = again.rankers;
    expect(again).toMatchObject({ command: "demo", seed: 1, catalogue: { users: 300, items: 200 } });
    expect(again.users).toHaveLength(3);
    const [at10, at100] = model.metrics;
    const figures = [at10.recall, at100.recall, at10.ndcg].map((figure) => figure.toFixed(4));
    expect(demo.stdout).toMatch(new RegExp(`^  model +${figures.join(" +")} `, "m"));
  });
});

describe("from one file to recommendations", () => {
  test("split: every row in one part, all columns kept, the test after the training", async () => {
    const { parts } = await json<{ parts: { path: string; interactions: number; to: string; from: string }[] }>(
      ...["split", at("world/train.csv"), "--out", at("parts"), "--test", "0.2", "--validation", "0.1"],
    );
    const files = ["train", "validation", "test"].map((name) => at(`parts/${name}.csv`));
    expect(parts.map(({ path }) => path)).toEqual(files);
    expect(parts.map(({ interactions }) => interactions)).toEqual(files.map((file) => linesOf(file).length - 1));
    const [header, ...rows] = linesOf(at("world/train.csv"));
    expect(files.map((file) => linesOf(file)[0])).toEqual([header, header, header]);
    expect(files.flatMap((file) => linesOf(file).slice(1)).sort()).toEqual(rows.sort());
    expect(parts[0].to < parts[1].from && parts[1].to < parts[2].from).toBe(true);
  });

  const training = [
    ...["train", "--interactions", at("parts/train.csv"), "--users", at("world/users.csv")],
    ...["--items", at("world/items.csv"), "--validation", at("parts/validation.csv")],
    ...["--dimension", "16", "--hidden", "32", "--epochs", "6", "--batch-size", "64", "--learning-rate", "0.02"],
    ...["--negatives", "in-batch"],
  ];

  test("train: infers a schema that it prints and saves", async () => {
    const { code, stdout, stderr } = await twotower(...training, "--out", at("model"), "--save-schema", at("s.json"));
    expect(code).toBe(0);
    expect(stderr).toContain("interactions  userId → itemId, time timestamp\n");
    expect(stderr).toContain("users         userId (id), country (category), age (number), gender (category)\n");
    expect(stderr).toMatch(/^ {2}epoch 6\/6 {2}loss \d\.\d{4} {2}ndcg@20 0\.\d{4}$/m);
    expect(stdout).toMatch(/^\S+model {2}300 users × 200 items, [\d,]+ interactions\n/);
    expect(JSON.parse(readFileSync(at("s.json"), "utf8"))).toMatchObject({
      interactions: { user: "userId", item: "itemId", timestamp: "timestamp" },
      items: { name: "title", features: { genres: { kind: "tags" }, year: { kind: "number" } } },
    });
  });

  test("train: the same files, options and seed give the same bytes, with the schema passed back too", async () => {
    const again = await json(...training, "--out", at("again"), "--schema", at("s.json"));
    const digest = (model: string) =>
      createHash("sha256")
        .update(readFileSync(at(`${model}/model.safetensors`)))
        .digest("hex");
    expect(digest("again")).toBe(digest("model"));
    expect(again).toMatchObject({ command: "train", users: 300, items: 200, metric: "ndcg@20" });
    expect((again.epochs as object[]).map((epoch) => Object.keys(epoch))).toContainEqual([
      "epoch",
      "loss",
      "validation",
      "seconds",
    ]);
  });

  test("train: with two threads the same model to the last byte, and the report does not tell of them", async () => {
    const [one, two] = [at("one-thread"), at("two-threads")];
    const short = [...training, "--epochs", "2"];
    await json(...short, "--out", one);
    const { stderr } = await twotower(...short, "--threads", "2", "--out", two);
    expect(stderr).toMatch(/2 epochs in [\d.]+ s, 2 threads, best at/);
    const [model, again] = [one, two].map((out) => readFileSync(join(out, "model.safetensors")));
    expect(again.equals(model)).toBe(true);
    expect(JSON.parse(readFileSync(join(two, "report.json"), "utf8")).flags).not.toHaveProperty("threads");
  });

  test("compare: a model with itself is no better; with one that learnt little, it is", async () => {
    const [test, model, again] = [at("parts/test.csv"), at("model"), at("again")];
    interface Compared {
      readonly users: number;
      readonly comparisons: { metric: string; k: number; a: number; b: number; difference: number; p: number }[];
    }
    const same = await json<Compared>("compare", model, again, "--test", test);
    expect(same.comparisons.every(({ difference, p }) => difference === 0 && p === 1)).toBe(true);
    await json(...training, "--epochs", "1", "--learning-rate", "1e-6", "--out", at("lazy"));
    const { users, comparisons } = await json<Compared>("compare", model, at("lazy"), "--test", test, "--k", "20");
    expect(users).toBeGreaterThan(100);
    const recall = comparisons.find(({ metric }) => metric === "recall")!;
    expect(recall.difference).toBeCloseTo(recall.a - recall.b, 10);
    expect(recall.difference).toBeGreaterThan(0.02);
    expect(recall.p).toBeLessThan(0.001);
    const { stdout } = await twotower("compare", model, at("lazy"), "--test", test);
    expect(stdout).toMatch(
      / {2}A \(\S+model\) is better than B \(\S+lazy\) by 0\.\d{4} ndcg@10, and not by chance \(p < \.001\)\./,
    );
  });

  test("evaluate: the figures are those of the lists it writes", async () => {
    const { users, rankers } = await json<Evaluated>(
      ...["evaluate", at("model"), "--test", at("parts/test.csv"), "--k", "5,10", "--dump", at("lists.txt")],
      ...["--baselines", "random,popularity"],
    );
    const wanted = new Map<string, Set<string>>();
    for (const line of linesOf(at("parts/test.csv")).slice(1)) {
      const [user, item] = line.split(",");
      wanted.set(user, (wanted.get(user) ?? new Set()).add(item));
    }
    const lists = linesOf(at("lists.txt")).map((line) => line.split(" "));
    expect(lists.length).toBe(users);
    const recalls = lists.map(([user, ...items]) => {
      const own = wanted.get(user)!;
      return items.slice(0, 10).filter((item) => own.has(item)).length / own.size;
    });
    const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
    const [model, random, popularity] = rankers;
    expect(model.metrics.map(({ k }) => k)).toEqual([5, 10]);
    expect(model.metrics[1].recall).toBeCloseTo(mean, 9);
    expect([model.name, random.name, popularity.name]).toEqual(["model", "random", "popularity"]);
    expect(model.metrics[1].recall).toBeGreaterThan(2 * random.metrics[1].recall);
  });

  test("evaluate: in words, a table for each cut-off and one for the slices", async () => {
    const { stdout } = await twotower("evaluate", at("model"), "--test", at("parts/test.csv"), "--k", "10");
    expect(stdout).toMatch(/^ {2}@10 +Recall +Hit +NDCG +MRR +MAP +coverage$/m);
    expect(stdout).toMatch(/^ {2}model( +0\.\d{4}){5} +\d+ %$/m);
    expect(stdout).toMatch(/^ {2}Recall@10 +head +middle +tail/m);
  });

  const seen = (user: string): string[] =>
    linesOf(at("parts/train.csv"))
      .map((line) => line.split(","))
      .filter(([id]) => id === user)
      .map(([, item]) => item);

  test("recall: nothing seen, nothing excluded, only what the filter lets through", async () => {
    const user = linesOf(at("parts/train.csv"))[1].split(",")[0];
    const all = await json<Ranked>("recall", at("model"), "--user-id", user, "-k", "20");
    expect(all.items.map(({ rank }) => rank)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(all.items.map(({ score }) => score)).toEqual(all.items.map(({ score }) => score).toSorted((a, b) => b - a));
    const ids = all.items.map(({ id }) => id);
    expect(ids.filter((id) => seen(user).includes(id))).toEqual([]);

    const fewer = await json<Ranked>(
      "recall",
      at("model"),
      "--user-id",
      user,
      "-k",
      "18",
      "--exclude",
      `${ids[0]},${ids[3]}`,
    );
    expect(fewer.items.map(({ id }) => id)).toEqual(ids.filter((id) => id !== ids[0] && id !== ids[3]));

    const { stdout } = await twotower("recall", at("model"), "--user-id", user, "-k", "3", "--filter", "genres=Horror");
    const shown = stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/ +/)[2]);
    expect(shown).toHaveLength(3);
    const horror = linesOf(at("world/items.csv")).filter((line) => /[,|]Horror[,|]/.test(line));
    expect(shown.every((id) => horror.some((line) => line.startsWith(`${id},`)))).toBe(true);
  });

  test("recall: for somebody new, by features", async () => {
    const { items } = await json<Ranked>("recall", at("model"), "--user", '{"country":"Japan","age":31}');
    expect(items).toHaveLength(10);
    expect(items.every(({ name }) => typeof name === "string")).toBe(true);
  });

  test("index: films that training never saw are near films like them", async () => {
    const [header, ...films] = linesOf(at("world/items.csv"));
    const fresh = films.slice(0, 12).map((film) => film.replace(/^f/, "new"));
    writeFileSync(at("new.csv"), `${[header, ...fresh].join("\n")}\n`);
    expect(await json("index", at("model"), "--add", at("new.csv"), "--kind", "hnsw")).toMatchObject({
      ...{ command: "index", kind: "hnsw", items: 212, new: 12, dimension: 16 },
    });

    // A new film is what its features say: near the old film that has the same, far from the average one.
    for (const film of fresh.slice(0, 3)) {
      const [id] = film.split(",");
      const { items } = await json<Ranked>("similar", at("model"), "--item-id", id, "-k", "300");
      const mean = items.reduce((sum, { score }) => sum + score, 0) / items.length;
      const place = items.findIndex((item) => item.id === id.replace("new", "f"));
      expect(place).toBeLessThan(5);
      expect(items[place].score).toBeGreaterThan(mean + 0.3);
    }
  });

  test("index --items: exactly these are recalled, with their names", async () => {
    expect(await json("index", at("model"), "--items", at("new.csv"))).toMatchObject({
      kind: "exact",
      items: 12,
      new: 12,
    });
    const { items } = await json<Ranked>("recall", at("model"), "--user", '{"country":"Japan"}', "-k", "50");
    expect(items.map(({ id }) => id).sort()).toEqual(Array.from({ length: 12 }, (_, i) => `new${i + 1}`).sort());
    expect(items.every(({ name }) => name !== null)).toBe(true);
  });

  test("inspect: what the folder holds", async () => {
    const found = await json<{ files: { name: string }[] }>("inspect", at("model"));
    expect(found).toMatchObject({
      command: "inspect",
      towers: {
        user: { dimension: 16, hidden: [32], identity: "add" },
        item: { dimension: 16, hidden: [32], identity: "add" },
      },
      ...{ users: 300, items: 200 },
      index: { kind: "exact", items: 12, unknownInTraining: 12 },
      training: { metric: "ndcg@20" },
    });
    expect(found.files.map(({ name }) => name)).toEqual([
      "index.safetensors",
      "items.jsonl",
      "model.safetensors",
      "report.json",
      "schema.json",
    ]);
  });
});

describe("split in other ways", () => {
  writeFileSync(at("r.tsv"), "user\titem\trating\n1\ta\t5\n1\tb\t1\n1\tc\t4\n2\ta\t4\n2\tc\t3\n2\tb\t5\n");

  test("each user's last positive; what is rated lower is gone", async () => {
    await json("split", at("r.tsv"), "--by", "leave-one-out", "--min-rating", "4", "--out", at("loo"));
    expect(linesOf(at("loo/train.csv"))).toEqual(["user,item,rating", "1,a,5", "2,a,4"]);
    expect(linesOf(at("loo/test.csv"))).toEqual(["user,item,rating", "1,c,4", "2,b,5"]);
  });

  test("at random, the same for the same seed", async () => {
    const rows = async (seed: string) => {
      await json("split", at("r.tsv"), "--by", "random", "--test", "0.5", "--seed", seed, "--out", at(`seed${seed}`));
      return linesOf(at(`seed${seed}/test.csv`)).join();
    };
    expect(await rows("1")).toBe(await rows("1"));
  });
});
