import { beforeAll, describe, expect, test } from "vitest";
import { type RecallService, recallService, type ServedRecaller } from "../../src/server.ts";
import { movies, shopModel, shopRecaller } from "./shop.ts";

let model: Awaited<ReturnType<typeof shopModel>>;
let service: RecallService;
beforeAll(async () => {
  model = await shopModel();
  service = recallService(shopRecaller(model), { nameOf: (id) => (id === "3" ? "Three" : undefined) });
});

type Items = { items: { id: string; score: number; name?: string }[] };
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever came
  readonly body: any;
  readonly headers: Headers;
}

async function ask(path: string, body?: unknown, on = service, init: RequestInit = {}): Promise<Answer> {
  const request = new Request(`http://host${path}`, {
    ...(body !== undefined && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
    ...init,
  });
  const response = await on.fetch(request);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, body: isJson && text !== "" ? JSON.parse(text) : text, headers: response.headers };
}
const idsOf = ({ items }: Items): string[] => items.map(({ id }) => id);

describe("what it answers", () => {
  test("the recaller's own lists, by GET and by POST, whether an id is written as text or as a number", async () => {
    const expected = shopRecaller(model).recall("7", 5);
    const answers = [
      await ask("/recall?user=7&k=5"),
      await ask("/recall", { user: 7, k: 5 }),
      await ask("/recall", { user: "7", k: 5 }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body.items.map(({ id, score }: Items["items"][number]) => ({ id, score }))).toEqual(expected);
    }
    expect((await ask("/recall?user=7")).body.items.length).toBe(10);
  });

  test("names beside ids that have one", async () => {
    const { items } = (await ask("/recall", { user: 8, k: 40, includeSeen: true })).body as Items;
    expect(items.filter(({ name }) => name !== undefined)).toEqual([
      expect.objectContaining({ id: "3", name: "Three" }),
    ]);
  });

  test("somebody new by features; what is left out is missing", async () => {
    const row = { country: "KR", age: null };
    const { vector } = model.recaller(model.index().index).encoder.encode(row);
    expect((await ask("/encode", { user: { country: "KR" } })).body.vector).toEqual(Array.from(vector));
    expect(idsOf((await ask("/recall", { user: { country: "KR" }, k: 4 })).body)).toEqual(
      model
        .index(movies)
        .recall(row, 4)
        .map(({ id }) => id),
    );
  });

  test("a row of nothing but a known id is that user, as training knows them", async () => {
    const known = await ask("/encode?user=7");
    expect(known.status).toBe(200);
    expect((await ask("/encode", { user: { userId: 7 } })).body).toEqual(known.body);
  });

  test("exclusions, filters, conditions and the seen, each inside the search", async () => {
    const all = idsOf((await ask("/recall?user=7&k=40&includeSeen=true")).body);
    expect(all.length).toBe(40);
    const unseen = idsOf((await ask("/recall?user=7&k=40")).body);
    expect(unseen.length).toBeLessThan(40);
    expect(idsOf((await ask(`/recall?user=7&k=40&exclude=${unseen[0]}&exclude=${unseen[1]}`)).body)).toEqual(
      unseen.slice(2),
    );
    expect(idsOf((await ask("/recall", { user: 7, exclude: [Number(unseen[0])], k: 3 })).body)).toEqual(
      unseen.slice(1, 4),
    );
    expect(new Set(idsOf((await ask("/recall", { user: 7, filter: [1, "2", 3], includeSeen: true })).body))).toEqual(
      new Set(["1", "2", "3"]),
    );
    const where = { genres: "Comedy", year: { min: 2000, max: 2010 } };
    expect(new Set(idsOf((await ask("/recall", { user: 7, where, k: 40, includeSeen: true })).body))).toEqual(
      new Set(["21", "23", "25", "27", "29"]),
    );
  });

  test("similar items, the item itself apart", async () => {
    const expected = shopRecaller(model).similar("4", 5);
    const named = expected.map((item) => (item.id === "3" ? { ...item, name: "Three" } : item));
    expect((await ask("/similar?item=4&k=5")).body.items).toEqual(named);
    expect((await ask("/similar", { item: 4, k: 5 })).body.items).toEqual(named);
  });

  test("HEAD as GET, without the body", async () => {
    const { status, body, headers } = await ask("/recall?user=7", undefined, service, { method: "HEAD" });
    expect([status, body]).toEqual([200, ""]);
    expect(headers.get("content-type")).toContain("application/json");
  });

  test("figures: how much, how fast", async () => {
    const own = recallService(shopRecaller(model));
    expect((await ask("/health", undefined, own)).body).toMatchObject({
      status: "ok",
      items: 40,
      requests: 0,
      latencyMs: { p50: null },
    });
    for (let i = 0; i < 5; i++) await ask(`/recall?user=${i}`, undefined, own);
    await ask("/recall?user=nobody", undefined, own);
    const { requests, latencyMs } = (await ask("/health", undefined, own)).body;
    expect(requests).toBe(6);
    expect(latencyMs.p50).toBeGreaterThan(0);
    expect(latencyMs.p99).toBeGreaterThanOrEqual(latencyMs.p50);
    const { body, headers } = await ask("/metrics", undefined, own);
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(body).toContain('twotower_requests_total{route="/recall",method="GET",status="200"} 5\n');
    expect(body).toContain('twotower_requests_total{route="/recall",method="GET",status="404"} 1\n');
    expect(body).toContain('twotower_request_seconds_bucket{route="/recall",le="+Inf"} 6\n');
    expect(body).toContain("twotower_items 40\n");
    for (const line of (body as string).trim().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^{}]*\})? [\d.e+-]+)$/);
  });
});

describe("what it refuses, and says why", () => {
  const refusals: [what: string, path: string, body: unknown, status: number, code: string, message: RegExp][] = [
    ["no user", "/recall", {}, 400, "BAD_ARGUMENT", /user is missing; expected an id/],
    [
      "nobody known",
      "/recall?user=1e3",
      undefined,
      404,
      "UNKNOWN_ID",
      /user "1e3" was not in the training data; pass a row/,
    ],
    ["an id of no digits left", "/recall", '{"user":9007199254740993}', 400, "BAD_ARGUMENT", /beyond 2\^53.*as text/],
    [
      "a k of NaN",
      "/recall?user=7&k=NaN",
      undefined,
      400,
      "BAD_ARGUMENT",
      /k is "NaN"; expected a whole number from 1 to 4096/,
    ],
    ["a k of 0", "/recall?user=7&k=0", undefined, 400, "BAD_ARGUMENT", /k is 0/],
    ["a k of 1e9", "/recall", { user: 7, k: 1e9 }, 400, "BAD_ARGUMENT", /k is 1000000000/],
    ["a k that is text", "/recall", { user: 7, k: "5" }, 400, "BAD_ARGUMENT", /k is "5"/],
    [
      "a slip",
      "/recall",
      { user: 7, exlude: [] },
      400,
      "BAD_ARGUMENT",
      /no parameter "exlude" \(did you mean "exclude"\?\)/,
    ],
    ["a slip in the query", "/recall?user=7&K=3", undefined, 400, "BAD_ARGUMENT", /no parameter "K"/],
    ["two users", "/recall?user=7&user=8", undefined, 400, "BAD_ARGUMENT", /user is given 2 times/],
    [
      "a column nobody reads",
      "/recall",
      { user: { contry: "KR" } },
      400,
      "BAD_ARGUMENT",
      /no column "contry" \(did you mean "country"\?\)/,
    ],
    [
      "a value of another kind",
      "/recall",
      { user: { age: {} } },
      400,
      "BAD_ROW",
      /^user\.age is an object: expected a finite number/,
    ],
    [
      "__proto__ in the body",
      "/recall",
      '{"user":7,"__proto__":{"k":3}}',
      400,
      "BAD_ARGUMENT",
      /no parameter "__proto__"/,
    ],
    ["__proto__ in a row", "/recall", '{"user":{"__proto__":{"age":3}}}', 400, "BAD_ARGUMENT", /no column "__proto__"/],
    [
      "__proto__ in a condition",
      "/recall",
      '{"user":7,"where":{"__proto__":1}}',
      400,
      "BAD_ARGUMENT",
      /no attribute is called "__proto__"/,
    ],
    [
      "an attribute there is not",
      "/recall",
      { user: 7, where: { genre: "War" } },
      400,
      "BAD_ARGUMENT",
      /no attribute is called "genre" \(did you mean "genres"\?\)/,
    ],
    ["a condition of null", "/recall", { user: 7, where: { year: null } }, 400, "BAD_ARGUMENT", /where\.year is null/],
    [
      "a condition of another kind",
      "/recall",
      { user: 7, where: { year: { maximum: 3 } } },
      400,
      "BAD_ARGUMENT",
      /"year" is a number/,
    ],
    [
      "exclude as text",
      "/recall",
      { user: 7, exclude: "12" },
      400,
      "BAD_ARGUMENT",
      /exclude is "12"; expected a list of ids/,
    ],
    ["an item not there", "/similar?item=99", undefined, 404, "UNKNOWN_ID", /item "99" is not in the index/],
    ["no JSON", "/recall", "{user: 7}", 400, "BAD_ARGUMENT", /the body is not JSON/],
    ["a list", "/recall", [7], 400, "BAD_ARGUMENT", /the body is a list; expected a JSON object/],
    ["an empty body", "/recall", "", 400, "BAD_ARGUMENT", /the body is not JSON/],
    [
      "a body too long",
      "/recall",
      JSON.stringify({ user: "x".repeat(2 ** 20) }),
      413,
      "TOO_LARGE",
      /longer than 1048576 bytes/,
    ],
    ["an address there is not", "/recal", undefined, 404, "NOT_FOUND", /nothing at \/recal; there are \/recall,/],
    ["changes, where none are allowed", "/items", { items: [] }, 404, "NOT_FOUND", /nothing at \/items/],
  ];
  test.each(refusals)("%s", async (_, path, body, status, code, message) => {
    const answer = await ask(path, body);
    expect(answer.body).toEqual({ error: { code, message: expect.stringMatching(message) } });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.[jt]s:\d/); // no stack
  });

  test("another method, with those there are", async () => {
    const { status, headers } = await ask("/recall", undefined, service, { method: "PUT" });
    expect([status, headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  test("what a form of another page can send", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "text/json; application/json"]) {
      const init = { method: "POST", headers: { "content-type": type }, body: '{"user":7}' };
      expect((await ask("/recall", undefined, service, init)).status).toBe(415);
    }
  });

  test("a body that never ends, after the first bytes too many", async () => {
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(65536).fill(0x20));
        sent += 65536;
      },
      cancel() {
        cancelled = true;
      },
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" };
    expect((await ask("/recall", undefined, service, init as RequestInit)).status).toBe(413);
    expect(sent).toBeLessThan(2 ** 21);
    expect(cancelled).toBe(true);
  });

  test("bytes that are no UTF-8", async () => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Uint8Array([0x7b, 0xff, 0x7d]),
    };
    expect((await ask("/recall", undefined, service, init)).body.error.message).toContain("not JSON in UTF-8");
  });

  test("a failure of its own, without saying what it was; onError is told", async () => {
    const errors: unknown[] = [];
    const broken: ServedRecaller = {
      ...shopRecaller(model),
      encoder: model.trained,
      recall: () => Promise.reject(new Error("secret")),
    } as never;
    const own = recallService(broken, { onError: (error) => errors.push(error) });
    const { status, body } = await ask("/recall?user=7", undefined, own);
    expect([status, body.error.code]).toEqual([500, "INTERNAL"]);
    expect(JSON.stringify(body)).not.toContain("secret");
    expect(errors).toEqual([new Error("secret")]);
  });
});

describe("changes", () => {
  test("items come and go, searchable at once, with their attributes", async () => {
    const own = recallService(shopRecaller(model), { changes: true });
    const row = { movieId: "a/b ü", genres: ["Noir"], year: 2030 };
    expect((await ask("/items", { items: [row, { movieId: 1, genres: ["Noir"], year: 1 }] }, own)).body).toEqual({
      added: 2,
    });
    const where = { genres: "Noir" };
    const noir = async () => new Set(idsOf((await ask("/recall", { user: 7, where, includeSeen: true }, own)).body));
    expect(await noir()).toEqual(new Set(["a/b ü", "1"]));
    const path = `/items/${encodeURIComponent("a/b ü")}`;
    expect((await ask(path, undefined, own, { method: "DELETE" })).body).toEqual({ removed: 1 });
    expect(await noir()).toEqual(new Set(["1"]));
    expect((await ask(path, undefined, own, { method: "DELETE" })).status).toBe(404);
    expect((await ask("/items/%ff", undefined, own, { method: "DELETE" })).status).toBe(400);
  });

  test.each([
    [{ items: [] }, /items is empty; expected a list of rows/],
    [{ items: [{ genres: ["War"] }] }, /items\[0\]\.movieId is missing; expected an id/],
    [{ items: [{ movieId: 1 }, { movieId: "1" }] }, /items\[1\]\.movieId is "1", as in a row before it/],
    [{ items: [{ movieId: 50, year: "soon" }] }, /items\[0\]\.year is "soon"/],
    [{ items: [{ movieId: 50, genres: [{}] }] }, /items\[0\]\.genres/],
  ])("refused: %j", async (body, message) => {
    const recaller = shopRecaller(model);
    const { status, body: answer } = await ask("/items", body, recallService(recaller, { changes: true }));
    expect(status).toBe(400);
    expect(answer.error.message).toMatch(message);
    expect(recaller.index.size).toBe(40);
  });
});

test("another model is served from the next request on, and what is under way ends with its own", async () => {
  const other = await shopModel(2);
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const slow = {
    encoder: model.trained,
    recall: async () => {
      await gate;
      return [{ id: "old", score: 1 }];
    },
  } as unknown as ServedRecaller;
  const own = recallService(slow);
  const underWay = ask("/recall?user=7", undefined, own);
  await Promise.resolve();
  own.swap(shopRecaller(other));
  const next = await ask("/recall?user=7&k=3", undefined, own);
  expect(next.body.items).toEqual(shopRecaller(other).recall(7, 3));
  release();
  expect(idsOf((await underWay).body)).toEqual(["old"]);
});

test("what is no recaller is refused at once, and goes on serving what it served", () => {
  expect(() => recallService(model as never)).toThrow(/what is to be served is an object; expected a recaller/);
  expect(() => service.swap(null as never)).toThrow(/what is to be served is null; expected a recaller/);
  expect(service.recaller.index?.size).toBe(40);
});
