import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { serve } from "../../examples/browser/serve.mjs";
import { launch } from "./browser.ts";
import { bundlers, viteApp } from "./bundle.ts";
import { chromiumPath } from "./places.ts";
import * as uses from "./program/uses.js";

const installed = inject("app");
const built = join(dirname(installed), "bundles");

/**
 * Most bytes, gzipped with kernels included, that each program of program/apps may have in any bundler. The goals are
 * 60,000 for all of `twotower` and 30,000 for all of `twotower/recall`, not only for what a program uses of them.
 */
const LIMITS = {
  core: 60_000,
  recall: 30_000,
  hnsw: 19_300,
  app: 55_200,
  "app-graph": 68_000,
  exact: 27_200,
  "recall-graph": 40_000,
  graph: 19_200,
} as const;
const programs = Object.keys(LIMITS) as (keyof typeof LIMITS)[];

/** The same in words, for the table that the test prints. */
const NAMES: Readonly<Record<keyof typeof LIMITS, string>> = {
  core: "all of twotower",
  recall: "all of twotower/recall",
  hnsw: "all of twotower/hnsw",
  app: "an application that trains, evaluates, indexes exactly, recalls, saves and loads",
  "app-graph": "the same with a graph",
  exact: "recall from an exact index",
  "recall-graph": "recall from an exact index or a graph",
  graph: "a graph alone",
};

/** What the programs are given and must return, as plain Node finds it with no bundler. */
interface Expected {
  readonly bits: unknown;
  readonly model: string;
  readonly index: string;
  readonly exactIndex: string;
  readonly users: readonly unknown[];
  readonly recalled: unknown;
  readonly recalledExactly: unknown;
  readonly shop: unknown;
  readonly soldIn: unknown;
  readonly soldInByGraph: unknown;
}
let expected: Expected;

const sizes: Record<string, Record<string, number>> = {};
let browser: Browser | undefined;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  expected = JSON.parse(execFileSync(process.execPath, ["expected.js"], { cwd: installed, encoding: "utf8" }));
  if (chromiumPath) browser = await launch();
  mkdirSync(built, { recursive: true });
  server = await serve(built, 0);
});
afterAll(async () => {
  console.table(sizes);
  server.close();
  await browser?.close();
});

/** Runs a bundle in a browser or in Node, whichever its bundler is mostly for, and returns what `run` returned. */
async function runBundle(bundler: string, file: string, argument: string): Promise<unknown> {
  if (bundler === "Vite" || bundler === "webpack") {
    writeFileSync(`${file}.html`, `<!doctype html><script type="module" src="./bundle.mjs"></script>`);
    return inPage(`${file}.html`.slice(built.length), argument);
  }
  const main = `${file}.run.mjs`;
  writeFileSync(main, `import "./bundle.mjs"; console.log(JSON.stringify(await run(${argument})));`);
  return JSON.parse(execFileSync(process.execPath, [main], { encoding: "utf8" }));
}

async function inPage(path: string, argument: string): Promise<unknown> {
  const page = await browser!.newPage();
  await page.goto(server.url + path);
  await page.waitForFunction("globalThis.run");
  const result = await page.evaluate(`globalThis.run(${argument})`);
  await page.close();
  return result;
}

/** The model with an index of its items, as source text. */
function saved(index: string): string {
  const bytes = (base64: string): string => `Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0))`;
  return `{ model: ${bytes(expected.model)}, index: ${bytes(index)}, users: ${JSON.stringify(expected.users)} }`;
}

/** A program's argument, as source text, and what it must return. */
interface Case {
  readonly argument: string;
  readonly result: unknown;
}
const app = (): Case => ({ argument: JSON.stringify(expected.shop), result: expected.soldIn });
const exact = (): Case => ({ argument: saved(expected.exactIndex), result: expected.recalledExactly });
const graph = (): Case => ({
  argument: `{ dimension: 2, ids: ["east", "north", "west"], vectors: [1, 0, 0, 1, -1, 0], query: [1, 0.1] }`,
  result: ["east", "north", "west"],
});
/** All of an entry, used by a function of program/uses.js with these data. */
const whole = (name: keyof typeof uses, file: string, data: () => string) => async (): Promise<Case> => {
  const entry = await import(join(installed, "node_modules/twotower/dist", file));
  const use = uses[name] as (all: object, data: unknown) => unknown;
  const result = await use(entry, new Function(`return ${data()}`)());
  return { argument: `(all) => (${use})(all, ${data()})`, result: JSON.parse(JSON.stringify(result)) };
};
const cases: Readonly<Record<keyof typeof LIMITS, () => Case | Promise<Case>>> = {
  core: whole("core", "index.js", () => "{}"),
  recall: whole("recall", "recall.js", () => exact().argument),
  hnsw: whole("hnsw", "hnsw.js", () => graph().argument),
  ...{ app, exact, graph },
  "app-graph": () => ({ ...app(), result: expected.soldInByGraph }),
  "recall-graph": () => ({ argument: saved(expected.index), result: expected.recalled }),
};

describe.each(Object.keys(bundlers) as (keyof typeof bundlers)[])("%s", (bundler) => {
  test.each(programs)("%s: builds with no word about WebAssembly, runs, and is small", async (program) => {
    const folder = join(built, bundler, program);
    const file = await bundlers[bundler](join(installed, "apps", `${program}.js`), folder);
    const bytes = gzipSync(readFileSync(file), { level: 9 }).length;
    (sizes[NAMES[program]] ??= {})[bundler] = bytes;
    expect(readdirSync(folder).filter((name) => !name.startsWith("bundle."))).toEqual([]); // one file, no asset beside it
    const inBrowser = bundler === "Vite" || bundler === "webpack";
    if (!inBrowser || browser) {
      const { argument, result } = await cases[program]();
      expect(await runBundle(bundler, file, argument)).toEqual(result);
    }
    expect(bytes).toBeLessThanOrEqual(LIMITS[program]);
  });
});

test.skipIf(!chromiumPath)("Vite: an app whose page starts a worker", async () => {
  await viteApp(join(installed, "apps"), join(built, "app"));
  expect(((await inPage("/app/index.html", "{}")) as Expected).bits).toEqual(expected.bits);
});
