// Four scenarios compared at every size: no barrier, and nothing wider than the window.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MISSING } from "../lib/cli.mjs";
import { among, compared, open, small } from "../lib/compare.mjs";
import { checkAccessible, OUT, withPage } from "../lib/harness.mjs";
import { checkNarrow, DESKTOP, FRAME, inEveryLook, PHONE } from "../lib/looks.mjs";

const SIZES = new Map([[DESKTOP, "desktop"], [FRAME, "frame"], [PHONE, "phone"]]);
const routed = (picker) => ({ policies: { plugins: [{ type: picker }], schedulingProfiles: [{ name: "default", plugins: [{ pluginRef: picker }] }] } });
const four = () => among(small(4), small(3), small(4, routed("random-picker")), small(8));

test("four fit, and axe finds no barrier, in one figure and in figures of their own", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, four());
    await compared(page);
    const seen = (name) => async (colorScheme, viewport) => {
      await page.screenshot({ path: join(OUT, `${SIZES.get(viewport)}-${colorScheme}-${name}.png`), fullPage: true });
      await checkAccessible(page);
      await checkNarrow(page);
    };
    await inEveryLook(page, [...SIZES.keys()], seen("compare-four"));
    await page.getByTestId("toggle-compare-itl-load").click();
    await page.getByTestId("compare-layout-apart").check({ force: true });
    await compared(page);
    await inEveryLook(page, [...SIZES.keys()], seen("compare-four-apart"));
  }));

test("on a phone the table of four is read without scrolling sideways, and is a table still", { skip: MISSING }, () =>
  withPage({ goto: false, context: { viewport: PHONE } }, async ({ page, url }) => {
    await open(page, url, four());
    await compared(page);
    const table = page.getByTestId("compare-table");
    const [wide, room] = await table.evaluate(({ parentElement: box }) => [box.scrollWidth, box.clientWidth]);
    assert.ok(wide <= room, `the table is ${wide} px wide in ${room} px`);
    await table.screenshot({ path: join(OUT, "phone-compare-four-table.png") });
    for (const name of ["Metric", "A", "B", "C", "D"]) {
      assert.equal(await table.getByRole("columnheader", { name, exact: true }).count(), 1, name);
    }
    const rows = await table.getByRole("rowheader").count();
    assert.ok(rows >= 3, `${rows} rows`);
    assert.equal(await table.getByRole("cell").count(), 4 * rows);
  }));

test("four fit in a frame, and axe finds no barrier", { skip: MISSING }, () =>
  withPage({ goto: false, context: { viewport: FRAME } }, async ({ page, url }) => {
    await open(page, `${url}?embed=1`, four());
    await compared(page);
    await inEveryLook(page, [FRAME], async (colorScheme) => {
      await page.screenshot({ path: join(OUT, `embed-${colorScheme}-compare-four.png`) });
      await checkAccessible(page);
      await checkNarrow(page);
      const [tall, room] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
      assert.ok(tall <= room, `${tall} px in ${room} px`);
      const box = await page.getByTestId("chart-compare-ttft-load").locator(".plot").boundingBox();
      assert.ok(box.height >= 120, `the figure is ${box.height} px high`);
    });
  }));
