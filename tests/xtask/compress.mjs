// Packs the files of a folder that get smaller by it, each beside itself as NAME.br, as well as brotli can: once, at the
// build. Hosts that look for such files send them (`playground serve`, nginx with brotli_static, Caddy with precompressed).
//
//   node tests/xtask/compress.mjs FOLDER

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const PACKED = [".html", ".js", ".css", ".wasm", ".svg", ".json", ".txt"];
const folder = process.argv[2];
let [plain, small] = [0, 0];
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !PACKED.includes(extname(entry.name))) continue;
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const body = readFileSync(file);
  const packed = brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });
  if (packed.length >= body.length) continue;
  writeFileSync(`${file}.br`, packed);
  [plain, small] = [plain + body.length, small + packed.length];
}
console.log(`Packed beside the files: ${Math.round(plain / 1024)} KiB are ${Math.round(small / 1024)} KiB as brotli.`);
