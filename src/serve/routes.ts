import type { Recommendation } from "../recall/recaller.ts";
import { expectNames, idOf, itemRows, NARROWING, narrowing, userOf } from "./ask.ts";
import { json } from "./json.ts";
import type { Meter } from "./meter.ts";
import { openApi } from "./openapi.ts";
import { type JsonObject, readJson, readQuery } from "./read-request.ts";
import { badRequest, Refusal } from "./refusal.ts";
import type { ServedRecaller } from "./served.ts";

/** What the routes know of the service they belong to. */
export interface RouteContext {
  readonly changes: boolean;
  readonly maxBody: number;
  readonly meter: Meter;
  readonly nameOf: ((id: string) => string | undefined) | undefined;
}

/** What an address holds. */
export interface Address {
  /** What stands in place of {id} in the path, as text. */
  readonly id: string;
  readonly query: URLSearchParams;
}

/** One thing the service answers. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** As in openapi.json: "/items/{id}". */
  readonly path: string;
  /** Whether its requests are counted: those that others are measured by are not. */
  readonly isMetered: boolean;
  readonly answer: (recaller: ServedRecaller, request: Request, address: Address) => Promise<Response> | Response;
}

/** Everything the service answers. `openapi.ts` describes the same, and a test holds them together. */
export function routesFor({ changes, maxBody, meter, nameOf }: RouteContext): readonly Route[] {
  const started = performance.now();
  const items = (recommendations: readonly Recommendation[]): Response => {
    const named = ({ id, score }: Recommendation): object => {
      const name = nameOf?.(id);
      return name === undefined ? { id, score } : { id, score, name };
    };
    return json({ items: recommendations.map(named) });
  };
  const recall = async (recaller: ServedRecaller, asked: JsonObject): Promise<Response> => {
    expectNames(asked, ["user", "includeSeen", ...NARROWING]);
    const user = userOf(asked.user, recaller.encoder.schema);
    const { k, options } = narrowing(asked);
    return items(await recaller.recall(user as never, k, options));
  };
  const similar = async (recaller: ServedRecaller, asked: JsonObject): Promise<Response> => {
    expectNames(asked, ["item", ...NARROWING]);
    const { k, options } = narrowing(asked);
    return items(await recaller.similar(idOf("item", asked.item), k, options));
  };
  const encode = (recaller: ServedRecaller, asked: JsonObject): Response => {
    expectNames(asked, ["user"]);
    const user = userOf(asked.user, recaller.encoder.schema);
    return json({ vector: Array.from(recaller.encoder.encode(user as never).vector) });
  };

  const asked: readonly Route[] = (
    [
      ["/recall", recall],
      ["/similar", similar],
      ["/encode", encode],
    ] as const
  ).flatMap(([path, ask]): Route[] => [
    {
      method: "GET",
      path,
      isMetered: true,
      answer: (recaller, _, { query }) => ask(recaller, readQuery(query, ["exclude", "filter"])),
    },
    {
      method: "POST",
      path,
      isMetered: true,
      answer: async (recaller, request) => ask(recaller, await readJson(request, maxBody)),
    },
  ]);

  const changing: readonly Route[] = [
    {
      method: "POST",
      path: "/items",
      isMetered: true,
      async answer(recaller, request) {
        const asked = await readJson(request, maxBody);
        expectNames(asked, ["items"]);
        const rows = itemRows(asked.items, recaller.encoder.schema);
        await recaller.add(rows as never);
        return json({ added: rows.length });
      },
    },
    {
      method: "DELETE",
      path: "/items/{id}",
      isMetered: true,
      async answer(recaller, _, { id }) {
        await recaller.remove(idOf("id", id));
        return json({ removed: 1 });
      },
    },
  ];

  const about: readonly Route[] = [
    {
      method: "GET",
      path: "/health",
      isMetered: false,
      answer: ({ index }) =>
        json({
          status: "ok",
          items: index?.size ?? null,
          uptimeSeconds: (performance.now() - started) / 1000,
          requests: meter.total,
          latencyMs: Object.fromEntries(
            [0.5, 0.95, 0.99].map((share) => [`p${share * 100}`, milliseconds(meter.quantile(share))]),
          ),
        }),
    },
    {
      method: "GET",
      path: "/metrics",
      isMetered: false,
      answer: ({ index }) =>
        new Response(
          meter.exposition(index ? { twotower_items: { help: "Items in the index.", value: index.size } } : {}),
          { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" } },
        ),
    },
    { method: "GET", path: "/openapi.json", isMetered: false, answer: () => json(openApi(changes)) },
  ];
  return [...asked, ...(changes ? changing : []), ...about];
}

const milliseconds = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

/** What an address holds if it is one of the route's. */
export function matching({ path }: Route, { pathname, searchParams }: URL): Address | undefined {
  if (!path.endsWith("/{id}")) return pathname === path ? { id: "", query: searchParams } : undefined;
  const stem = path.slice(0, -"{id}".length);
  const rest = pathname.slice(stem.length);
  if (!pathname.startsWith(stem) || rest === "" || rest.includes("/")) return undefined;
  try {
    return { id: decodeURIComponent(rest), query: searchParams };
  } catch {
    throw badRequest(`the id "${rest}" is not percent-encoded UTF-8; use encodeURIComponent`);
  }
}

/** The route of a request. Throws what says that there is none, or none of this method. */
export function find(routes: readonly Route[], request: Request): Address & { readonly route: Route } {
  const url = new URL(request.url);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const methods: string[] = [];
  for (const route of routes) {
    const match = matching(route, url);
    if (!match) continue;
    if (route.method === method) return { ...match, route };
    methods.push(route.method);
  }
  if (methods.length === 0) {
    const paths = [...new Set(routes.map(({ path }) => path))].join(", ");
    throw new Refusal(404, "NOT_FOUND", `there is nothing at ${url.pathname.slice(0, 80)}; there are ${paths}`);
  }
  const allow = methods.join(", ");
  throw new Refusal(405, "METHOD_NOT_ALLOWED", `${request.method} does nothing here; expected ${allow}`, { allow });
}
