/** What is asked of Node's IncomingMessage; named here, so that nothing of Node's need be there to compile. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  /** Tells of "data", "end", "error" and "close". */
  on(event: string, listener: (...values: never[]) => void): unknown;
  /** Lets the client wait. */
  pause(): unknown;
  /** Lets it go on. */
  resume(): unknown;
}

/** What is asked of Node's ServerResponse. */
export interface NodeResponse {
  readonly destroyed: boolean;
  /** Sends the head. */
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** Sends the body. */
  end(body?: Uint8Array): unknown;
}

/**
 * A listener for node:http from a fetch handler, for `createServer`, and for frameworks that take such listeners.
 *   createServer(nodeListener(service.fetch)).listen(8080)
 */
export function nodeListener(
  fetch: (request: Request) => Promise<Response>,
): (request: NodeRequest, response: NodeResponse) => void {
  return (incoming, outgoing) => {
    void (async () => {
      const request = requestOf(incoming);
      const response = request
        ? await fetch(request).catch(() => new Response("Internal Server Error\n", { status: 500 }))
        : new Response("Bad Request\n", { status: 400 });
      const body = new Uint8Array(await response.arrayBuffer());
      // What nobody has read is thrown away, or the next request of this connection would stand behind it for ever.
      if (request?.body && !request.body.locked) void request.body.cancel().catch(() => {});
      if (outgoing.destroyed) return; // the client has left
      const length: Record<string, string> = body.length > 0 ? { "content-length": String(body.length) } : {};
      outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...length });
      outgoing.end(body);
    })();
  };
}

/** Undefined if no Request can be of this method or address, such as TRACE or "//". */
function requestOf(incoming: NodeRequest): Request | undefined {
  const { method = "GET", url = "/" } = incoming;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  const hasBody = method !== "GET" && method !== "HEAD";
  const init = { method, headers, ...(hasBody && { body: bodyOf(incoming), duplex: "half" }) };
  try {
    // Whatever host a client claims, the path is what counts: it is put together, not resolved, so "//x" is no host.
    return new Request(`http://localhost${url.startsWith("/") ? url : `/${url}`}`, init);
  } catch {
    return undefined;
  }
}

/** The body as a stream that is read no faster than it is asked for; cancelled, it reads on and keeps nothing. */
function bodyOf(incoming: NodeRequest): ReadableStream<Uint8Array> {
  let isOpen = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (finish: () => void) => () => {
        if (isOpen) finish();
        isOpen = false;
      };
      incoming.on("data", (chunk: Uint8Array) => {
        if (!isOpen) return;
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
      });
      incoming.on(
        "end",
        end(() => controller.close()),
      );
      incoming.on(
        "close",
        end(() => controller.error(new Error("the client left before its request was whole"))),
      );
      incoming.on("error", (error: Error) => end(() => controller.error(error))());
    },
    pull() {
      incoming.resume();
    },
    cancel() {
      isOpen = false;
      incoming.resume();
    },
  });
}
