// What every browser test needs: a server, a browser, a page that is watched, and an accessibility check.
//
//   import { test } from "node:test";
//   import { withPage, checkAccessible } from "../lib/harness.mjs";
//
//   test("the title says where we are", () => withPage(async ({ page }) => {
//     assert.match(await page.title(), /llm-d Playground/);
//     await checkAccessible(page);
//   }));
//
// Environment, set by `cargo x test`: CHROMIUM (the browser's path) and DIST (the built page).

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { startServer } from "../server.mjs";
import { launch } from "./browser.mjs";

export { browserPath, launch } from "./browser.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The built page. */
export const DIST = process.env.DIST ?? here("../../../dist");
/** Where screenshots and traces go; not under version control. */
export const OUT = here("../out");

/** How long anything may take before a test fails; generous, because test machines are shared. */
export const PATIENCE_MS = 30_000;

/** Serves the built page; options as in server.mjs. Close it, or let `withPage` do so. */
export function serve(options = {}) {
  if (!existsSync(join(DIST, "index.html"))) throw new Error(`no page in ${DIST}: run \`cargo x build\` first`);
  return startServer({ root: DIST, ...options });
}

let shared; // One browser per test file: contexts isolate tests, and a start costs half a second.
after(() => shared?.then((browser) => browser.close()));

/** What Playwright says where it keeps the page from its service worker. */
const BLOCKED = "Service Worker registration blocked by Playwright";

/**
 * Collects everything that went wrong on a page: uncaught errors, console errors and warnings
 * (violations of the security policy arrive here), failed and unsuccessful requests.
 */
export function watch(page) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.text() === BLOCKED) return;
    if (!["error", "warning"].includes(message.type())) return;
    errors.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on("requestfailed", (request) => {
    errors.push(`request failed: ${request.url()} ${request.failure()?.errorText ?? ""}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) errors.push(`${response.status()}: ${response.url()}`);
  });
  page.on("crash", () => errors.push("the page crashed"));
  return errors;
}

/** Waits until the wasm module runs on `page`, or throws what the page said instead. */
export async function started(page) {
  const settled = () => ["ready", "failed"].includes(document.documentElement.dataset.boot);
  await page.waitForFunction(settled, null, { timeout: PATIENCE_MS });
  const state = await page.evaluate(() => document.documentElement.dataset.boot);
  if (state === "failed") throw new Error(`the page did not start: ${await page.locator("#boot-failed").innerText()}`);
}

/**
 * Serves the page, opens it, waits until it runs, gives it to `body`, and fails the test on anything `watch` saw.
 *
 * `body` gets `{ page, context, browser, url, server, errors }`.
 *
 * `path`     appended to the address: a query, a `#s=…` link, or a made-up page's name
 * `server`   options of `serve`: base, compress, headers, pages
 * `context`  options of Playwright's newContext: viewport, colorScheme, reducedMotion, locale …
 * `goto`     false: `body` opens the page itself (to install routes or clocks first)
 * `start`    false: do not wait for the wasm module
 * `allow`    expressions for expected complaints; all others fail the test
 */
export async function withPage(...args) {
  const body = args.pop();
  const options = args[0] ?? {};
  const { path = "", goto = true, start = true, allow = [] } = options;
  shared ??= launch();
  const browser = await shared;
  const server = await serve(options.server);
  // Only the tests of it have a service worker: others are about the page and its server.
  const viewport = { width: 1280, height: 900 };
  const context = await browser.newContext({ viewport, serviceWorkers: "block", ...options.context });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const errors = watch(page);
  try {
    const url = server.url + path;
    if (goto) {
      await page.goto(url);
      if (start) await started(page);
    }
    await body({ page, context, browser, url, server, errors });
    const unexpected = errors.filter((text) => !allow.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, [], "the page complained");
  } catch (error) {
    if (errors.length) console.error(`the page complained:\n  ${errors.join("\n  ")}`);
    await screenshot(page, "failure").then((file) => console.error(`screenshot: ${file}`), () => {});
    throw error;
  } finally {
    await context.close();
    await server.close();
  }
}

/** Saves a picture of the page into OUT and resolves to its path. */
export async function screenshot(page, name) {
  await mkdir(OUT, { recursive: true });
  const file = join(OUT, `${name}-${Date.now()}.png`);
  await page.screenshot({ path: file, fullPage: true });
  return file;
}

const axeSource = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Runs axe-core over the page and resolves to its violations. `options` as in axe.run, `within` a selector. */
export async function axe(page, { within, ...options } = {}) {
  // evaluate, not a script tag: the page's policy forbids inline scripts, and the test must not loosen it.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await axeSource);
  return page.evaluate(
    async ([where, how]) => {
      const result = await globalThis.axe.run(where ?? document, { resultTypes: ["violations"], ...how });
      return result.violations;
    },
    [within, options],
  );
}

/** Fails with one readable line per element that axe-core objects to. */
export async function checkAccessible(page, options = {}) {
  const violations = await axe(page, options);
  const lines = violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${help}: ${node.target.join(" ")}`),
  );
  assert.deepEqual(lines, [], "axe-core found barriers");
}
