import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { policyOf, serve } from "./mock.ts";
import { upgrade } from "./terminal.ts";

/**
 * The built pages before the made-up API, for tests and `npm run preview`: `node dev/serve.ts [port]` prints its address and serves until it is
 * ended. It needs neither a bundler nor a second to start, so each test has one, with answers that nothing has changed yet.
 */
const DIST = fileURLToPath(new URL("../../src/marlin/web_dist", import.meta.url));
const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};
const API = "/api/v1";

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? "/", "http://pages").pathname);
  response.setHeader("Content-Security-Policy", policyOf(path));
  if (path === API || path.startsWith(`${API}/`)) {
    request.url = request.url?.slice(API.length) || "/";
    return serve(request, response);
  }
  const file = join(DIST, path);
  const known = file.startsWith(DIST) ? await readFile(file).catch(() => null) : null;
  // Everything else is a route of the app, which is one page.
  if (known === null && path.startsWith("/assets/")) {
    response.statusCode = 404;
    return response.end();
  }
  response.setHeader("Content-Type", known ? (TYPES[extname(file)] ?? "application/octet-stream") : "text/html");
  response.end(known ?? (await readFile(join(DIST, "index.html"))));
});
server.on("upgrade", (request, socket) => void upgrade(request, socket));
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
