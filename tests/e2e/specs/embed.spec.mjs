// Inside somebody else's page: it fits, keeps out of the host's history, and leads to the whole page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, started, watch, withPage } from "../lib/harness.mjs";
import { answered, curve, digest, drag, LOAD, lookAt, range, settled, slider, state, verdict } from "../lib/page.mjs";

const SIZE = { width: 720, height: 480 };

/** Puts the page of another server into a frame, waits for its answer, and gives `{ page, frame, … }` to `body`. */
async function withFrame({ query = "?embed=1", sandbox, size = SIZE, context = {} }, body) {
  const inner = await serve();
  const only = sandbox ? `sandbox="${sandbox}"` : "";
  const style = `width:${size.width}px;height:${size.height}px;border:0`;
  const host = `<!doctype html><title>Host</title><link rel="icon" href="data:,"><iframe src="${inner.url}${query}" ${only} style="${style}"></iframe>`;
  try {
    await withPage(
      { path: "host.html", start: false, server: { pages: { "host.html": host } }, context },
      async (parts) => {
        const frame = await (await parts.page.locator("iframe").elementHandle()).contentFrame();
        await started(frame);
        await settled(frame);
        await body({ ...parts, frame });
      },
    );
  } finally {
    await inner.close();
  }
}

/** Everything in the frame that scrolls, or would have to. */
const overflowing = (frame) =>
  frame.evaluate(() => {
    const scrolls = (e) => e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflow);
    return [document.documentElement, ...document.body.querySelectorAll("*")]
      .filter((e) => scrolls(e) && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight))
      .map((e) => `${e.tagName}.${e.className}: ${e.scrollWidth}×${e.scrollHeight} in ${e.clientWidth}×${e.clientHeight}`);
  });

/** Words of a page that lie outside of its frame. */
const outside = (frame) =>
  frame.evaluate(() =>
    [...document.querySelectorAll("[data-testid]:not([hidden])")]
      .filter((e) => e.getClientRects().length > 0 && !e.closest(".visually-hidden"))
      .filter((e) => {
        const { left, top, right, bottom } = e.getBoundingClientRect();
        return left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
      })
      .map((e) => e.dataset.testid),
  );

test("at 720 × 480 everything is in sight", () =>
  withFrame({}, async ({ frame }) => {
    assert.deepEqual(await overflowing(frame), []);
    assert.deepEqual(await outside(frame), []);
    assert.match(await verdict(frame), /^At 40 req\/s /);
    assert.ok((await curve(frame, "ttft-load")).x.length >= 10);
    const box = await frame.getByTestId("chart-ttft-load").locator(".plot").boundingBox();
    assert.ok(box.height >= 150, `the chart is ${box.height} px high`);
  }));

test("editing leaves the host's history alone, and Open leads to the whole page", () =>
  withFrame({}, async ({ page, frame, context }) => {
    const steps = await page.evaluate(() => history.length);
    await frame.evaluate(() => {
      globalThis.historyWrites = 0;
      for (const name of ["pushState", "replaceState"]) {
        const write = history[name].bind(history);
        history[name] = (...args) => ((globalThis.historyWrites += 1), write(...args));
      }
    });
    await answered(frame, () => drag(page.mouse, slider(frame, LOAD), range(40, 60, 1)));
    assert.match(await verdict(frame), /^At 60 req\/s /);
    await page.waitForTimeout(600); // Longer than the whole page waits before it writes its address.
    assert.equal(await frame.evaluate(() => globalThis.historyWrites), 0);
    assert.equal(await frame.evaluate(() => location.hash), "");
    assert.equal(await page.evaluate(() => history.length), steps);

    const opened = context.waitForEvent("page");
    await frame.getByTestId("open-full").click();
    const whole = await opened;
    const errors = watch(whole);
    await started(whole);
    await settled(whole);
    assert.doesNotMatch(whole.url(), /embed/);
    assert.equal(await digest(whole), await digest(frame));
    assert.equal(await verdict(whole), await verdict(frame));
    assert.equal(await whole.getByTestId("panel").count(), 1);
    assert.deepEqual(errors, []);
  }));

test("in a sandboxed frame without an origin it answers and can be edited", () =>
  withFrame({ sandbox: "allow-scripts" }, async ({ page, frame }) => {
    const before = await digest(frame);
    await answered(frame, () => drag(page.mouse, slider(frame, LOAD), range(40, 60, 1)));
    assert.equal(await state(frame), "settled");
    assert.notEqual(await digest(frame), before);
    assert.deepEqual(await overflowing(frame), []);
  }));

test("a smaller frame scrolls down, not sideways", () =>
  withFrame({ size: { width: 340, height: 480 } }, async ({ frame }) => {
    const [wide, room] = await frame.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= room, `${wide} px in ${room} px`);
  }));

const brightness = (frame) =>
  frame.evaluate(() => {
    const [r, g, b] = getComputedStyle(document.documentElement).backgroundColor.match(/[\d.]+/g).map(Number);
    return (r + g + b) / 3;
  });

for (const [theme, system] of [["light", "dark"], ["dark", "light"]]) {
  test(`the host chooses the theme: ${theme}`, () =>
    withFrame({ query: `?embed=1&theme=${theme}`, context: { colorScheme: system } }, async ({ frame }) => {
      const bright = await brightness(frame);
      assert.ok(theme === "light" ? bright > 200 : bright < 60, `background ${bright}`);
      const ink = await (await lookAt(frame, "ttft-load")).evaluate((plot) => plot.layout.font.color);
      const [r, g, b] = ink.match(/[\d.]+/g).map(Number);
      assert.ok(theme === "light" ? r + g + b < 300 : r + g + b > 450, `words in the chart are ${ink}`);
    }));
}

test("readers may change what the frame's address names", () =>
  withFrame({ query: "?embed=1&controls=topology.pools.0.replicas,title,made.up", size: { width: 720, height: 552 } }, async ({ frame }) => {
    assert.equal(await frame.getByTestId("embed-controls").locator("input").count(), 1);
    const before = await digest(frame);
    await answered(frame, () => frame.getByTestId("field-topology.pools[0].replicas").fill("6"));
    assert.notEqual(await digest(frame), before);
    assert.deepEqual(await overflowing(frame), []);
    assert.deepEqual(await outside(frame), []);
  }));
