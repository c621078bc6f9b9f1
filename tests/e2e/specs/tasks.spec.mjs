// What people come for, by mouse within a number of clicks, and by keyboard alone. Typing or choosing a value counts as one click.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compared, differing, sentence } from "../lib/compare.mjs";
import { withPage } from "../lib/harness.mjs";
import { answered, choose, field, LOAD, settled, verdict } from "../lib/page.mjs";

// Short runs: what is counted are clicks.
const PD = "#0.p.pd-chat;run.requests=500;run.replications=2;run.load.points=4";
const TTFT = "workload.classes[0].slo.ttft_ms";
const DECIDER = "policies.decider";
const OTHER_DECIDER = /always/i;
const COPYING = { permissions: ["clipboard-read", "clipboard-write"] };

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** A mouse that counts. */
function mouse() {
  const hand = { clicks: 0 };
  hand.click = (control) => ((hand.clicks += 1), control.click());
  hand.type = async (control, text) => ((hand.clicks += 1), await control.fill(text), control.blur());
  hand.choose = (control, text) => ((hand.clicks += 1), choose(control, text));
  return hand;
}

/** Presses a key until the control has the focus, which has to be seen at every stop on the way. */
async function reach(page, testId, { key = "Tab", most = 250 } = {}) {
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press(key);
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      const marks = (e) => ["outlineStyle", "boxShadow"].some((name) => getComputedStyle(e)[name] !== "none");
      // Of what is not drawn itself, the label beside it or around it shows the focus.
      const seen = [e, e.parentElement, e.nextElementSibling, e.closest("label")].some((e) => e && marks(e));
      return { id: e.dataset.testid, name: e.outerHTML.slice(0, 120), page: e === document.body, seen };
    });
    assert.ok(at.seen || at.page, `the focus is not seen at ${at.name}`);
    if (at.id === testId) return;
  }
  throw new Error(`${most} presses of ${key} do not reach ${testId}`);
}

const faster = (page) => page.getByTestId("sweep-csv").waitFor({ timeout: 60_000 });

/** The deployment that the sweep recommends, and that the table marks it. */
async function recommended(page) {
  await faster(page);
  assert.match(await page.getByTestId("sweep-best").innerText(), /GPU/);
  assert.ok((await page.getByTestId("sweep-table").locator("tr.starred").count()) >= 1);
}

test("see a meaningful result from a link: no click", () =>
  withPage({ path: PD }, async ({ page }) => {
    await settled(page);
    assert.match(await verdict(page), /^At [\d.]+ req\/s .*TTFT/);
  }));

test("what if the load doubles: one click, or a number typed", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const hand = mouse();
    await answered(page, () => hand.type(field(page, LOAD), "80"));
    assert.match(await verdict(page), /^At 80 req\/s /);
    assert.equal(hand.clicks, 1);

    await page.reload();
    await settled(page);
    await page.keyboard.press("Tab"); // "Skip to the answer" comes first.
    await page.keyboard.press("Enter");
    await reach(page, `field-${LOAD}`, { most: 8 });
    await answered(page, async () => {
      await page.keyboard.press("Control+A");
      await page.keyboard.type("40");
      await page.keyboard.press("Enter");
    });
    assert.match(await verdict(page), /^At 40 req\/s /);
  }));

test("compare two deciders on the same workload: two clicks", () =>
  withPage({ path: PD }, async ({ page }) => {
    await settled(page);
    const hand = mouse();
    await hand.click(page.getByTestId("compare-start"));
    await hand.choose(field(page, DECIDER), OTHER_DECIDER);
    await compared(page, 90_000);
    assert.match((await differing(page)).join("; "), /[Dd]ecider/);
    assert.match(await sentence(page), /^B against A at /);
    assert.equal(hand.clicks, 2);
  }));

test("the same by keyboard alone", () =>
  withPage({ path: PD }, async ({ page }) => {
    await settled(page);
    await reach(page, "compare-start");
    await page.keyboard.press("Enter");
    await reach(page, `field-${DECIDER}`);
    await page.keyboard.type("always");
    await compared(page, 90_000);
    assert.match((await differing(page)).join("; "), /[Dd]ecider.*always/i);
  }));

test("the cheapest deployment that meets a TTFT: three clicks", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const hand = mouse();
    await hand.click(page.getByTestId("tab-sweep"));
    await hand.type(field(page, TTFT), "120");
    await hand.click(page.getByTestId("sweep-run"));
    await recommended(page);
    assert.equal(hand.clicks, 3);
  }));

test("the same by keyboard alone", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await reach(page, `field-${TTFT}`);
    await page.keyboard.press("Control+A");
    await page.keyboard.type("120");
    await reach(page, "tab-answer");
    for (let i = 0; i < 8 && (await page.evaluate(() => document.activeElement.id)) !== "tab-sweep"; i += 1) await page.keyboard.press("ArrowRight");
    await reach(page, "sweep-run");
    await page.keyboard.press("Enter");
    await recommended(page);
  }));

test("share exactly what I see: one click; put it into a page of documentation: two", () =>
  withPage({ context: COPYING }, async ({ page }) => {
    await settled(page);
    const hand = mouse();
    await hand.click(page.getByTestId("share"));
    await page.getByTestId("share-link").waitFor();
    assert.match(await clipboard(page), /^http.*#0\.p\.landing@1;/);
    assert.match(await page.getByTestId("share-note").innerText(), /Link copied: \d+ characters/);
    assert.equal(hand.clicks, 1);
    await hand.click(page.getByTestId("copy-frame"));
    await page.getByTestId("share-frame").waitFor();
    assert.match(await clipboard(page), /^<iframe src="http.*\?embed=1#0\.p\.landing@1;/);
    assert.equal(hand.clicks, 2);
  }));

test("the same by keyboard alone", () =>
  withPage({ context: COPYING }, async ({ page }) => {
    await settled(page);
    await reach(page, "share", { key: "Shift+Tab" });
    await page.keyboard.press("Enter");
    await page.getByTestId("share-link").waitFor();
    assert.match(await clipboard(page), /^http.*#0\.p\.landing@1;/);
    await reach(page, "copy-frame", { most: 4 });
    await page.keyboard.press("Enter");
    await page.getByTestId("share-frame").waitFor();
    assert.match(await clipboard(page), /^<iframe /);
  }));
