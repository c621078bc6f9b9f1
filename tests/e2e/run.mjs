// Runs the browser tests, all or those whose file name contains one of the words given.
//
//   cargo x test e2e                    builds the page first
//   node tests/e2e/run.mjs [WORD…]      the page in dist/ as it is
//
// Files that measure times run one after the other: each has a browser, and the page under test uses every core by itself.
// The others run two at a time.

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
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
const ALONE = ["bars", "drafts", "drag", "frames", "memory", "workers"].map((name) => `${name}.spec.mjs`);

/** The files that take longest begin first, so that no core is left over at the end. */
const LONGEST = ["tasks", "screenshots-wide", "screenshots-small", "live-sides", "compare-variants"].map((name) => `${name}.spec.mjs`);

/**
 * Every test opens a page of its own, for which V8 compiles the module anew: at its usual threshold, optimising what was called often takes a
 * third of the CPU time of an opened page, and with this one a twelfth. Where times are measured it stays as people have it.
 */
const COMPILES_LESS = "--js-flags=--wasm-tiering-budget=100000000";
/** How long a file may take, ms; the longest takes a quarter of it on two busy cores. */
const FILE_MS = 600_000;

/** Runs these in this order, so many at a time; true when all passed. */
async function passes(files, concurrency) {
  if (files.length === 0) return true;
  let failed = false;
  // What is marked as not done yet may fail.
  const note = ({ todo }) => (failed ||= todo === undefined);
  const events = run({ files, concurrency, timeout: FILE_MS }).on("test:fail", note);
  await pipeline(events, new spec(), process.stdout, { end: false });
  return !failed;
}

const among = (names) => (file) => names.includes(basename(file));
const alone = specs.filter(among(ALONE));
const others = specs.filter((file) => !alone.includes(file));
const together = [...others.filter(among(LONGEST)), ...others.filter((file) => !among(LONGEST)(file))];
const passed = [await passes(alone, 1)];
process.env.CHROMIUM_FLAGS ??= COMPILES_LESS;
passed.push(await passes(together, 2));
process.exit(passed.every(Boolean) ? 0 : 1);
