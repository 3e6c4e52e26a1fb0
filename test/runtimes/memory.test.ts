import { execFileSync } from "node:child_process";
import { expect, inject, test } from "vitest";

// There is no dispose(): whoever drops a model or an index has freed its linear memory. 1,000 models and 3,000 indexes
// kept alive would hold more than 800 MB.
test("creating and dropping 1,000 models and their indexes keeps memory flat", () => {
  const stdout = execFileSync(process.execPath, ["--expose-gc", "memory.js", "1000"], {
    cwd: inject("app"),
    encoding: "utf8",
  });
  const { early, late } = JSON.parse(stdout);
  console.log(`memory in MB after 100 rounds ${JSON.stringify(early)}, after 1,100 ${JSON.stringify(late)}`);
  expect(late.rss - early.rss).toBeLessThan(40);
  expect(late.external - early.external).toBeLessThan(5);
  expect(late.heap - early.heap).toBeLessThan(5);
});
