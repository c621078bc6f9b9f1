// A static server for the built page, which behaves as a plain host does (GitHub Pages, nginx).
//
//   node tests/e2e/server.mjs [folder] [--port 8080] [--base /any/path/] [--no-compress]
//
// The tests start it in their own process: see `serve` in lib/harness.mjs.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import zlib from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
};
// Pictures and fonts are compressed already.
const COMPRESSED = [".png", ".ico", ".woff2"];
const COMPRESSIBLE = new Set(Object.keys(TYPES).filter((extension) => !COMPRESSED.includes(extension)));

/** How long a browser keeps what it fetched, as GitHub Pages has it; the page itself it asks for anew. */
const keeping = (type) => ({ "Cache-Control": type.startsWith("text/html") ? "no-cache" : "max-age=600" });

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
// Only so much as a host would do on the fly; what the build packed is sent as it lies there.
const ENCODERS = {
  br: (body) => brotli(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body) => gzip(body, { level: 9 }),
};

const packed = new Map(); // "br /path/of/file" → { body, small }
async function pack(encoding, file, body) {
  const key = `${encoding} ${file}`;
  const known = packed.get(key);
  if (known?.body.equals(body)) return known.small;
  const beside = encoding === "br" ? await readFile(`${file}.br`).catch(() => null) : null;
  const small = beside ?? (await ENCODERS[encoding](body));
  packed.set(key, { body, small });
  return small;
}

/** The file a request names, or null when it leaves `root` or `base`. */
export function locate(root, base, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, "http://host").pathname);
  } catch {
    return null;
  }
  if (!path.startsWith(base) || path.includes("\0")) return null;
  const name = path.slice(base.length);
  const whole = name === "" || name.endsWith("/") ? `${name}index.html` : name;
  const file = resolve(join(root, normalize(whole)));
  return file.startsWith(resolve(root) + sep) ? file : null;
}

/**
 * Serves `root` under `base` and resolves to `{ url, port, requests, close }`; `url` ends in a slash.
 *
 * `compress`  brotli or gzip for browsers that accept it
 * `headers`   further response headers; the default lets a frame without an origin load modules
 * `pages`     made-up pages by name (`{ "host.html": "<iframe …>" }`), for tests of embedding
 * `requests`  every `{ path, status, bytes, encoding }` answered so far
 */
export async function startServer({
  root,
  base = "/",
  port = 0,
  compress = true,
  headers = { "Access-Control-Allow-Origin": "*" },
  pages = {},
}) {
  if (!base.startsWith("/") || !base.endsWith("/")) throw new Error(`base must start and end with a slash: ${base}`);
  const requests = [];

  const answer = async (request, response) => {
    const finish = (status, type, body, extra = {}) => {
      requests.push({ path: request.url, status, bytes: body.length, encoding: extra["Content-Encoding"] ?? null });
      response.writeHead(status, { "Content-Type": type, "Content-Length": body.length, ...headers, ...extra });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (!["GET", "HEAD"].includes(request.method)) return finish(405, TYPES[".txt"], Buffer.from("method not allowed\n"));

    const path = request.url.split(/[?#]/, 1)[0];
    if (path === base.slice(0, -1)) return finish(301, TYPES[".txt"], Buffer.from(""), { Location: base });
    const page = path.startsWith(base) ? pages[path.slice(base.length)] : undefined;
    if (page !== undefined) return finish(200, TYPES[".html"], Buffer.from(page));

    const file = locate(root, base, request.url);
    const body = file && (await readFile(file).catch(() => null));
    if (!body) return finish(404, TYPES[".txt"], Buffer.from("not found\n"));

    const extension = extname(file);
    const type = TYPES[extension] ?? "application/octet-stream";
    const accepted = request.headers["accept-encoding"] ?? "";
    const encoding = Object.keys(ENCODERS).find((name) => accepted.includes(name));
    if (!compress || !encoding || !COMPRESSIBLE.has(extension)) return finish(200, type, body, keeping(type));
    const small = await pack(encoding, file, body);
    return finish(200, type, small, { "Content-Encoding": encoding, Vary: "Accept-Encoding", ...keeping(type) });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      response.writeHead(500, { "Content-Type": TYPES[".txt"] });
      response.end(`${error}\n`);
    });
  });
  await new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
  const bound = server.address().port;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}${base}`,
    requests,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

/** Reads the command line described at the top. */
function options(args) {
  const chosen = { root: fileURLToPath(new URL("../../dist", import.meta.url)), port: 8080 };
  for (let i = 0; i < args.length; i += 1) {
    if (args[i] === "--port") chosen.port = Number(args[(i += 1)]);
    else if (args[i] === "--base") chosen.base = args[(i += 1)];
    else if (args[i] === "--no-compress") chosen.compress = false;
    else chosen.root = args[i];
  }
  return chosen;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const chosen = options(process.argv.slice(2));
  const { url } = await startServer(chosen);
  console.log(`${chosen.root} at ${url}`);
}
