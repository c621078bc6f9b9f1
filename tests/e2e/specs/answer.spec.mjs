// Opened for the first time, the page has an answer: a sentence, two charts, a table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, linkOf, MISSING } from "../lib/cli.mjs";
import { started, withPage } from "../lib/harness.mjs";
import { CHARTS, curve, digest, lookAt, settled, state, verdict } from "../lib/page.mjs";

/** Of the layout, as browsers count it; below a tenth counts as good. */
const SHIFT_MAX = 0.02;

test("a cold visit ends in a sentence, two charts and a table", () =>
  withPage(async ({ page }) => {
    await settled(page);
    assert.equal(await state(page), "settled");
    assert.match(await verdict(page), /^At [\d.]+ req\/s .*TTFT p99 is [\d.]+ m?s.*\.$/);
    assert.equal(await page.getByTestId("verdict-chip").count(), 0, "a settled answer wears no chip");
    for (const chart of CHARTS) {
      const drawing = page.getByTestId(`chart-${chart}`);
      const pictured = await curve(page, chart);
      const { x, y, above } = pictured;
      assert.ok(x.length >= 10, `${chart} has ${x.length} loads`);
      assert.deepEqual(x, x.toSorted((a, b) => a - b), "loads ascend");
      assert.ok(y.every((value) => value > 0), "every load was measured");
      assert.ok(above.some((length) => length > 0), "intervals are drawn");
      assert.ok((await drawing.locator(".plot-picture svg :is(circle, path[d$=Z])").count()) >= 10, "marks are painted");
      assert.equal(await drawing.locator(".js-plotly-plot").count(), 0, "nobody came to it so far");
      const box = await drawing.boundingBox();
      await lookAt(page, chart);
      assert.deepEqual(await curve(page, chart), pictured, "who looks closely sees the same");
      assert.ok((await drawing.locator(".scatterlayer .point").count()) >= 10, "marks are painted");
      assert.deepEqual(await drawing.boundingBox(), box, "nothing moves");
      assert.match(await page.getByTestId(`caption-${chart}`).innerText(), /(rises|falls|stays) .* req\/s/);
    }
    assert.ok((await page.getByTestId("loads-table").locator("tbody tr").count()) >= 10);
    assert.equal(await page.getByTestId("tiles").locator(".tile").count(), 5);
    assert.match(await digest(page), /^[0-9a-f]{64}$/);
  }));

for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
  test(`nothing moves while the page and its answer come: ${viewport.width} px`, (t) =>
    withPage({ goto: false, context: { viewport } }, async ({ page, url }) => {
      await page.addInitScript(() => {
        globalThis.shifts = [];
        const note = (list) => globalThis.shifts.push(...list.getEntries().map(({ value, sources }) => ({ value, what: sources.map(({ node }) => node?.className ?? "") })));
        new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
      });
      await page.goto(url);
      await started(page);
      await settled(page);
      const shifts = await page.evaluate(() => globalThis.shifts);
      const sum = shifts.reduce((sum, { value }) => sum + value, 0);
      t.diagnostic(`layout shift ${sum.toFixed(4)}`);
      assert.ok(sum <= SHIFT_MAX, JSON.stringify(shifts));
    }));
}

test("the page and the command line compute the same, to the last bit", { skip: MISSING }, async () => {
  const wanted = digestOf(linkOf({}));
  await withPage(async ({ page }) => {
    await settled(page);
    assert.equal(await digest(page), wanted);
  });
});
