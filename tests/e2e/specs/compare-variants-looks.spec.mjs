// Four scenarios compared at every size: no barrier, and nothing wider than the window.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MISSING } from "../lib/cli.mjs";
import { among, compared, open, small } from "../lib/compare.mjs";
import { checkAccessible, OUT, withPage } from "../lib/harness.mjs";

for (const colorScheme of ["light", "dark"]) {
  for (const { size, path, viewport } of [
    { size: "desktop", path: "", viewport: { width: 1440, height: 900 } },
    { size: "frame", path: "", viewport: { width: 720, height: 480 } },
    { size: "embed", path: "?embed=1", viewport: { width: 720, height: 480 } },
    { size: "phone", path: "", viewport: { width: 390, height: 844 } },
  ]) {
    test(`four fit, and axe finds no barrier: ${size}, ${colorScheme}`, { skip: MISSING }, () =>
      withPage({ goto: false, context: { viewport, colorScheme } }, async ({ page, url }) => {
        const routed = (picker) => ({ policies: { plugins: [{ type: picker }], schedulingProfiles: [{ name: "default", plugins: [{ pluginRef: picker }] }] } });
        await open(page, url + path, among(small(4), small(3), small(4, routed("random-picker")), small(8)));
        await compared(page);
        const shot = (name) => page.screenshot({ path: join(OUT, `${size}-${colorScheme}-${name}.png`), fullPage: !path });
        const narrow = async () => {
          const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
          assert.ok(wide <= room, `the page is ${wide} px wide in ${room} px`);
        };
        await shot("compare-four");
        await checkAccessible(page);
        await narrow();
        if (path) {
          const [tall, room] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
          assert.ok(tall <= room, `${tall} px in ${room} px`);
          const box = await page.getByTestId("chart-compare-ttft-load").locator(".plot").boundingBox();
          assert.ok(box.height >= 120, `the figure is ${box.height} px high`);
          return;
        }
        await page.getByTestId("toggle-compare-itl-load").click();
        await checkAccessible(page);
        await page.getByTestId("compare-layout-apart").check({ force: true });
        await compared(page);
        await shot("compare-four-apart");
        await narrow();
      }));
  }
}
