// Without a mouse, without sight, with enlarged or few pixels: axe finds no barrier, the keyboard reaches everything.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withPage } from "../lib/harness.mjs";
import { checkLooks, DESKTOP, PHONE } from "../lib/looks.mjs";
import { answered, digest, field, LOAD, reached, REPLICAS, settled, slider, tabTo, verdict } from "../lib/page.mjs";

// At rest every part is looked at in every size and theme by the screenshots' tests.
test("axe finds no barrier with a mistake, the link and a figure's table open", () =>
  withPage({ context: { viewport: PHONE } }, async ({ page }) => {
    await settled(page);
    // On a telephone the scenario is folded.
    await page.getByTestId("edit-scenario").click();
    await field(page, REPLICAS).fill("0");
    await reached(page, "stale");
    await page.getByTestId("share").click();
    await page.getByTestId("share-link").waitFor();
    await page.getByTestId("toggle-ttft-load").click();
    await checkLooks(page, [PHONE, DESKTOP]);
  }));

test("by keyboard alone: to the answer, along the load, the chart and its table, and to Share", () =>
  withPage({ context: { permissions: ["clipboard-read", "clipboard-write"] } }, async ({ page }) => {
    await settled(page);
    const press = (key) => page.keyboard.press(key);

    await press("Tab"); // "Skip to the answer" comes first.
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Skip to the answer/);
    await press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "stage");
    await tabTo(page, `slider-${LOAD}`, { most: 3 });
    const before = await digest(page);
    await answered(page, () => press("ArrowRight"));
    assert.notEqual(await digest(page), before);
    const load = Number(await slider(page, LOAD).inputValue());
    assert.ok(load > 40);
    assert.match(await verdict(page), new RegExp(`^At ${load} req/s `));

    await tabTo(page, "cursor-ttft-load");
    const cursor = page.getByTestId("cursor-ttft-load");
    const said = async () => cursor.getAttribute("aria-valuetext");
    const points = [await said()];
    for (const key of ["ArrowRight", "ArrowRight", "End", "Home"]) {
      await press(key);
      points.push(await said());
    }
    for (const text of points) assert.match(text, /^[\d.]+ req\/s \(\d+ % of capacity\).*TTFT p99 .*; n = [\d,]+/);
    assert.equal(new Set(points.slice(0, 4)).size, 4, "every press goes to another point");
    assert.equal(points[4], points[0], "Home goes to the first");
    await page.locator("[data-testid=chart-ttft-load] .hoverlayer .hovertext").waitFor();
    const outline = await cursor.evaluate((e) => getComputedStyle(e).outlineStyle !== "none" || getComputedStyle(e).boxShadow !== "none");
    assert.ok(outline, "the focus is seen");

    await tabTo(page, "toggle-ttft-load", { key: "Shift+Tab", most: 3 });
    await press("Enter");
    const table = page.getByTestId("chart-table-ttft-load");
    await table.waitFor();
    assert.ok((await table.locator("tbody tr").count()) >= 10);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "toggle-ttft-load");
    await press("Enter");
    await table.waitFor({ state: "detached" });

    await tabTo(page, "share", { key: "Shift+Tab" });
    await press("Enter");
    await page.getByTestId("share-link").waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /#0\.p\.landing@1;workload\.arrival\.rate_rps=\d/);
  }));

test("undo and redo by keyboard, and the answer is announced once it has settled", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    await slider(page, LOAD).focus();
    await answered(page, () => page.keyboard.press("PageUp"));
    const after = await digest(page);
    assert.notEqual(after, before);
    const sentence = await verdict(page);
    await page.waitForFunction((s) => document.querySelector("[data-testid=announcement]").textContent === s, sentence);
    await answered(page, () => page.keyboard.press("Control+z"));
    assert.equal(await digest(page), before);
    await answered(page, () => page.keyboard.press("Control+Shift+z"));
    assert.equal(await digest(page), after);
  }));

test("no control is smaller than a fingertip needs", () =>
  withPage({ context: { viewport: PHONE } }, async ({ page }) => {
    await settled(page);
    await page.getByTestId("edit-scenario").click();
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, select, summary, a")]
        .filter((e) => e.getClientRects().length > 0 && !e.matches(".skip, [type=radio], [type=checkbox]"))
        .map((e) => ({ e, ...e.getBoundingClientRect().toJSON() }))
        .filter(({ width, height }) => width < 24 || height < 24)
        .map(({ e, width, height }) => `${e.dataset.testid ?? e.textContent}: ${width}×${height}`),
    );
    assert.deepEqual(small, []);
  }));
