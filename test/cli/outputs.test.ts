import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folderForTests } from "../io/files.ts";
import { json, twotower } from "./program.ts";

// No command writes over what it reads, nor into a model's folder; that is said before long work, and nothing is changed.

const folder = folderForTests();
const at = (name: string): string => join(folder, name);
const model = at("world/model");
const files = (): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

beforeAll(async () => {
  await json("demo", "--users", "60", "--items", "50", "--epochs", "1", "--out", at("world"));
  symlinkSync(at("world"), at("link"));
}, 60_000);

const measured = (command: string, ...more: string[]): string[] => [
  ...[command, model, "--test", at("world/test.csv")],
  ...more,
];
const learnt = (command: string, ...more: string[]): string[] => [
  ...[command, "--interactions", at("world/train.csv"), "--items", at("world/items.csv")],
  ...more,
];

describe("an output that would do harm is refused, and nothing changes", () => {
  test.each<[string[], string]>([
    [measured("report", "--out", at("world/test.csv")), "2 world/test.csv would be written over: give another --out"],
    [measured("report", "--out", at("link/test.csv")), "2 world/test.csv would be written over: give another --out"],
    [
      measured("report", "--out", join(model, "model.safetensors")),
      "2 world/model/model.safetensors would be written over, a file of world/model: give another --out",
    ],
    [
      measured("report", "--out", at("link/model/new/page.html")),
      "2 link/model/new/page.html would be in world/model, which keeps only files of its own: give another --out",
    ],
    [measured("report", "--out", at("world")), "1 cannot write world: there is a folder of that name"],
    [
      measured("report", "--out", at("world/test.csv/page.html")),
      "1 world/test.csv/page.html cannot be made: world/test.csv is no folder that one may write in",
    ],
    [
      measured("evaluate", "--dump", at("world/test.csv")),
      "2 world/test.csv would be written over: give another --dump",
    ],
    [
      measured("evaluate", "--mask", at("world/train.csv"), "--dump", at("world/train.csv")),
      "2 world/train.csv would be written over: give another --dump",
    ],
    [
      learnt("train", "--save-schema", at("world/train.csv")),
      "2 world/train.csv would be written over: give another --save-schema",
    ],
    [
      learnt("train", "--out", at("new"), "--checkpoint", at("world/items.csv")),
      "2 world/items.csv would be written over: give another --checkpoint",
    ],
    [
      learnt("train", "--warm-start", model, "--out", at("new"), "--save-schema", join(model, "schema.json")),
      "2 world/model/schema.json would be written over, a file of world/model: give another --save-schema",
    ],
    [learnt("tune", "--out", at("world/items.csv")), "2 world/items.csv would be written over: give another --out"],
    [
      ["split", at("link/train.csv"), "--out", at("world")],
      "2 link/train.csv would be written over: give another --out",
    ],
  ])("%j", async (args, message) => {
    const [names, asked] = [files(), readFileSync(at("world/test.csv"), "utf8")];
    const { code, stdout, stderr } = await twotower(...args, "--quiet");
    expect(stdout).toBe("");
    expect(`${code} ${stderr}`.replaceAll(`${folder}/`, "")).toBe(`${message.replace(" ", " twotower: ")}\n`);
    expect(files()).toEqual(names);
    expect(readFileSync(at("world/test.csv"), "utf8")).toBe(asked);
  });

  test.runIf(existsSync("/proc/self"))("a folder that takes no files from anybody", async () => {
    const { code, stderr } = await twotower(...measured("report", "--out", "/proc/page.html", "--quiet"));
    expect([code, stderr]).toEqual([
      1,
      "twotower: /proc/page.html cannot be made: /proc is no folder that one may write in\n",
    ]);
  });
});
