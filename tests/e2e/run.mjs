// Runs the browser tests, all or those whose file name contains one of the words given.
//
//   cargo x test e2e                    builds the page first
//   node tests/e2e/run.mjs [WORD…]      the page in dist/ as it is
//
// One file after another: each has a browser, and the page under test uses every core by itself.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("specs", import.meta.url));
const words = process.argv.slice(2);
const specs = readdirSync(folder)
  .filter((name) => name.endsWith(".spec.mjs"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort()
  .map((name) => join(folder, name));

if (specs.length === 0) {
  console.error(`no test in ${folder}${words.length ? ` whose name contains ${words.join(" or ")}` : ""}`);
  process.exit(1);
}
// Names, not the folder: what Node makes of a folder differs between its versions.
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-timeout=180000", ...specs],
  { stdio: ["ignore", "inherit", "inherit"] },
);
process.exit(status ?? 1);
