import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TwoTowerError } from "../errors.ts";
import { nodeListener } from "../serve/node.ts";

/** A server that answers. */
export interface Listening {
  readonly url: string;
  /** Takes no more connections, lets requests under way end, for so long at most, and closes. */
  drain(milliseconds: number): Promise<void>;
}

/** Listens. Throws BAD_ARGUMENT if it cannot at this address. */
export async function listen(
  fetch: (request: Request) => Promise<Response>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const underWay = new Set<ServerResponse>();
  const server = createServer(nodeListener(fetch)).prependListener("request", (_, response) => {
    underWay.add(response);
    response.once("close", () => underWay.delete(response));
  });
  await opened(server, host, port);
  const { address, family, port: own } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${own}`,
    async drain(milliseconds) {
      // A connection kept open for a next request would hold the process up for as long as the client likes.
      const last = (response: ServerResponse): void => {
        if (!response.headersSent) response.setHeader("connection", "close");
      };
      for (const response of underWay) last(response);
      server.prependListener("request", (_, response) => last(response));
      const late = setTimeout(() => server.closeAllConnections(), milliseconds);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(late);
    },
  };
}

function opened(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port)));
    server.listen(port, host, resolve);
  });
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): TwoTowerError {
  const why =
    cause.code === "EADDRINUSE"
      ? `port ${port} is taken: give another --port, or 0 for a free one`
      : cause.code === "EACCES"
        ? `port ${port} is not open to this user: give a --port from 1024 on`
        : cause.code === "ENOTFOUND" || cause.code === "EADDRNOTAVAIL"
          ? `${host} is no address of this machine: give --host 127.0.0.1 for itself alone, 0.0.0.0 for all its networks`
          : cause.message;
  return new TwoTowerError("BAD_ARGUMENT", `cannot listen: ${why}`, { cause });
}
