import type { ChildProcess } from "node:child_process";
import { cpSync, readFileSync, statSync, truncateSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { folderForTests } from "../io/files.ts";
import { ended, json, type Run, start, twotower } from "./program.ts";

const folder = folderForTests();
const model = join(folder, "model");
const other = join(folder, "other");
const running: ChildProcess[] = [];

beforeAll(async () => {
  await json("demo", "--users", "120", "--items", "80", "--epochs", "1", "--out", join(folder, "world"));
  const files = [
    "train",
    "--interactions",
    join(folder, "world/train.csv"),
    "--items",
    join(folder, "world/items.csv"),
  ];
  await json(...files, "--epochs", "1", "--out", model);
  await json(...files, "--epochs", "1", "--seed", "2", "--out", other);
}, 60_000);
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  readonly end: Promise<Run>;
  /** Waits until stderr has such a line. */
  readonly said: (line: RegExp) => Promise<void>;
}

/** Starts the program on a free port, and waits until it says where it listens. */
async function serve(...words: string[]): Promise<Served> {
  const child = start(["serve", model, "--port", "0", ...words]);
  running.push(child);
  const end = ended(child);
  let notes = "";
  child.stderr!.on("data", (text) => (notes += text));
  const said = async (line: RegExp): Promise<void> => {
    while (!line.test(notes)) await new Promise((resolve) => child.stderr!.once("data", resolve));
  };
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", (text: string) => {
      const found = /http:\/\/[\d.:]+/.exec(text);
      if (found) resolve(found[0]);
    });
    void end.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { child, url, end, said };
}

interface Items {
  readonly items: { readonly id: string; readonly score: number; readonly name?: string }[];
}
const get = async (url: string): Promise<Items> => (await fetch(url)).json() as Promise<Items>;
const post = async (url: string, body: unknown): Promise<Items> => {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return (await fetch(url, init)).json() as Promise<Items>;
};

test("answers as recall does, names included, and ends at once when nobody waits for an answer", async () => {
  const { child, url, end } = await serve();
  const { items } = await json<Items>("recall", model, "--user-id", "u7");
  expect((await get(`${url}/recall?user=u7`)).items).toEqual(items.map(({ id, score, name }) => ({ id, score, name })));
  child.kill("SIGTERM");
  const { code, stderr } = await end;
  expect([code, stderr]).toEqual([0, ""]);
});

test("filters by the features of the model's items, and keeps those of items that come", async () => {
  const { child, url, end } = await serve("--allow-changes", "--json");
  const rows = readFileSync(join(model, "items.jsonl"), "utf8").trim().split("\n");
  const items = rows.map((row) => JSON.parse(row) as { itemId: string; genres: string });
  const [{ genres }] = items;
  const genre = genres.split("|")[0];
  const expected = items.filter((item) => item.genres.split("|").includes(genre)).map(({ itemId }) => itemId);
  expect(expected.length).toBeLessThan(items.length);
  const where = { genres: genre };
  const found = await post(`${url}/recall`, { user: "u7", where, k: 80, includeSeen: true });
  expect(found.items.map(({ id }) => id).sort()).toEqual(expected.sort());

  await post(`${url}/items`, { items: [{ ...items[0], itemId: "new" }] });
  const more = await post(`${url}/recall`, { user: "u7", where, k: 80, includeSeen: true });
  expect(more.items.map(({ id }) => id).sort()).toEqual([...expected, "new"].sort());
  child.kill("SIGINT");
  expect((await end).code).toBe(0);
});

test("SIGTERM lets the request under way end, and takes no more", async () => {
  const { child, url, end } = await serve();
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding("utf8");
  let answer = "";
  socket.on("data", (text) => (answer += text));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const body = JSON.stringify({ user: "u7", k: 3 });
  const head = `POST /recall HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write(head + body.slice(0, 5));
  await get(`${url}/health`); // the server has seen what was written before
  child.kill("SIGTERM");
  await expect(refusal(Number(port), hostname)).resolves.toBe("ECONNREFUSED");
  socket.write(body.slice(5));
  await closed;
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(answer).toMatch(/connection: close/i);
  expect(JSON.parse(answer.split("\r\n\r\n")[1]).items).toHaveLength(3);
  expect((await end).code).toBe(0);
});

/** Tries until nobody listens, and says how that is told. */
async function refusal(port: number, host: string): Promise<string | undefined> {
  for (;;) {
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      const socket = connect(port, host, () => {
        socket.destroy();
        resolve(undefined);
      }).on("error", resolve);
    });
    if (error) return error.code;
  }
}

test("SIGHUP loads the folder anew while requests go on; a folder that is broken leaves the model as it was", async () => {
  const { child, url, end, said } = await serve();
  const before = (await get(`${url}/recall?user=u7&k=5`)).items;
  cpSync(other, model, { recursive: true });
  const { items } = await json<Items>("recall", other, "--user-id", "u7", "--k", "5");
  const after = items.map(({ id, score, name }) => ({ id, score, name }));
  expect(after).not.toEqual(before);

  let isAsking = true;
  const answers: Items["items"][] = [];
  const asking = (async () => {
    while (isAsking) answers.push((await get(`${url}/recall?user=u7&k=5`)).items);
  })();
  child.kill("SIGHUP");
  await said(/loaded .* anew: 80 items/);
  isAsking = false;
  await asking;
  for (const answer of answers) expect([before, after]).toContainEqual(answer);
  expect((await get(`${url}/recall?user=u7&k=5`)).items).toEqual(after);

  const file = join(model, "model.safetensors");
  truncateSync(file, statSync(file).size - 1);
  child.kill("SIGHUP");
  await said(/is not loaded, the former model goes on/);
  expect((await get(`${url}/recall?user=u7&k=5`)).items).toEqual(after);
  child.kill("SIGTERM");
  expect((await end).code).toBe(0);
  cpSync(other, model, { recursive: true });
});

test("says what is wrong with an address", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const busy = await twotower("serve", model, "--port", String(port));
  expect(busy.code).toBe(1);
  expect(busy.stderr).toBe(
    `twotower: cannot listen: port ${port} is taken: give another --port, or 0 for a free one\n`,
  );
  await new Promise((resolve) => taken.close(resolve));
  expect((await twotower("serve", model, "--port", "70000")).stderr).toMatch(
    /--port.*Expected a port, from 0 to 65535/,
  );
  expect((await twotower("serve", join(folder, "none"))).stderr).toMatch(/none does not exist/);
});
