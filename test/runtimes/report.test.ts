import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { launch } from "./browser.ts";
import { chromiumPath } from "./places.ts";

// The page that `twotower report` writes, opened from the disk as a person would.

const app = inject("app");
const HOSTILE = "</script><img src=x onerror=alert(1)>";
const path = join(app, "report.html");
const twotower = (...args: string[]): Buffer =>
  execFileSync(process.execPath, [join(app, "node_modules/twotower/dist/cli/main.js"), ...args, "--quiet"], {
    cwd: app,
  });

describe.skipIf(!chromiumPath)("the page of a report", () => {
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    twotower("demo", "--users", "400", "--items", "300", "--epochs", "1", "--out", "world");
    const items = readFileSync(join(app, "world/items.csv"), "utf8");
    writeFileSync(join(app, "items.csv"), items.replace(/^f1,[^,]+/m, `f1,"${HOSTILE}"`));
    twotower(
      ...["train", "--interactions", "world/train.csv", "--items", "items.csv", "--users", "world/users.csv"],
      ...["--out", "model", "--dimension", "16", "--epochs", "6", "--validation", "0.1"],
    );
    twotower("report", "model", "--test", "world/test.csv", "--out", "report.html");
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1240, height: 1000 } });
    page.on("console", (message) => {
      if (!message.text().includes("willReadFrequently")) complaints.push(message.text()); // that is this test's own reading
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(`alert: ${dialog.message()}`));
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector("#map canvas");
    const shot = process.env.TWOTOWER_SCREENSHOT;
    if (shot) await page.screenshot({ path: shot, fullPage: true });
  });
  afterAll(() => browser?.close());

  /** How many pixels of a chart are of about one colour of the page's style. */
  const pixels = (chart: string, colour: string): Promise<number> =>
    page.evaluate(
      ([chart, colour]) => {
        const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${colour}`).trim();
        const [r, g, b] = [1, 3, 5].map((from) => Number.parseInt(hex.slice(from, from + 2), 16));
        const canvas = document.querySelector<HTMLCanvasElement>(`#${chart} canvas`)!;
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] > 99 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 60)
            count++;
        return count;
      },
      [chart, colour],
    );

  test.each([
    ["loss", ["category-1"]],
    ["metric", ["category-0"]],
    ["deciles", ["category-0", "category-1", "category-2", "category-3"]],
    ["coverage", ["category-0", "category-1", "category-2", "category-3"]],
    ["similarities", ["category-0", "category-1", "other"]],
    ["map", ["category-0", "category-1", "category-2"]],
  ])("%s is drawn, in light and in dark", async (chart, colours) => {
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const colour of colours) await expect.poll(() => pixels(chart, colour)).toBeGreaterThan(40);
    }
  });

  test("the map says what is under the mouse: a name that looks like markup is text", async () => {
    const { map } = JSON.parse((await page.textContent("#report"))!);
    const hostile = map.points.find(({ item }: { item: number }) => map.names[item] === HOSTILE);
    const place = (axis: "x" | "y"): number => {
      const values: number[] = map.points.map((point: { x: number; y: number }) => point[axis]);
      const [from, to] = [Math.min(...values), Math.max(...values)];
      const room = (to - from) * 0.03;
      return (hostile[axis] - from + room) / (to - from + 2 * room);
    };
    const over = page.locator("#map .u-over");
    const box = (await over.boundingBox())!;
    await over.hover({ position: { x: place("x") * box.width, y: (1 - place("y")) * box.height } });
    await page.waitForSelector(".tip:not([hidden])");
    expect(await page.textContent(".tip strong")).toBe(HOSTILE);
    expect(await page.locator(".tip li").count()).toBe(5);
    expect(await page.locator("img").count()).toBe(0);
  });

  test("figures stand in a table, and colours can be chosen", async () => {
    expect(await page.locator("#figures td.top").count()).toBeGreaterThan(10);
    expect(await page.locator("#facts dd").first().textContent()).toMatch(/^0\.\d{4}$/);
    await page.selectOption("#map-controls select", "popularity");
    await expect.poll(() => pixels("map", "degree-0")).toBeGreaterThan(40);
    await page.fill("#map-controls input", "the");
    await expect.poll(() => pixels("map", "ink")).toBeGreaterThan(40); // rings
  });

  test("it asks the network for nothing and has no complaint", () => {
    expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([pathToFileURL(path).href]);
    expect(complaints).toEqual([]);
  });
});
