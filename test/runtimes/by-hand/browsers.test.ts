import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { Builder, Capabilities } from "selenium-webdriver";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { serve } from "../../../examples/browser/serve.mjs";
import { type Result, runProgram } from "../run-program.ts";

/** A browser with page.html open in it, in which the program can be run. */
interface Page {
  readonly version: string;
  run(where: "inPage" | "inWorker", options: object): Promise<Result>;
  close(): Promise<void>;
}

const FIREFOX = "/usr/bin/firefox-esr";
const WEBKIT = "/usr/bin/WebKitWebDriver";

async function firefox(url: string): Promise<Page> {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true });
  const page = await browser.newPage();
  await page.goto(url);
  return {
    version: await browser.version(),
    run: (where, options) => page.evaluate(`window.${where}(${JSON.stringify(options)})`) as Promise<Result>,
    close: () => browser.close(),
  };
}

/**
 * WebKitGTK's small browser, by its own driver, on a screen that nobody sees. Unlike Safari it shares no memory between
 * threads, however isolated the page, unless its engine is told to.
 */
async function webkit(url: string, shared: boolean): Promise<Page> {
  const port = 4400 + (process.pid % 1000);
  const driver = spawn("xvfb-run", ["-a", WEBKIT, `--port=${port}`], {
    stdio: "inherit",
    detached: true,
    env: { ...process.env, JSC_useSharedArrayBuffer: String(shared) },
  });
  const browser = await retried(() =>
    new Builder()
      .usingServer(`http://localhost:${port}`)
      .withCapabilities(new Capabilities({ browserName: "MiniBrowser" }))
      .build(),
  );
  await browser.manage().setTimeouts({ script: 300_000 });
  await browser.get(url);
  await browser.wait(() => browser.executeScript("return typeof inPage === 'function'"), 30_000);
  const script = `const done = arguments[arguments.length - 1];
    window[arguments[0]](arguments[1]).then(done, (error) => done({ error: String(error) }));`;
  return {
    version: `WebKitGTK ${(await browser.getCapabilities()).getBrowserVersion()}`,
    async run(where, options) {
      const result = (await browser.executeAsyncScript(script, where, options)) as Result & { error?: string };
      if (result.error) throw new Error(result.error);
      return result;
    },
    async close() {
      await browser.quit();
      process.kill(-driver.pid!); // the screen too
    },
  };
}

/** A driver takes a moment until it listens. */
async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 20; ; left--)
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
}

const app = inject("app");
const rows: Record<string, unknown>[] = [];
let server: Awaited<ReturnType<typeof serve>>;
let reference: Result["bits"];
beforeAll(async () => {
  server = await serve(app, 0);
  reference = (await runProgram(["node"], app, { threads: 1 })).bits;
});
afterAll(() => {
  console.table(rows);
  server.close();
});

describe.each([
  { name: "Firefox", path: FIREFOX, open: firefox, most: 2 },
  { name: "WebKit", path: WEBKIT, open: (url: string) => webkit(url, true), most: 2 },
  { name: "WebKit without shared memory", path: WEBKIT, open: (url: string) => webkit(url, false), most: 1 },
])("$name", ({ path, open, most }) => {
  test.skipIf(!existsSync(path))(
    "comes to Node's bits in a page and in a worker, asked for one thread or two",
    async () => {
      const page = await open(`${server.url}/page.html`);
      try {
        for (const where of ["inPage", "inWorker"] as const)
          for (const threads of [1, 2]) {
            const { seconds, threads: computed, bits } = await page.run(where, { threads });
            rows.push({ browser: page.version, where, threads: computed, weights: bits.weights.slice(0, 12), seconds });
            expect(bits).toEqual(reference);
            expect(computed).toBe(Math.min(threads, most));
          }
      } finally {
        await page.close();
      }
    },
  );
});
