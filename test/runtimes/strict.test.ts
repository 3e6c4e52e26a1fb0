import { execFileSync } from "node:child_process";
import { expect, inject, test } from "vitest";
import { serve } from "../../examples/browser/serve.mjs";
import { launch } from "./browser.ts";
import { chromiumPath } from "./places.ts";

type Recalled = readonly (readonly [id: string, score: number])[];

test.skipIf(!chromiumPath)(
  "a page whose policy forbids WebAssembly recalls all the same, and says why it cannot train",
  async () => {
    const app = inject("app");
    const { model, users, recalled } = JSON.parse(
      execFileSync(process.execPath, ["expected.js"], { cwd: app, encoding: "utf8" }),
    );
    const [browser, server] = await Promise.all([launch(), serve(app, 0)]);
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}/strict.html`);
      await page.waitForFunction("window.asked");
      expect(
        await page.evaluate("new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))").catch(String),
      ).toContain("CompileError");
      const asked = (await page.evaluate(`asked(${JSON.stringify({ model, users })})`)) as Recalled[];
      for (const [i, list] of (recalled as Recalled[]).entries()) {
        expect(asked[i].map(([id]) => id)).toEqual(list.map(([id]) => id));
        for (const [j, [, score]] of list.entries()) expect(asked[i][j][1]).toBeCloseTo(score, 5);
      }
      expect(await page.evaluate("trained()")).toContain("UNSUPPORTED training needs WebAssembly with SIMD");
    } finally {
      server.close();
      await browser.close();
    }
  },
);
