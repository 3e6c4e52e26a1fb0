import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { serve } from "../../examples/browser/serve.mjs";
import { launch } from "./browser.ts";
import { chromiumPath, missing, runtimes } from "./places.ts";

const app = inject("app");

async function lines(name: string, file: string): Promise<string[]> {
  const [program, ...words] = runtimes.find((runtime) => runtime.name === name)!.command;
  const { stdout } = await promisify(execFile)(program, [...words, file], { cwd: app });
  return stdout.trim().split("\n");
}
const absent = (name: string): boolean => missing(runtimes.find((runtime) => runtime.name === name)!) !== undefined;

test("the Node script trains, saves, loads and recommends", async () => {
  const printed = await lines("Node 20", "node.mjs");
  const recalls = printed.filter((line) => line.startsWith("epoch")).map((line) => Number(line.split(" ").at(-1)));
  expect(recalls.length).toBe(10);
  expect(Math.max(...recalls)).toBeGreaterThan(0.2); // always guessing the most watched gives 0.083
  expect(printed.slice(printed.indexOf("For member 7:") + 1)).toEqual(
    Array(5).fill(expect.stringMatching(/^ +0\.\d+ {2}The /)),
  );
});

test.skipIf(absent("Deno"))("the Deno script searches, and minds filters", async () => {
  const [nearest, even] = await lines("Deno", "deno.ts");
  expect(nearest).toMatch(/^nearest to 42: .*\b42\b/);
  const ids = even.split(": ")[1].split(" ").map(Number);
  expect(ids.length).toBe(5);
  expect(ids.every((id) => id % 2 === 0 && id !== 42)).toBe(true);
});

test.skipIf(absent("Bun"))("the Bun script recommends to somebody new", async () => {
  const printed = await lines("Bun", "bun.ts");
  expect(printed.length).toBe(5);
  for (const line of printed) expect(Number(line.split(" ")[0].slice(1)) % 2).toBe(1); // a gardener gets plants
});

test.skipIf(!chromiumPath)("the page trains in a worker and recommends; its figures are Node's", async () => {
  const [browser, server] = await Promise.all([launch(), serve(app, 0)]);
  const page = await browser.newPage({ viewport: { width: 1080, height: 640 }, deviceScaleFactor: 2 });
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("requestfailed", (request) => errors.push(request.url()));
  await page.goto(`${server.url}/browser/`);
  await page.waitForSelector("body[data-state=ready]", { timeout: 100_000 });
  const text = async (id: string): Promise<string> => (await page.textContent(id)) ?? "";

  const recalls = (await lines("Node 20", "node.mjs")).flatMap((line) => /recall@20 (.*)/.exec(line)?.[1] ?? []);
  const best = Math.max(...recalls.map(Number));
  expect(Number.parseFloat(await text("#recall")) / 100).toBeCloseTo(best, 2);
  expect(Number(await text("#loss"))).toBeGreaterThan(0);
  expect(await text("#stage")).toMatch(/^done in \d+\.\d s, kept epoch \d+$/);
  expect(await text("#latency")).toMatch(/^\d+\.\d\d ms a recall/);

  // Someone who likes two noirs and a heist gets films of these shelves.
  const shelves = await page
    .locator("#recommendations button")
    .evaluateAll((buttons) => buttons.map((b) => b.dataset.film));
  expect(shelves.length).toBe(8);
  expect(shelves.filter((film) => /^(Noir|Heist)-/.test(film ?? "")).length).toBeGreaterThanOrEqual(6);

  const before = await text("#recommendations");
  await page.screenshot({ path: process.env.TWOTOWER_SCREENSHOT ?? join(app, "browser.png") });
  await page.locator("#recommendations button").first().click(); // liking one more changes the list
  await page.waitForFunction((before) => document.querySelector("#recommendations")?.textContent !== before, before);
  expect(await page.locator("#likes button").count()).toBe(4);
  expect(errors).toEqual([]);
  server.close();
  await browser.close();
});
