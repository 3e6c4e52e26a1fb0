import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { serve } from "../../examples/browser/serve.mjs";
import { launch } from "./browser.ts";
import { chromiumPath, missing, runtimes, versionOf } from "./places.ts";
import { type Result, runProgram } from "./run-program.ts";

/** Every runtime trains with one thread and with two, and must come to the same bits: those of Node with one. */
const variants = [
  { title: "one thread", threads: 1 },
  { title: "two threads", threads: 2 },
] as const;

const app = inject("app");
const rows: Record<string, unknown>[] = [];

let reference: Result["bits"];
beforeAll(async () => {
  reference = (await runProgram(["node"], app, { threads: 1 })).bits;
});

test("the program learns, and goes on after a save as if there had been none", () => {
  expect(reference.losses.at(-1)).toBeLessThan(reference.losses[0]);
  expect(reference.loaded).toEqual({ same: true, model: true });
  expect(reference.goneOn[1]).toBe(reference.goneOn[0]);
  expect(reference.goneOn[0]).not.toBe(reference.graph);
});

describe.each(variants)("the same program, $title", ({ title, threads }) => {
  function expectSame(name: string, { seconds, threads: computed, bits }: Result): void {
    const short = (hash: string): string => hash.slice(0, 12);
    const [best] = bits.topK.graph[0];
    rows.push({
      runtime: name,
      variant: title,
      weights: short(bits.weights),
      graph: short(bits.graph),
      exact: short(bits.exact),
      "best for u0": `${best[0]} ${best[1].toFixed(6)}`,
      seconds: Number(seconds.toFixed(2)),
    });
    expect(bits).toEqual(reference);
    expect(computed).toBe(threads);
  }

  for (const runtime of runtimes)
    test(runtime.name, async ({ skip }) => {
      const why = missing(runtime);
      if (why) skip(`${runtime.name} is left out: ${why}`);
      expectSame(
        `${runtime.name.split(" ")[0]} ${versionOf(runtime)}`,
        await runProgram(runtime.command, app, { threads }),
      );
    });

  describe.skipIf(!chromiumPath)("Chromium", () => {
    let close = (): Promise<void> => Promise.resolve();
    let inBrowser: (where: "inPage" | "inWorker") => Promise<{ version: string; result: Result }>;

    beforeAll(async () => {
      const [browser, server] = await Promise.all([launch(), serve(app, 0)]);
      close = async () => {
        server.close();
        await browser.close();
      };
      inBrowser = async (where) => {
        const page = await browser.newPage();
        await page.goto(`${server.url}/page.html`);
        const result = await page.evaluate(
          ([where, options]) => (window as unknown as Record<string, (options: object) => Result>)[where](options),
          [where, { threads }] as const,
        );
        await page.close();
        return { version: browser.version().split(".")[0], result };
      };
    });
    afterAll(() => close());

    test.each([
      ["page", "inPage"],
      ["worker", "inWorker"],
    ] as const)("in a %s", async (title, where) => {
      const { version, result } = await inBrowser(where);
      expectSame(`Chromium ${version}, ${title}`, result);
    });
  });

  afterAll(() => console.table(rows.filter(({ variant }) => variant === title)));
});
