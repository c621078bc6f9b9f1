// A comparison in a link: opened elsewhere, damaged, of sides that make no pairs, in somebody else's page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BRIEF, linkOf, MISSING, scenarioOf } from "../lib/cli.mjs";
import { compared, comparing, differing, lines, result, sentence, stage } from "../lib/compare.mjs";
import { checkAccessible, started, watch, withPage } from "../lib/harness.mjs";
import { banner, field, pause, REPLICAS, settled } from "../lib/page.mjs";

/** Longer than the page waits before the address follows. */
const ADDRESS_MS = 600;

test("a link opens the same comparison to the last bit", () =>
  withPage({ path: BRIEF }, async ({ page, context }) => {
    await comparing(page);
    const mine = await result(page);
    await page.waitForFunction(() => location.hash.includes("&b="));
    await page.getByTestId("share").click();
    const link = await page.getByTestId("share-link").inputValue();
    assert.ok(link.length < 800, `${link.length} characters`);
    const other = await context.newPage();
    const errors = watch(other);
    await other.goto(link);
    await started(other);
    assert.equal(await other.getByTestId("tab-compare").getAttribute("aria-selected"), "true");
    await compared(other);
    assert.deepEqual(await result(other), mine);
    assert.equal(await other.getByTestId("banner").count(), 0);
    assert.deepEqual(errors, []);
  }));

test("a link whose second scenario is damaged opens the first and says so", () =>
  withPage(async ({ page, context, url }) => {
    await comparing(page);
    await page.waitForFunction(() => location.hash.includes("&b="));
    const link = await page.evaluate(() => location.hash);
    for (const [broken, says] of [
      [link.slice(0, -5), /second scenario of this comparison cannot be opened.*incomplete: \d+ of \d+/],
      [link.replace(/.(.{9})$/, (_, end) => `*${end}`), /second scenario.*changed on its way/],
    ]) {
      const other = await context.newPage();
      await other.goto(url + broken);
      await started(other);
      await settled(other);
      assert.match(await banner(other, "comparison").innerText(), says);
      assert.equal(await field(other, REPLICAS).inputValue(), "4", "A is open");
      assert.equal(await other.getByTestId("sides").count(), 0);
      await pause(ADDRESS_MS);
      assert.equal(await other.evaluate(() => location.hash), broken, "and can be looked at");
      await other.close();
    }
  }));

test("sides that make no pairs say why, and are aligned by a click", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    const a = linkOf({});
    const b = linkOf({ run: { seed: 7, replications: 3 }, topology: { pools: [{ replicas: 5 }] } });
    await page.goto(`${url}${a}&b=${b.slice(1)}`);
    await started(page);
    await page.getByTestId("compare-problem").waitFor();
    assert.match(await page.getByTestId("compare-problem").innerText(), /different seeds, they are repeated unequally often/);
    assert.equal(await stage(page), "blocked");
    await page.getByTestId("align-sides").click();
    await compared(page);
    assert.deepEqual(await differing(page), ["Replicas: 4 → in A, 5 in B"]);
    await page.waitForFunction(() => location.hash.includes("&b="));
    const second = await page.evaluate(() => location.hash.split("&b=")[1]);
    assert.equal(scenarioOf(`#${second}`).run.seed, 42);
  }));

test("in a frame a link of two shows the sentence and one figure, and leads to the whole page", () =>
  withPage(async ({ page, context, url }) => {
    await comparing(page);
    const mine = await sentence(page);
    await page.waitForFunction(() => location.hash.includes("&b="));
    const link = await page.evaluate(() => location.hash);
    const frame = await context.newPage();
    await frame.setViewportSize({ width: 720, height: 480 });
    await frame.goto(`${url}?embed=1${link}`);
    await started(frame);
    await compared(frame);
    // Less of it, where there is less room.
    assert.equal((await sentence(frame)).split(" (better)")[0], mine.split(" (better)")[0]);
    assert.equal((await lines(frame, "ttft-load")).length, 2);
    const box = await frame.getByTestId("chart-compare-ttft-load").locator(".plot").boundingBox();
    assert.ok(box.height >= 120, `the figure is ${box.height} px high`);
    const [tall, room] = await frame.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
    assert.ok(tall <= room, `${tall} px in ${room} px`);
    await checkAccessible(frame);
    assert.match(await frame.getByTestId("open-full").getAttribute("href"), /#0\.z\..*&b=0\.z\./);
  }));
