import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, inject, test } from "vitest";
import { missing, runtimes } from "./places.ts";

type Answer = readonly [status: number, body: { items?: { id: string; score: number }[]; error?: { code: string } }];

/** What the service of program/server.js answered, mounted as this runtime does it. */
async function answersIn([program, ...words]: readonly [string, ...string[]]): Promise<Answer[]> {
  const { stdout } = await promisify(execFile)(program, [...words, "server.js"], { cwd: inject("app") });
  return JSON.parse(stdout);
}

let byNode: Answer[];
beforeAll(async () => {
  byNode = await answersIn([process.execPath]);
});

test("the service answers, and refuses what is too long or unknown", () => {
  expect(byNode.slice(0, 8).map(([status]) => status)).toEqual([200, 200, 200, 200, 200, 200, 413, 404]);
  expect(byNode[0][1].items).toHaveLength(5);
  expect(byNode.slice(8).every(([status, { items }]) => status === 200 && items?.length === 3)).toBe(true);
});

for (const runtime of runtimes)
  test(`${runtime.name} answers as Node does, to the last bit`, async ({ skip }) => {
    const why = missing(runtime);
    if (why) skip(`${runtime.name} is left out: ${why}`);
    expect(await answersIn(runtime.command)).toEqual(byNode);
  });
