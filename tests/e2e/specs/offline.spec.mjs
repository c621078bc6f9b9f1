// After a first visit the page opens without a network; updates are seen at once; other people's pages keep nothing.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DIST, PATIENCE_MS, started, withPage } from "../lib/harness.mjs";
import { digest, lookAt, pause, settled } from "../lib/page.mjs";

const context = { serviceWorkers: "allow" };
/** Addresses that are kept. */
const addresses = (page) =>
  page.evaluate(async () => (await (await caches.open("llmd-playground")).keys()).map(({ url }) => url));

/** Waits until what is kept is as it should be; resolves to the addresses. */
async function kept(page, isWhole) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(200)) {
    const [urls, controlled] = [await addresses(page), await page.evaluate(() => navigator.serviceWorker.controller !== null)];
    if (controlled && isWhole(urls)) return urls;
  }
  throw new Error(`kept are ${await addresses(page)}`);
}
const everything = (url) => (urls) =>
  urls.includes(url) && ["_bg.wasm", "plotly", ".svg", "boot-", "snippets/tabs-", "snippets/documents-"].every((part) => urls.some((one) => one.includes(part)));

for (const base of ["/", "/org/repo/"]) {
  test(`after a first visit it opens without a network, at ${base}`, () =>
    withPage({ context, server: { base }, allow: [/./] }, async ({ page, context, url, server }) => {
      await settled(page);
      const mine = await digest(page);
      const urls = await kept(page, everything(url));
      assert.ok(urls.every((one) => one.startsWith(url)), `${urls}`);
      await server.close();
      await context.setOffline(true);
      await page.reload();
      await started(page);
      await settled(page);
      assert.equal(await digest(page), mine);
      await lookAt(page, "ttft-load");
      await page.goto(`${url}?theme=dark`);
      await started(page);
      // Parts that were never used before are there too.
      await page.getByTestId("import").click();
      await page.getByTestId("import-text").waitFor();
    }));
}

test("a new version is shown at the next visit, and the old one is not kept", () => {
  const pages = {};
  return withPage({ context, server: { pages } }, async ({ page, url }) => {
    await settled(page);
    await kept(page, everything(url));
    const index = (await readFile(join(DIST, "index.html"))).toString();
    const icon = /href="\.\/(icon-[0-9a-f]+\.svg)"/.exec(index)[1];
    pages["icon-0123456789abcdef.svg"] = (await readFile(join(DIST, icon))).toString();
    pages[""] = index.replace(icon, "icon-0123456789abcdef.svg").replace("<head>", '<head><meta name="edition" content="new">');
    await page.reload();
    await started(page);
    assert.equal(await page.locator("meta[name=edition]").count(), 1);
    await kept(page, (urls) => urls.some((one) => one.includes("0123456789abcdef")) && !urls.some((one) => one.endsWith(icon)));
  });
});

test("in somebody else's page nothing is kept", () =>
  withPage({ context, path: "host.html", start: false, server: { pages: { "host.html": '<!doctype html><title>Host</title><link rel="icon" href="data:,"><iframe src="./?embed=1" title="x" width="720" height="480"></iframe>' } } }, async ({ page }) => {
    await started(await (await page.locator("iframe").elementHandle()).contentFrame());
    await page.waitForTimeout(4000);
    assert.equal((await page.evaluate(() => navigator.serviceWorker.getRegistrations())).length, 0);
  }));
