import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fileWith, folderForTests } from "../io/files.ts";
import { json, twotower } from "./program.ts";

// Every mistake gets one line that says what is wrong, where, and how to mend it; and an exit code that is not 0.

const folder = folderForTests();
const at = (name: string): string => join(folder, name);
const world = at("world");
const model = at("world/model");

/** A file of its own with these lines. */
const file = (...lines: string[]): string => fileWith(folder, `${lines.join("\n")}\n`, "rows.csv");

beforeAll(async () => {
  await json("demo", "--users", "60", "--items", "50", "--epochs", "1", "--out", world);
}, 60_000);

/** What a command that fails says: its exit code and its one line, paths shortened to their last part. */
async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await twotower(...args, "--quiet");
  expect(stdout).toBe("");
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  return `${code} ${stderr
    .trimEnd()
    .replaceAll(`${folder}/`, "")
    .replaceAll(/\b\d+-rows\.csv/g, "rows.csv")}`;
}

const train = (interactions: string, ...more: string[]): Promise<string> =>
  said("train", "--interactions", interactions, "--out", at("never"), ...more);

describe("files", () => {
  test.each<[string, string[] | undefined, string]>([
    ["missing", undefined, "nowhere.csv does not exist: check the path"],
    ["empty", [], "rows.csv is empty: it has no rows"],
    [
      "with a row of too few fields",
      ["userId,itemId,timestamp", "u1,f1,5", "u1,f2"],
      'rows.csv, line 3: 2 fields, expected 3: "userId", "itemId", "timestamp"',
    ],
    [
      "with a time that is none",
      ["userId,itemId,timestamp", "u1,f1,5", "u1,f2,NaN"],
      'rows.csv, line 3, column "timestamp" is "NaN": expected a time: seconds since 1970, or text like "2026-11-24T02:10:00Z"',
    ],
    ...["undefined", "null", "NaN", "None"].map((id): [string, string[], string] => [
      `with the id ${id}`,
      ["userId,itemId", "u1,f1", `u1,${id}`],
      `rows.csv, line 3, column "itemId" is "${id}": programs write that where they have nothing; expected an id`,
    ]),
    [
      "with users who have all chosen everything",
      ["userId,itemId", "u1,f1", "u1,f2", "u2,f2", "u2,f1"],
      "fit: every user of the interactions has chosen every item (2 in all), so there is nothing to tell apart; " +
        "give the items that nobody chose as well, or more interactions",
    ],
  ])("%s", async (_, lines, message) => {
    expect(await train(lines ? file(...lines) : at("nowhere.csv"))).toBe(`1 twotower: ${message}`);
  });

  test("items with a number that is not finite", async () => {
    const rows = readFileSync(at("world/items.csv"), "utf8").replace(/^(f9,.*),\d+$/m, "$1,Infinity");
    expect(await train(at("world/train.csv"), "--items", file(rows.trimEnd()))).toBe(
      '1 twotower: rows.csv, line 10, column "minutes" is "Infinity": expected a finite number, or nothing where it is missing',
    );
  });

  test.each([
    ["an id of another row", "f3,", 'line 10, column "itemId" is "f3", as line 4 has it: keep one row for each id'],
    ["no id", ",", 'line 10, column "itemId" is empty: expected an id'],
  ])("items of which one has %s", async (_, start, message) => {
    const rows = readFileSync(at("world/items.csv"), "utf8").replace(/^f9,/m, start);
    expect(await train(at("world/train.csv"), "--items", file(rows.trimEnd()))).toBe(
      `1 twotower: rows.csv, ${message}`,
    );
  });

  test("users and items mixed up", async () => {
    expect(await train(at("world/train.csv"), "--items", at("world/users.csv"))).toMatch(
      /^1 twotower: world\/users\.csv: no column tells all rows apart and has ids of world\/train\.csv in it/,
    );
  });

  test("ratings that are all too low", async () => {
    const ratings = file("userId,itemId,rating", "u1,f1,0.5", "u2,f2,5", "u2,f3,");
    const message =
      'rows.csv, column "rating": no row is rated 9 or more, they go from 0.5 to 5; ask for a lower rating';
    expect(await train(ratings, "--min-rating", "9")).toBe(`1 twotower: ${message}`);
    expect(await said("split", ratings, "--min-rating", "9", "--out", at("parts"))).toBe(`1 twotower: ${message}`);
  });

  test("a test file with other columns", async () => {
    expect(await said("evaluate", model, "--test", file("user,item", "u1,f1"))).toBe(
      '1 twotower: rows.csv has no column "userId" (did you mean "user"?); its columns are "user", "item"',
    );
  });

  test("a test file of somebody else's", async () => {
    expect(await said("evaluate", model, "--test", file("userId,itemId,timestamp", "anna,tea,5"))).toBe(
      "1 twotower: rows.csv: of its 1 interaction none has a user and an item that the model was trained on: is it the right file?",
    );
  });

  test("nothing was left of any of the models", () => {
    expect(() => readFileSync(at("never/model.safetensors"))).toThrow("ENOENT");
  });

  test("ids that JavaScript has other plans for are ids like others", async () => {
    const ids = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const rows = ids.flatMap((user, u) => ids.filter((_, i) => i !== u).map((item) => `${user},${item}`));
    const out = at("odd");
    await json("train", "--interactions", file("__proto__,constructor", ...rows), "--out", out, "--epochs", "2");
    const { items } = await json<{ items: { id: string }[] }>("recall", out, "--user-id", "__proto__");
    expect(items.map(({ id }) => id)).toEqual(["__proto__"]);
  });
});

describe("damaged models", () => {
  /** A copy of the model's folder with one file changed. */
  function damaged(name: string, change: (path: string) => void): string {
    const copy = at(`damaged-${name}`);
    rmSync(copy, { recursive: true, force: true });
    cpSync(model, copy, { recursive: true });
    change(join(copy, name));
    return copy;
  }
  const flip = (path: string): void => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
  };

  test("a byte changed, the end missing: model and index", async () => {
    await json("index", model);
    const mend = "; save it again or restore a copy";
    const changed = await said("inspect", damaged("model.safetensors", flip));
    expect(changed).toMatch(
      /^1 twotower: damaged-model\.safetensors\/model\.safetensors: .* does not match its checksum/,
    );
    expect(changed).toContain(mend);
    const cut = await said(
      "inspect",
      damaged("model.safetensors", (path) => truncateSync(path, 1000)),
    );
    expect(cut).toMatch(/^1 twotower: .*model\.safetensors: not a file as it was saved: .* a file of 1000/);
    for (const change of [flip, (path: string) => truncateSync(path, 4000)])
      expect(await said("recall", damaged("index.safetensors", change), "--user-id", "u1")).toMatch(
        /^1 twotower: damaged-index\.safetensors\/index\.safetensors: not a file as it was saved: .*; save it again or restore a copy$/,
      );
  });

  test.each<[string, (report: { epochs: unknown[] }) => unknown, string]>([
    ["nothing", () => ({}), ' lacks the key "metric"'],
    ["no list of epochs", (report) => ({ ...report, epochs: null }), ": epochs is null: expected a list"],
    [
      "an epoch of another kind",
      (report) => ({ ...report, epochs: [{ ...(report.epochs[0] as object), loss: "low" }] }),
      ': epochs[0].loss is "low": expected a finite number',
    ],
    [
      "a best epoch that is none",
      (report) => ({ ...report, bestEpoch: 7 }),
      ": bestEpoch is 7: expected one of the 1 epochs",
    ],
  ])("a report with %s", async (_, change, message) => {
    const copy = damaged("report.json", (path) =>
      writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8"))))),
    );
    const told = `1 twotower: damaged-report.json/report.json${message}; train again, or restore a copy of the folder`;
    expect(await said("inspect", copy)).toBe(told);
    expect(await said("report", copy, "--test", at("world/test.csv"), "--out", at("page.html"))).toBe(told);
  });

  test.each([
    ["some text", "CORRUPT: hello", "not a file as it was saved: "],
    ["a model", readFileSync, "this is no checkpoint of version 2, but a twotower-model file of version 2"],
  ])("a checkpoint that is %s", async (_, content, message) => {
    const path = at("run.checkpoint");
    writeFileSync(path, typeof content === "string" ? content : content(join(model, "model.safetensors")));
    const told = await train(at("world/train.csv"), "--checkpoint", path);
    expect(told).toContain(`1 twotower: run.checkpoint: ${message}`);
    expect(told).toMatch(/\. Or remove it, to start anew$/);
  });

  test("no model at all", async () => {
    expect(await said("recall", at("gone"), "--user-id", "u1")).toBe(
      '1 twotower: gone does not exist: make it with "twotower train --out gone"',
    );
    expect(await said("recall", world, "--user-id", "u1")).toBe(
      '1 twotower: world has no model.safetensors: it is no folder that "twotower train" made',
    );
  });
});

describe("questions about what the model does not know", () => {
  test.each<[string[], string]>([
    [
      ["recall", model, "--user-id", "nobody"],
      `user "nobody" was not in the training data of world/model; describe somebody new by features: --user '{"country": …}'`,
    ],
    [
      ["recall", model, "--user", '{"agee":31}'],
      '--user: the model knows no column "agee" of users (did you mean "age"?); it reads "userId", "country", "age", "gender"',
    ],
    [
      ["recall", model, "--user", '{"age":1e999}'],
      "--user: age is Infinity: expected a finite number (at most 1e150), or null where it is missing",
    ],
    [
      ["recall", model, "--user-id", "u1", "--filter", "genre=Horror"],
      'items have no column "genre" (did you mean "genres"?); the model keeps "genres", "year", "language", "studio", "minutes", "itemId"',
    ],
  ])("%j", async (args, message) => {
    expect(await said(...args)).toBe(`1 twotower: ${message}`);
  });

  test("an item by its name: the id is told", async () => {
    const [, id, name] = /^(f\d+),([^,]+),/m.exec(readFileSync(at("world/items.csv"), "utf8"))!;
    expect(await said("similar", model, "--item-id", name.toLowerCase())).toContain(`did you mean ${id} (${name})`);
  });
});

test("what a title says to a terminal is not obeyed", async () => {
  const out = at("titles");
  const items = ["itemId,title", "f1,\u001b[2JWiped", "f2,\u202eturned", "f3,\u009b2Jplain"];
  const pairs = ["userId,itemId", "u1,f1", "u1,f2", "u2,f3", "u2,f1"];
  await json("train", "--interactions", file(...pairs), "--items", file(...items), "--out", out, "--epochs", "1");
  const { stdout } = await twotower("similar", out, "--item-id", "f1");
  const second = await twotower("similar", out, "--item-id", "f2");
  expect(stdout).toContain("\ufffd[2JWiped\n");
  expect(second.stdout).toContain("\ufffdturned\n");
  for (const obeyed of ["\u001b", "\u202e"]) expect(stdout + second.stdout).not.toContain(obeyed);

  const asJson = await twotower("similar", out, "--item-id", "f1", "--json");
  expect(asJson.stdout).not.toMatch(/[\u007f-\u009f\u202e]/);
  expect(asJson.stdout).toContain("\\u202eturned");
  const { items: nearest } = JSON.parse(asJson.stdout) as { items: { name: string }[] };
  expect(nearest.map(({ name }) => name).sort()).toEqual(["\u009b2Jplain", "\u202eturned"]); // nothing is lost
});

test("split without --validation leaves no validation.csv of an earlier one", async () => {
  const out = at("splits");
  await json("split", at("world/train.csv"), "--out", out, "--validation");
  expect(readdirSync(out).sort()).toEqual(["test.csv", "train.csv", "validation.csv"]);
  const { stderr } = await twotower("split", at("world/train.csv"), "--out", out);
  expect(stderr).toContain(`${join(out, "validation.csv")} of an earlier split removed`);
  expect(readdirSync(out).sort()).toEqual(["test.csv", "train.csv"]);
});

describe("slips on the command line", () => {
  test.each<[string[], RegExp]>([
    [["trian"], /^2 twotower: unknown command 'trian' \(Did you mean train\?\)$/],
    [["recall", model, "--user-ids", "u1"], /^2 twotower: unknown option '--user-ids' \(Did you mean --user-id\?\)$/],
    [["recall", model], /^2 twotower: give one user: --user-id .*, --user /],
    [["train", "--interactions", "x.csv"], /^2 twotower: required option '--out <dir>' not specified/],
    [
      ["train", "--interactions", at("world/train.csv"), "--out", world],
      /^1 twotower: world holds "items.csv", which is no part of a model and would be lost: give a new folder$/,
    ],
    ...["train", "tune"].map((command): [string[], RegExp] => [
      [command, "--interactions", at("world/train.csv"), "--out", at("never"), "--threads", "65"],
      /^2 twotower: option '--threads <n>' argument '65' is invalid\. Expected a whole number from 1 to 64\.$/,
    ]),
    ...(
      [
        [
          "--negatives",
          "in-batch+uniform:999999999",
          "how many after uniform, as in uniform:3: a whole number from 1 to 1,048,576",
        ],
        [
          "--negatives",
          "in-batch+uniform",
          "how many after uniform, as in uniform:3: a whole number from 1 to 1,048,576",
        ],
        ["--negatives", "each:1e9", "how many after each, as in each:3: a whole number from 1 to 4,096"],
        ["--batch-size", "1e12", "a whole number from 1 to 1,048,576"],
        ["--hidden", "128,", 'whole numbers above 0 with commas between them, such as 128,64; or "none"'],
        ["--metric", "ndcg@0", "one of recall, [a-z, ]+ and a cut-off from 1, as in ndcg@20"],
      ] as const
    ).map(([flag, text, expected]): [string[], RegExp] => [
      ["train", "--interactions", at("world/train.csv"), "--out", at("never"), flag, text],
      new RegExp(
        `^2 twotower: option '${flag} <.*>' argument '${text.replace("+", "\\+")}' is invalid\\. Expected ${expected}\\.$`,
      ),
    ]),
    [
      ["split", at("world/train.csv"), "--out", world],
      /^2 twotower: world\/train.csv would be written over: give another --out$/,
    ],
  ])("%j", async (args, message) => {
    expect(await said(...args)).toMatch(message);
  });

  test("with --json the error is a document too", async () => {
    const { code, stdout } = await twotower("recall", model, "--user-id", "nobody", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "UNKNOWN_ID" } });
  });
});
