// The page starts wherever a static host puts it: at the root, under a path, in a frame, without compression.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, started, withPage } from "../lib/harness.mjs";

test("at the root of a host, under its own strict policy", () =>
  withPage(async ({ page, server }) => {
    const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
    assert.match(policy, /default-src 'none'/);
    assert.equal(await page.locator("script:not([src])").count(), 0, "no inline script");
    assert.deepEqual(server.requests.filter(({ status }) => status !== 200), []);
  }));

test("under a sub-path, without compression", () =>
  withPage({ server: { base: "/org/repo/", compress: false } }, async ({ server }) => {
    assert.ok(server.requests.every(({ path }) => path.startsWith("/org/repo/")));
    assert.ok(server.requests.every(({ encoding }) => encoding === null));
  }));

test("every request goes to the page's own host", async () => {
  const hosts = new Set();
  await withPage({ goto: false }, async ({ page, url }) => {
    page.on("request", (request) => hosts.add(new URL(request.url()).origin)); // of a blob: its maker's
    await page.goto(url);
    await started(page);
    assert.deepEqual([...hosts], [new URL(url).origin]);
  });
});

for (const sandbox of ["allow-scripts allow-same-origin", "allow-scripts"]) {
  test(`in another site's frame with sandbox="${sandbox}"`, async () => {
    const inner = await serve();
    const iframe = `<iframe src="${inner.url}" sandbox="${sandbox}" style="width:1000px;height:800px"></iframe>`;
    const host = `<!doctype html><title>Host</title><link rel="icon" href="data:,">${iframe}`;
    try {
      await withPage({ path: "host.html", start: false, server: { pages: { "host.html": host } } }, async ({ page }) => {
        await started(await (await page.locator("iframe").elementHandle()).contentFrame());
      });
    } finally {
      await inner.close();
    }
  });
}
