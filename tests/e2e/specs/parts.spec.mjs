// Parts of the page that come when they are first used: not before, once, and again where they could not come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { banner, settled } from "../lib/page.mjs";

const isPart = /\/snippets\/.*\.wasm$/;
const parts = (server) => server.requests.map(({ path }) => path).filter((path) => isPart.test(path));
const open = (page, tab) => page.getByTestId(`tab-${tab}`).click();

test("a part is fetched when it is first used, and once", () =>
  withPage(async ({ page, server }) => {
    await settled(page);
    assert.deepEqual(parts(server), [], "before anything is touched");
    await page.getByTestId("import").click();
    await page.getByTestId("import-text").waitFor();
    const fetched = parts(server);
    assert.ok(fetched.length > 0 && fetched.every((path) => /-[0-9a-f]{16}\.wasm$/.test(path)), `${fetched}`);
    await page.getByTestId("close-import").click();
    await page.getByTestId("import").click();
    await page.getByTestId("import-text").waitFor();
    await page.getByTestId("close-import").click();
    assert.deepEqual(parts(server), fetched);
    for (const tab of ["details", "compare", "sweep", "live", "details"]) {
      await open(page, tab);
      await page.locator(`#panel-${tab} > *`).first().waitFor();
      await page.getByTestId("part-coming").waitFor({ state: "detached" });
    }
    const all = parts(server);
    assert.equal(new Set(all).size, all.length, `${all}`);
  }));

test("what cannot be fetched says so, and comes when it is tried again", () =>
  withPage({ allow: [/Failed to load resource|ERR_|fetch/] }, async ({ page, context }) => {
    await settled(page);
    await context.route(isPart, (route) => route.abort());
    await open(page, "sweep");
    await page.getByTestId("part-missing").waitFor();
    await checkAccessible(page);
    await page.getByTestId("part-again").click();
    await page.getByTestId("part-missing").waitFor();
    await page.getByTestId("save-scenario").locator("summary").click();
    await page.getByTestId("save-scenario-vllm").click();
    await banner(page, "part").waitFor();
    await context.unroute(isPart);
    await page.getByTestId("part-again").click();
    await page.getByTestId("sweep-run").waitFor();
    await page.getByTestId("save-scenario").locator("summary").click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("save-scenario-vllm").click()]);
    assert.match(download.suggestedFilename(), /vllm/);
    assert.equal(await banner(page, "part").count(), 0);
  }));

test("while a part is on its way, the page says so, and it comes from a host that has no name for it", () =>
  withPage(async ({ page, context }) => {
    await settled(page);
    let go;
    const held = new Promise((done) => (go = done));
    await context.route(isPart, async (route) => {
      await held;
      const response = await route.fetch();
      const headers = { ...response.headers(), "content-type": "application/octet-stream" };
      await route.fulfill({ response, headers });
    });
    await open(page, "live");
    await page.getByTestId("part-coming").waitFor();
    go();
    await page.getByTestId("live").waitFor();
    assert.equal(await page.getByTestId("part-coming").count(), 0);
  }));
