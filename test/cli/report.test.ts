import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { principalPlane } from "../../src/cli/report/principal-axes.ts";
import type { ReportData } from "../../src/cli/report/report-data.ts";
import { Random } from "../../src/tensor/random.ts";
import { folderForTests } from "../io/files.ts";
import { json, twotower } from "./program.ts";

// The page of a report: what it is told is what evaluate says, and nothing in it can be taken for markup. That it draws
// is seen in a browser: test/runtimes/report.test.ts.

const folder = folderForTests();
const at = (name: string): string => join(folder, name);
const HOSTILE = "</script><img src=x onerror=alert(1)><!--";

interface Said {
  readonly pairs: number;
  readonly rankers: { name: string; metrics: { k: number; recall: number; ndcg: number }[] }[];
}
let html: string;
let report: ReportData;
let said: Said;

beforeAll(async () => {
  await json("demo", "--users", "200", "--items", "150", "--epochs", "1", "--out", at("world"));
  const [header, first, ...films] = readFileSync(at("world/items.csv"), "utf8").trimEnd().split("\n");
  const named = first.replace(/^f1,[^,]+/, `f1,"${HOSTILE}"`);
  const spaced = [named, ...films].map((film) => film.replaceAll("|", " | ")); // as people write lists too
  writeFileSync(at("items.csv"), `${[header, ...spaced].join("\n")}\n`);
  await json(
    ...["train", "--interactions", at("world/train.csv"), "--items", at("items.csv"), "--out", at("model")],
    ...[
      "--dimension",
      "8",
      "--hidden",
      "8",
      "--epochs",
      "3",
      "--validation",
      "0.1",
      "--batch-size",
      "64",
      "--learning-rate",
      "0.03",
    ],
  );
  said = await json("report", at("model"), "--test", at("world/test.csv"), "--out", at("report.html"));
  html = readFileSync(at("report.html"), "utf8");
  report = JSON.parse(/<script type="application\/json" id="report">(.*)<\/script>/.exec(html)![1]);
}, 60_000);

describe("report", () => {
  test("its figures are those of evaluate", async () => {
    const { rankers } = await json<Said>("evaluate", at("model"), "--test", at("world/test.csv"));
    expect(said.rankers.map(({ name, metrics }) => ({ name, metrics }))).toEqual(
      rankers.map(({ name, metrics }) => ({ name, metrics })),
    );
    for (const [i, { metrics }] of rankers.entries())
      for (const [m, { k, recall, ndcg }] of metrics.entries())
        expect(report.rankers[i].at[m]).toMatchObject({ k, recall, ndcg });
    expect(report.rankers.map(({ name }) => name)).toEqual(["model", "popularity", "item-kNN", "P3alpha", "RP3beta"]);
  });

  test("each test pair is in one tenth of the items, and the tenths go down in popularity", () => {
    const { deciles } = report;
    expect(deciles.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(said.pairs);
    expect(deciles.slice(0, 10).map(({ label }) => label)).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
    for (const [i, { most, fewest }] of deciles.entries()) {
      expect(most).toBeGreaterThanOrEqual(fewest);
      if (i > 0) expect(most).toBeLessThanOrEqual(deciles[i - 1].fewest);
    }
    for (const { at } of report.rankers)
      for (const { deciles: recalls } of at) expect(recalls).toHaveLength(deciles.length);
  });

  test("similarities are shares, and what was learnt is more similar than chance", () => {
    const { of, heldOutWins } = report.similarities;
    expect(of.map(({ name }) => name)).toEqual(["trained on", "held out", "random items"]);
    for (const { shares } of of) expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(of[0].mean).toBeGreaterThan(of[2].mean);
    expect(heldOutWins).toBeGreaterThan(0.5);
    expect(heldOutWins).toBeLessThan(1);
  });

  test("says what train was told", () => {
    const told = report.declaration.find(({ label }) => label === "told to train")!.text;
    expect(told).toContain(" --dimension 8 --hidden 8 --epochs 3 --validation 0.1 ");
    expect(told).not.toContain("--out");
  });

  test("curves of every epoch, every item on the map with its name and what is nearest", () => {
    expect(report.training?.epochs.map(({ epoch, validation }) => [epoch, typeof validation])).toEqual(
      [1, 2, 3].map((epoch) => [epoch, "number"]),
    );
    const { points, names, colours } = report.map;
    expect(points).toHaveLength(150);
    expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((a, b) => a - b));
    expect(names).toContain(HOSTILE);
    for (const { item, nearest } of points) {
      const cosines = nearest.map(([, cosine]) => cosine);
      expect(nearest).toHaveLength(5);
      expect(nearest.map(([near]) => near)).not.toContain(item);
      expect(cosines).toEqual(cosines.toSorted((a, b) => b - a));
    }
    expect(colours.map(({ by }) => by)).toEqual(expect.arrayContaining(["genres", "language"]));
  });

  test("the map's tags are those the model learnt from: parts of the text, trimmed", () => {
    const learnt = new Map<string, number>();
    for (const film of readFileSync(at("world/items.csv"), "utf8").trimEnd().split("\n").slice(1))
      for (const genre of film.split(",")[2].split("|")) learnt.set(genre, (learnt.get(genre) ?? 0) + 1);
    const { groups } = report.map.colours.find(({ by }) => by === "genres")!;
    const counts = groups.map((genre) => learnt.get(genre));
    expect(counts).toEqual([...learnt.values()].toSorted((a, b) => b - a).slice(0, 7));
  });

  test("nothing in the data is markup, and the page names no address to fetch from", () => {
    expect(html.includes("<img") || html.includes("<!--")).toBe(false);
    expect(html.match(/<\/script>/g)).toHaveLength(3);
    expect(html).not.toMatch(/\b(?:src|href)="(?!data:)/);
    expect(html).toContain("default-src 'none'");
  });

  test("the same model and test give the same page", async () => {
    await json("report", at("model"), "--test", at("world/test.csv"), "--out", at("again.html"));
    expect(readFileSync(at("again.html"), "utf8")).toBe(html);
  });

  test("without the items that the model was trained with: said, here and by inspect", async () => {
    rmSync(at("model/items.jsonl"));
    for (const args of [
      ["report", at("model"), "--test", at("world/test.csv")],
      ["inspect", at("model")],
    ]) {
      const { code, stderr } = await twotower(...args, "--quiet");
      expect([code, stderr.replaceAll(folder, "")]).toEqual([
        1,
        "twotower: /model/items.jsonl is missing, and the model was trained with 150 item rows: restore a copy of the folder, or train again\n",
      ]);
    }
  });
});

describe("the plane of a map", () => {
  test("finds the two directions in which points were made to differ", () => {
    const random = new Random(1);
    const [rows, d] = [300, 6];
    const vectors = new Float32Array(rows * d);
    for (let row = 0; row < rows; row++) {
      const [a, b] = [random.between(-5, 5), random.between(-2, 2)];
      for (let j = 0; j < d; j++) vectors[row * d + j] = 3 + (j === 1 ? a : j === 4 ? b : random.between(-0.1, 0.1));
    }
    const { x, y, explained } = principalPlane(vectors, d);
    for (const [axis, column] of [
      [x, 1],
      [y, 4],
    ] as const) {
      const sign = Math.sign(axis[0] * (vectors[column] - 3));
      axis.forEach((value, row) => {
        expect(Math.abs(sign * value - (vectors[row * d + column] - 3))).toBeLessThan(0.3);
      });
    }
    expect(explained[0]).toBeGreaterThan(explained[1]);
    expect(explained[0] + explained[1]).toBeGreaterThan(0.99);
    expect(explained[0] + explained[1]).toBeLessThanOrEqual(1);
  });

  test("vectors that are all the same lie at one point", () => {
    const { x, y, explained } = principalPlane(new Float32Array(12).fill(0.5), 4);
    expect([...x, ...y, ...explained]).toEqual(new Array(8).fill(0));
  });
});
