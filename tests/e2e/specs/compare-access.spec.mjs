// The comparison without a mouse and without sight.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BRIEF } from "../lib/cli.mjs";
import { compared, differing } from "../lib/compare.mjs";
import { withPage } from "../lib/harness.mjs";
import { checkLooks, DESKTOP, PHONE } from "../lib/looks.mjs";
import { REPLICAS, settled, tabTo } from "../lib/page.mjs";

test("by keyboard alone: to the comparison, a change of B, the figures, and back", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    const press = (key) => page.keyboard.press(key);
    await tabTo(page, "compare-start");
    await press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "tab-compare");
    await tabTo(page, `slider-${REPLICAS}`, { key: "Shift+Tab" });
    await press("ArrowRight");
    await compared(page);
    assert.deepEqual(await differing(page), ["Replicas: 4 → in A, 5 in B"]);

    await tabTo(page, "cursor-compare-ttft-load");
    const cursor = page.getByTestId("cursor-compare-ttft-load");
    const said = [];
    for (const key of ["Home", "ArrowRight", "End"]) {
      await press(key);
      said.push(await cursor.getAttribute("aria-valuetext"));
    }
    assert.equal(new Set(said).size, 3);
    for (const text of said) assert.match(text, /^[\d.]+ req\/s.*; A .*; B TTFT p99/);
    assert.match(said[0], /; B − A [−+]?[\d.]+ \[/);
    await page.locator("[data-testid=chart-compare-ttft-load] .hoverlayer .hovertext").waitFor();
    await tabTo(page, "toggle-compare-ttft-load", { key: "Shift+Tab", most: 3 });
    await press("Enter");
    assert.ok((await page.getByTestId("chart-table-compare-ttft-load").locator("tbody tr").count()) >= 5);

    await tabTo(page, "side-B", { key: "Shift+Tab" });
    await press("ArrowLeft");
    assert.ok(await page.getByTestId("side-A").isChecked());
    await tabTo(page, "tab-compare");
    await press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.id), "tab-sweep");
    await press("Home");
    assert.equal(await page.evaluate(() => document.activeElement.id), "tab-answer");
  }));

test("axe finds no barrier before there is anything to compare, and with a figure's table open", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    await page.getByTestId("tab-compare").click();
    await checkLooks(page, [DESKTOP, PHONE]);
    await page.getByTestId("compare-routing").click();
    await compared(page);
    await page.getByTestId("toggle-compare-itl-load").click();
    await checkLooks(page, [DESKTOP, PHONE]);
  }));
