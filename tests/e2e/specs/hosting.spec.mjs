// The page starts wherever a static host puts it: at the root, under a path, in a frame, without compression.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, started, withPage } from "../lib/harness.mjs";
import { settled } from "../lib/page.mjs";

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

test("nothing on the page is against its policy, and the policy holds", () =>
  withPage({ allow: [/Content Security Policy|ERR_BLOCKED_BY_CSP|violates|Evaluating a string/] }, async ({ page }) => {
    await page.evaluate(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));
    });
    await settled(page);
    for (const tab of ["details", "compare", "sweep", "answer"]) await page.getByTestId(`tab-${tab}`).click();
    await page.getByTestId("save-ttft-load").locator("summary").click();
    await Promise.all([page.waitForEvent("download"), page.getByTestId("save-ttft-load-png").click()]);
    await page.getByTestId("import").click();
    await page.getByTestId("import-text").fill("vllm serve Qwen/Qwen3-14B");
    await page.getByTestId("import-read").click();
    await page.getByTestId("import-apply").waitFor();
    assert.deepEqual(await page.evaluate(() => violations), []);

    const attempts = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "globalThis.inline = true";
      document.head.append(script);
      const sent = await fetch("https://example.org/").then(() => "sent", () => "blocked");
      // Not at once: what a test says itself is let through.
      setTimeout("globalThis.made = 'made'", 0);
      await new Promise((done) => setTimeout(done, 100));
      return [globalThis.inline ?? "blocked", sent, globalThis.made ?? "blocked"];
    });
    assert.deepEqual(attempts, ["blocked", "blocked", "blocked"]);
  }));
