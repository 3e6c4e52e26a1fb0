import { createServer, request as httpRequest, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeListener, recallService } from "../../src/server.ts";
import { shopModel, shopRecaller } from "./shop.ts";

let server: Server;
let url: string;
let expected: (user: number) => unknown;
beforeAll(async () => {
  const recaller = shopRecaller(await shopModel());
  expected = (user) => ({ items: recaller.recall(user, 5) });
  server = createServer(nodeListener(recallService(recaller).fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const post = (body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(`${url}/recall`, { method: "POST", headers: { "content-type": "application/json" }, body });

/** Sends bytes as they are, and gives back all that came until the other side closed. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = "";
    connect((server.address() as AddressInfo).port, "127.0.0.1")
      .setEncoding("utf8")
      .on("data", (chunk) => (answer += chunk))
      .on("close", () => resolve(answer))
      .on("error", reject)
      .write(text);
  });

describe("a server of Node's", () => {
  test("answers many at once, each its own", async () => {
    const users = Array.from({ length: 200 }, (_, i) => i % 30);
    const answers = await Promise.all(
      users.map(async (user, i) =>
        (await (i % 2 ? fetch(`${url}/recall?user=${user}&k=5`) : post(JSON.stringify({ user, k: 5 })))).json(),
      ),
    );
    expect(answers).toEqual(users.map(expected));
  });

  test("reads a body that comes in pieces", async () => {
    const body = JSON.stringify({ user: 7, k: 5, exclude: Array.from({ length: 20_000 }, (_, i) => `none ${i}`) });
    const answer = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(
        `${url}/recall`,
        { method: "POST", headers: { "content-type": "application/json" } },
        (response) => {
          let text = "";
          response
            .setEncoding("utf8")
            .on("data", (chunk) => (text += chunk))
            .on("end", () => resolve(text));
        },
      ).on("error", reject);
      for (let at = 0; at < body.length; at += 10_000) request.write(body.slice(at, at + 10_000));
      request.end();
    });
    expect(JSON.parse(answer)).toEqual(expected(7));
  });

  test("refuses a body that is too long, declared or not, and goes on serving", async () => {
    const long = new Uint8Array(3 * 2 ** 20).fill(0x20);
    expect((await post(long)).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 48; i++) controller.enqueue(long.subarray(0, 65536));
        controller.close();
      },
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: stream, duplex: "half" };
    expect((await fetch(`${url}/recall`, init as RequestInit)).status).toBe(413);
    expect((await post('{"user":7}')).status).toBe(200);
  });

  test("is not brought down by a client that leaves in the middle", async () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const head = "POST /recall HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n";
    await new Promise((resolve) => socket.write(`${head}{"user"`, resolve));
    socket.destroy();
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test.each([
    ["GET //evil.example/recall HTTP/1.1", 404],
    ["GET /recall?user=%zz HTTP/1.1", 404],
    ["TRACE /recall HTTP/1.1", 400],
    ["GET http://other/recall?user=7 HTTP/1.1", 404],
    ["HEAD /recall?user=7 HTTP/1.1", 200],
  ])("%s: %i", async (line, status) => {
    const answer = await raw(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (line.startsWith("HEAD")) expect(answer).toMatch(/\r\n\r\n$/);
  });
});
