// The sides of a comparison as they go: one time for all, each with its own state at it, jumps over all of them, and a request
// on every side that it came to.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { linkOf, MISSING } from "../lib/cli.mjs";
import { among, open, small } from "../lib/compare.mjs";
import { checkAccessible, OUT, withPage } from "../lib/harness.mjs";
import { checkNarrow, DESKTOP, FRAME, inEveryLook, PHONE } from "../lib/looks.mjs";
import { live, written } from "../lib/live.mjs";
import { pause, seenWhile } from "../lib/page.mjs";

const SIZES = new Map([[DESKTOP, "desktop"], [FRAME, "frame"], [PHONE, "phone"]]);
/** One that keeps up and one that hardly does, under the load of both. */
const two = () => among(small(4), small(2));

const moment = async (page) => Number.parseFloat(await page.getByTestId("live-moment").innerText());
/** The moment that each side shows, what it shows of the cluster, of time, and in words. */
const shown = (page, letters = ["A", "B"]) =>
  page.evaluate(async (letters) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const find = (id) => document.querySelector(`[data-testid="${id}"]`);
    return letters.map((letter) => ({
      at: Number(find(`live-cluster-${letter}`).dataset.at),
      cluster: find(`live-cluster-${letter}`).toDataURL(),
      lanes: find(`live-lanes-${letter}`).toDataURL(),
      head: find(`live-lanes-${letter}`).parentElement.querySelector(".live-head").style.left,
      stand: find(`live-cluster-${letter}`).closest(".live-screen").querySelector(".live-stand").textContent,
    }));
  }, letters);

/** Both stand at the moment of the clock, and differ. */
async function locked(page) {
  const [a, b] = await shown(page);
  assert.equal(a.at, b.at);
  assert.ok(Math.abs(a.at - (await moment(page))) < 0.001, `${a.at}`);
  assert.equal(a.head, b.head, "at the same place of the same axis");
  assert.notEqual(a.cluster, b.cluster);
  assert.notEqual(a.lanes, b.lanes);
  return [a, b];
}

test("both sides stand at the same moment, however it is gone to", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, two());
    const hash = await page.evaluate(() => location.hash);
    await live(page, 2);
    assert.equal(await page.getByTestId("live-play").count(), 1, "there is one time");
    const said = await page.getByTestId("live-sentence").locator("p").allInnerTexts();
    assert.equal(said.length, 3, said.join("\n"));
    assert.match(said[0], /^The first run of each at 40 req\/s/);
    assert.match(said[1], /^A Replicas 4: [\d,]+ requests, /);
    assert.match(said[2], /^B Replicas 2: [\d,]+ requests, /);
    const [begin] = await locked(page);

    await page.getByTestId("live-play").click();
    await page.waitForFunction((t) => Number.parseFloat(document.querySelector("[data-testid=live-moment]").innerText) > t + 0.3, begin.at);
    await page.getByTestId("live-play").click();
    const [played] = await locked(page);
    assert.ok(played.at > begin.at && played.cluster !== begin.cluster);

    await page.getByTestId("live-scrubber").evaluate((input) => {
      input.value = String(Number(input.max) / 2);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    const [, scrubbed] = await locked(page);
    assert.ok(scrubbed.at > 3 && scrubbed.at !== played.at);
    await page.getByTestId("live-scrubber").focus();
    await page.keyboard.press("Home");
    assert.equal((await locked(page))[0].at, 0);
    await page.keyboard.press(".");
    assert.ok((await locked(page))[1].at > 0);
    // A press on the lanes of one side moves both.
    await page.getByTestId("live-lanes-B").scrollIntoViewIfNeeded();
    const box = await page.getByTestId("live-lanes-B").boundingBox();
    await page.mouse.click(box.x + box.width * 0.7, box.y + 30);
    const [pressed] = await locked(page);
    assert.ok(Math.abs(Number.parseFloat(pressed.head) - 70) < 1, pressed.head);

    assert.ok(await page.getByTestId("undo").isDisabled(), "looking is nothing to undo");
    assert.equal(await page.evaluate(() => location.hash), hash);
  }));

test("a jump goes to what comes first on any side, and a request is looked at on all", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, among(small(4), small(1)));
    await live(page, 2);
    await page.getByTestId("live-first-miss").click();
    assert.match(await page.getByTestId("live-said").textContent(), /^[AB]: At [\d.]+ s request [\d,]+ misses its (TTFT|ITL|E2E) target of /);
    const first = (await locked(page))[0].at;
    const trace = page.getByTestId("live-trace");
    assert.match(await trace.locator("h2").innerText(), /^Request [\d,]+$/);
    await page.getByTestId("live-longest-queue").click();
    assert.match(await page.getByTestId("live-said").textContent(), /^B: At [\d.]+ s [\d,]+ requests are in queues, more than at any other moment\./);
    const [, queue] = await locked(page);
    assert.ok(queue.at !== first);
    assert.match(queue.stand, /^[1-9][\d,]* in queues · [\d,]+ in batches · [\d,]+ missed a target$/);

    // Under the same random numbers a request is the same on both.
    const abouts = async (number) => {
      await page.getByTestId("live-number").fill(String(number));
      await page.getByTestId("live-number").press("Enter");
      await page.waitForFunction((text) => document.querySelector("#live-trace-title").innerText === text, `Request ${number.toLocaleString("en")}`);
      return page.locator("[data-testid^=live-trace-about-]").allInnerTexts();
    };
    const asked = (text) => /([\d,]+) prompt tokens.*?([\d,]+) output tokens\. It arrived at ([\d.]+) s/.exec(text)?.slice(1);
    const most = Number(await page.getByTestId("live-number").getAttribute("max"));
    // One that came after those who were there from the beginning.
    let number = 100;
    let [a, b] = await abouts(number);
    while (!(b && asked(a)) && number + 50 < most) {
      number += 50;
      [a, b] = await abouts(number);
    }
    assert.ok(asked(a), `${number}: ${a}`);
    assert.deepEqual(asked(a), asked(b));
    assert.notEqual(a, b, "and what comes of it is not");
    for (const letter of ["A", "B"]) {
      assert.ok((await page.getByTestId(`live-stages-${letter}`).locator("tbody tr").count()) >= 2);
      assert.ok(await page.getByTestId(`live-why-${letter}`).count());
    }
    await page.getByTestId("live-to-arrival").click();
    await locked(page);
    assert.deepEqual((await page.getByTestId("live-list").locator("thead th").allInnerTexts()).slice(2), ["A", "B"]);
  }));

test("sides come and go, and one alone is looked at as ever", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, among(small(4), small(2), small(3)));
    await live(page, 3);
    const three = await shown(page, ["A", "B", "C"]);
    assert.equal(new Set(three.map(({ at }) => at)).size, 1);
    assert.equal(new Set(three.map(({ cluster }) => cluster)).size, 3);
    await page.getByTestId("live-alone").check({ force: true });
    await written(page, 1);
    assert.match(await page.getByTestId("live-sentence").innerText(), /^The first run at 40 req\/s: /);
    await page.getByTestId("live-cluster").waitFor();
    await page.getByTestId("live-together").check({ force: true });
    await written(page, 3);
    await page.getByTestId("stop-comparing").click();
    await written(page, 1);
    assert.ok(await page.getByTestId("live-together").isHidden());
    await page.getByTestId("undo").click();
    await written(page, 3);
    await page.getByTestId("save-live").locator("summary").click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("save-live-chrome-trace-C").click()]);
    assert.match(download.suggestedFilename(), /run-c\.trace\.json$/);
  }));

test("whoever wants no motion gets steps, on both sides", { skip: MISSING }, () =>
  withPage({ goto: false, context: { reducedMotion: "reduce" } }, async ({ page, url }) => {
    await open(page, url, two());
    await live(page, 2);
    await page.getByTestId("live-play").click();
    const seen = await seenWhile(page, ["live-cluster-A", "live-cluster-B"], 1700);
    await page.getByTestId("live-play").click();
    assert.ok(seen.length >= 2 && seen.length <= 5, seen.join(", "));
    assert.ok(seen.every((both) => both.split(" ")[0] === both.split(" ")[1]), seen.join(", "));
  }));

test("two, and four, fit at every size, and axe finds no barrier", { skip: MISSING, timeout: 400_000 }, () =>
  withPage({ goto: false }, async ({ page, context, url }) => {
    await mkdir(OUT, { recursive: true });
    const routed = { policies: { plugins: [{ type: "random-picker" }], schedulingProfiles: [{ name: "default", plugins: [{ pluginRef: "random-picker" }] }] } };
    for (const [name, link, letters] of [
      ["live-two", two(), ["A", "B"]],
      ["live-four", among(small(4), small(2), small(4, routed), small(6)), ["A", "B", "C", "D"]],
    ]) {
      const here = name === "live-two" ? page : await context.newPage();
      await open(here, url, link);
      await live(here, letters.length);
      await here.getByTestId("live-longest-queue").click();
      await here.getByTestId("live-number").fill("150");
      await here.getByTestId("live-number").press("Enter");
      await here.getByTestId("live-why-B").first().waitFor();
      await pause(300);
      await inEveryLook(here, [...SIZES.keys()], async (colorScheme, viewport) => {
        await here.screenshot({ path: join(OUT, `${SIZES.get(viewport)}-${colorScheme}-${name}.png`), fullPage: true });
        await checkAccessible(here);
        await checkNarrow(here, name);
        const boxes = await Promise.all(letters.slice(0, 2).map((letter) => here.getByTestId(`live-lanes-${letter}`).boundingBox()));
        assert.equal(boxes[0].y === boxes[1].y, viewport !== PHONE, "beside each other where there is room");
        assert.ok(Math.abs(boxes[0].width - boxes[1].width) < 1, "on the same axis");
      });
    }
  }));
