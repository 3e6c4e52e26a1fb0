import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { ModelFolder } from "../../src/cli/model-folder.ts";
import { Random } from "../../src/tensor/random.ts";
import { ended, json, start } from "../cli/program.ts";
import { folderForTests } from "../io/files.ts";

// Whatever stops a training, the model that was there before still loads, and no half of a new one is left in its place.

const folder = folderForTests();
const data = join(folder, "world");

/** A training into `out` of its own kind: the seed tells models apart. */
const training = (out: string, seed: number, epochs = 2): string[] => [
  ...["train", "--interactions", join(data, "train.csv"), "--items", join(data, "items.csv"), "--out", out],
  ...[
    "--dimension",
    "8",
    "--hidden",
    "8",
    "--epochs",
    String(epochs),
    "--negatives",
    "in-batch",
    "--seed",
    String(seed),
    "--json",
  ],
];

beforeAll(async () => {
  await json("demo", "--users", "100", "--items", "80", "--epochs", "1", "--out", data);
}, 60_000);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(1);
}

describe("Ctrl-C", () => {
  test("in the middle of a training: nothing is written, the old model stays, exit code 130", async () => {
    const home = join(folder, "interrupted");
    const out = join(home, "model");
    await json(...training(out, 1));
    const before = readFileSync(join(out, "model.safetensors"));
    const child = start(training(out, 2, 10_000));
    let isTraining = false;
    child.stderr!.on("data", (text) => (isTraining ||= String(text).includes("epoch 3/")));
    const run = ended(child);
    await until(() => isTraining);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await run;
    expect(code).toBe(130);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("twotower: interrupted: nothing was written");
    expect(JSON.parse(stdout)).toEqual({ error: { code: "INTERRUPTED", message: "interrupted: nothing was written" } });
    expect(readdirSync(home)).toEqual(["model"]);
    expect(readFileSync(join(out, "model.safetensors")).equals(before)).toBe(true);
  });
});

describe("kill -9", () => {
  const home = join(folder, "killed");
  const out = join(home, "model");
  const isSaving = (): boolean => readdirSync(home).some((name) => name.endsWith(".tmp") || name.endsWith(".old"));

  test("while the first model is saved leaves none", async () => {
    mkdirSync(home);
    const child = start(training(out, 1));
    const run = ended(child);
    await until(isSaving);
    child.kill("SIGKILL");
    expect((await run).code).toBe(null);
    // The save may have been quicker than the signal: then the model is whole.
    if (existsSync(out)) await ModelFolder.open(out);
    else await expect(ModelFolder.open(out)).rejects.toThrow("does not exist");
  });

  test("at any moment, above all while saving: a whole model loads, the old one or the new", async () => {
    await json(...training(out, 1));
    const random = new Random(1);
    for (let seed = 2; seed < 6; seed++) {
      const child = start(training(out, seed));
      const run = ended(child);
      await Promise.race([until(isSaving), run]);
      await setTimeout(random.below(12));
      child.kill("SIGKILL");
      await run;
      const { model, dataSchema } = await ModelFolder.open(out);
      expect(model.trained.on.users.table.count).toBeGreaterThan(50);
      expect(dataSchema.interactions.user).toBe("userId");
    }
  });

  test("with a checkpoint: the same command goes on, and ends with the model of a training never interrupted", async () => {
    const [whole, broken] = [join(folder, "whole"), join(folder, "broken")];
    const checkpoint = join(folder, "run.checkpoint");
    const epochs = 12;
    await json(...training(whole, 3, epochs));
    const random = new Random(2);
    let kills = 0;
    for (let isOver = false; !isOver; ) {
      const child = start([...training(broken, 3, epochs), "--checkpoint", checkpoint]);
      const run = ended(child);
      const before = existsSync(checkpoint) ? readFileSync(checkpoint) : Buffer.alloc(0);
      const moved = (): boolean => existsSync(checkpoint) && !readFileSync(checkpoint).equals(before);
      await Promise.race([until(moved), run]);
      await setTimeout(random.below(30));
      if (kills < 4) child.kill("SIGKILL");
      const { code } = await run;
      isOver = code === 0;
      if (!isOver) kills++;
    }
    expect(kills).toBeGreaterThan(0);
    expect(existsSync(checkpoint)).toBe(false);
    const bytesOf = (model: string): Buffer => readFileSync(join(model, "model.safetensors"));
    expect(bytesOf(broken).equals(bytesOf(whole))).toBe(true);
  });

  test("leaves drafts, which the next training clears away", async () => {
    await json(...training(out, 9));
    expect(readdirSync(home)).toEqual(["model"]);
  });
});
