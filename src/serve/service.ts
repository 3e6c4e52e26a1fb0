import { expectOptions, expectWhole } from "../ann/arguments.ts";
import { TwoTowerError } from "../errors.ts";
import { show } from "../features/options.ts";
import { json } from "./json.ts";
import { Meter } from "./meter.ts";
import { refusalOf } from "./refusal.ts";
import { find, type Route, routesFor } from "./routes.ts";
import type { ServedRecaller } from "./served.ts";

/** Options of `recallService`. */
export interface ServiceOptions {
  /** Whether POST and DELETE of /items may change the index. Default false: whoever can reach the service could. */
  readonly changes?: boolean;
  /** Bytes of a body at most; 1 MiB by default. */
  readonly maxBody?: number;
  /** What items are called: answers then have a name beside each id that has one. */
  readonly nameOf?: (id: string) => string | undefined;
  /** Is told what went wrong here, which clients are not. By default it goes to console.error. */
  readonly onError?: (error: unknown, request: Request) => void;
}

/** What `recallService` returns. */
export interface RecallService {
  /** Answers one request. It never throws: what goes wrong becomes an answer. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** What is served now. */
  readonly recaller: ServedRecaller;
  /** Serves another model or index from the next request on. Those under way end with the one they began with. */
  swap(recaller: ServedRecaller): void;
}

/**
 * Recall over HTTP, by the fetch standard: `Deno.serve(service.fetch)`, `Bun.serve({ fetch: service.fetch })`,
 * `export default { fetch: service.fetch }` for Workers, `createServer(nodeListener(service.fetch))` for Node.
 * GET /openapi.json says what it answers.
 */
export function recallService(recaller: ServedRecaller, options: ServiceOptions = {}): RecallService {
  expectOptions(options, ["changes", "maxBody", "nameOf", "onError"]);
  const { changes = false, maxBody = 2 ** 20, nameOf, onError = (error: unknown) => console.error(error) } = options;
  expectWhole("maxBody", maxBody, 1, 2 ** 31);
  const meter = new Meter();
  const routes = routesFor({ changes, maxBody, meter, nameOf });
  let current = expectRecaller(recaller);

  async function answer(request: Request): Promise<Response> {
    const start = performance.now();
    let route: Route | undefined;
    let response: Response;
    try {
      const found = find(routes, request);
      route = found.route;
      response = await route.answer(current, request, found);
    } catch (error) {
      const { status, code, message, headers } = refusalOf(error);
      if (status >= 500) onError(error, request);
      response = json({ error: { code, message } }, status, headers);
    }
    if (route?.isMetered) meter.record(route.path, request.method, response.status, (performance.now() - start) / 1000);
    return request.method === "HEAD" ? new Response(null, response) : response;
  }

  return {
    fetch: answer,
    get recaller() {
      return current;
    },
    swap(another) {
      current = expectRecaller(another);
    },
  };
}

/** A model can be indexed, but only what recalls can be served. */
function expectRecaller(recaller: ServedRecaller): ServedRecaller {
  if (typeof recaller?.recall === "function" && typeof recaller.encoder?.encode === "function") return recaller;
  throw new TwoTowerError(
    "BAD_ARGUMENT",
    `what is to be served is ${show(recaller)}; expected a recaller, such as model.index(items)`,
  );
}
