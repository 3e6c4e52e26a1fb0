// Serves the examples on http://localhost:8080/browser/: any static file server does. The two headers isolate the page,
// which lets it share memory between threads.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css" };

/**
 * Serves a folder on a port of this machine, 0 for a free one.
 * @param {string} folder
 * @param {number} port
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function serve(folder, port) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const file = join(folder, normalize(decodeURIComponent(path)));
    const isFile = existsSync(file) && statSync(file).isFile();
    response.writeHead(isFile ? 200 : 404, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    if (isFile) createReadStream(file).pipe(response);
    else response.end(`there is no ${pathname}`);
  });
  await new Promise((resolve) => server.listen(port, "localhost", resolve));
  return { url: `http://localhost:${server.address().port}`, close: () => server.close() };
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await serve(join(import.meta.dirname, ".."), 8080);
  console.log(`${url}/browser/`);
}
