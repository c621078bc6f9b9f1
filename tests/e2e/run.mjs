// Runs the browser tests, all or those whose file name contains one of the words given.
//
//   cargo x test e2e                    builds the page first
//   node tests/e2e/run.mjs [WORD…]      the page in dist/ as it is
//
// Files that measure times run one after the other: each has a browser, and the page under test uses every core by itself.
// The others run two at a time, since most of their time is waiting.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
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
/** What times or memory are measured in, or what is not to be late. */
const ALONE = ["bars", "drafts", "drag", "live", "live-sides", "memory", "sweep", "workers"].map((name) => `${name}.spec.mjs`);

/**
 * Every test opens a page of its own, for which V8 compiles the module anew: at its usual threshold, optimising what was called often takes a
 * third of the CPU time of an opened page, and with this one a twelfth. Where times are measured it stays as people have it.
 */
const COMPILES_LESS = { CHROMIUM_FLAGS: "--js-flags=--wasm-tiering-budget=100000000" };

/** Runs these, so many at a time; true when all passed. */
function passes(files, atOnce, env = {}) {
  if (files.length === 0) return true;
  // Names, not the folder: what Node makes of a folder differs between its versions.
  const { status } = spawnSync(
    process.execPath,
    ["--test", `--test-concurrency=${atOnce}`, "--test-reporter=spec", "--test-timeout=180000", ...files],
    { stdio: ["ignore", "inherit", "inherit"], env: { ...env, ...process.env } },
  );
  return status === 0;
}

const [alone, together] = [specs.filter((spec) => ALONE.includes(basename(spec))), specs.filter((spec) => !ALONE.includes(basename(spec)))];
const passed = [passes(alone, 1), passes(together, 2, COMPILES_LESS)];
process.exit(passed.every(Boolean) ? 0 : 1);
