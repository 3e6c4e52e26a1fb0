// The same service in Node, Deno and Bun, mounted as each does it: asks itself over HTTP and prints what it answered.
import { exact, id, tags, twoTower } from "twotower";
import { nodeListener, recallService } from "twotower/server";

const model = twoTower({ user: { userId: id() }, item: { itemId: id(), genres: tags() }, dimension: 16 });
const items = Array.from({ length: 40 }, (_, i) => ({ itemId: `i${i}`, genres: [`g${i % 4}`] }));
const interactions = Array.from({ length: 200 }, (_, n) => ({ userId: `u${n % 20}`, itemId: `i${(7 * n) % 40}` }));
await model.fit({ items, interactions }, { epochs: 2, batchSize: 64 });
const { fetch: answer } = recallService(model.index(items, exact()), { changes: true });

const { url, stop } = await mount(answer);
const ask = async (path, body, method = body ? "POST" : "GET") => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method, ...(body && { headers, body: JSON.stringify(body) }) });
  return [response.status, await response.json()];
};
const answers = [
  await ask("/recall?user=u3&k=5"),
  await ask("/recall", { user: "u3", k: 5, exclude: ["i1"] }),
  await ask("/similar?item=i2&k=3"),
  await ask("/items", { items: [{ itemId: "new", genres: ["g1"] }] }),
  await ask("/similar?item=new&k=3"),
  await ask("/items/new", undefined, "DELETE"),
  await ask("/recall", { user: "x".repeat(2 ** 21) }),
  await ask("/recall?user=nobody"),
  ...(await Promise.all(Array.from({ length: 50 }, (_, i) => ask(`/recall?user=u${i % 20}&k=3`)))),
];
await stop();
console.log(JSON.stringify(answers));

async function mount(fetch) {
  if (globalThis.Bun) {
    const server = Bun.serve({ fetch, port: 0, hostname: "127.0.0.1" });
    return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
  }
  if (globalThis.Deno) {
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch);
    return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
  }
  const { createServer } = await import("node:http");
  const server = createServer(nodeListener(fetch));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}
