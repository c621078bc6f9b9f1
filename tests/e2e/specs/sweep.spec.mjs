// A sweep runs to its end, keeps what it found when it is stopped, and does without a worker that dies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withPage } from "../lib/harness.mjs";
import { digest, settled } from "../lib/page.mjs";

const AXES = ["topology.pools[0].engine.tensor_parallel_size", "topology.pools[0].replicas"];

/** On the Sweep tab, with these values on the first axes and one on every other. */
async function prepared(page, ...lists) {
  await settled(page);
  await page.getByTestId("tab-sweep").click();
  await page.getByTestId("sweep-run").waitFor();
  const fields = page.locator(".sweep-axes input");
  for (let i = 0; i < (await fields.count()); i += 1) {
    const field = fields.nth(i);
    const place = AXES.indexOf(await field.getAttribute("data-path"));
    const first = (await field.inputValue()).split(",")[0];
    await field.fill(lists[place] ?? first);
  }
}

/** The texts of the table, by row. */
const rows = (page) =>
  page
    .getByTestId("sweep-table")
    .locator("tbody tr")
    .evaluateAll((all) => all.map((row) => row.innerText.replace(/\s+/g, " ")));

async function swept(page) {
  await page.getByTestId("sweep-run").click();
  await page.getByTestId("sweep-csv").waitFor();
  return rows(page);
}

test("every combination is in the table, and the answer stays", () =>
  withPage(async ({ page }) => {
    await prepared(page, "1, 2", "1, 2");
    const before = await digest(page);
    const found = await swept(page);
    assert.equal(found.length, 4);
    assert.match(await page.getByTestId("sweep-sentence").innerText(), /^4 combinations/);
    await page.getByTestId("tab-answer").click();
    await settled(page);
    assert.equal(await digest(page), before);
  }));

test("axes travel with the link and come back with undo, and change no answer", () =>
  withPage({ context: { permissions: ["clipboard-read", "clipboard-write"] } }, async ({ page, browser }) => {
    await settled(page);
    const before = await digest(page);
    const axis = (page) => page.locator(`.sweep-axes input[data-path="${AXES[1]}"]`);
    await page.getByTestId("tab-sweep").click();
    const first = await axis(page).inputValue();
    await axis(page).fill("3, 5,7");
    await axis(page).press("Tab");
    await page.getByTestId("share").click();
    const link = await page.getByTestId("share-link").inputValue();
    const elsewhere = await browser.newContext();
    try {
      const other = await elsewhere.newPage();
      await other.goto(link);
      await settled(other);
      assert.equal(await digest(other), before);
      await other.getByTestId("tab-sweep").click();
      assert.equal(await axis(other).inputValue(), "3, 5, 7");
      assert.equal(await other.getByTestId("unshown").count(), 0);
    } finally {
      await elsewhere.close();
    }
    await page.getByTestId("undo").click();
    assert.equal(await axis(page).inputValue(), first);
    await settled(page);
    assert.equal(await digest(page), before);
  }));

test("any number of the scenario becomes an axis, and stops being one", () =>
  withPage(async ({ page }) => {
    await prepared(page, "2", "2, 4");
    const path = "workload.classes[0].output.mean";
    await page.getByTestId("sweep-add").focus();
    await page.getByTestId("sweep-add").selectOption(path);
    const axis = page.locator(`.sweep-axes input[data-path="${path}"]`);
    const values = await axis.inputValue();
    assert.equal(values.split(", ").length, 3, values);
    assert.equal(await page.getByTestId("sweep-add").locator(`option[value="${path}"]`).count(), 0);
    await axis.fill("100, 200");
    await axis.press("Tab");
    assert.match(await page.getByTestId("sweep-plan").innerText(), /^4 combinations/);
    // Others go: what is left is swept alone.
    for (let left = await page.locator(".sweep-axes input").count(); left > 1; left -= 1) await page.getByTestId("sweep-remove-0").click();
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "sweep-add");
    assert.ok(await page.getByTestId("sweep-remove-0").isHidden());
    const found = await swept(page);
    assert.equal(found.length, 2);
    assert.ok(found.some((row) => row.includes("100")) && found.some((row) => row.includes("200")), found.join("\n"));
    await page.getByTestId("undo").click();
    assert.equal(await page.locator(".sweep-axes input").count(), 2);
  }));

test("a sweep whose worker dies finds the same", () =>
  withPage(async ({ page }) => {
    await prepared(page, "1, 2", "1, 2, 3");
    const calm = await swept(page);
    const answering = page.workers().length;
    await page.getByTestId("sweep-run").click();
    await page.getByTestId("sweep-cancel").waitFor();
    const worker = page.workers().at(-1);
    await worker.evaluate(() => void setTimeout(() => { throw new Error("killed by a test"); })).catch(() => {});
    await page.getByTestId("sweep-csv").waitFor();
    assert.deepEqual(await rows(page), calm);
    assert.ok(page.workers().length <= answering, "the dead are replaced, not joined");
  }));

test("a sweep that is stopped keeps what it found", () =>
  withPage(async ({ page }) => {
    await prepared(page, "1, 2, 4", "1, 2, 3, 4, 6, 8");
    await page.getByTestId("sweep-run").click();
    await page.getByTestId("sweep-table").locator("tbody tr").first().waitFor();
    await page.getByTestId("sweep-cancel").click();
    assert.ok((await rows(page)).length > 0);
    assert.match(await page.getByTestId("sweep-sentence").innerText(), /of 18 — partial/);
    assert.equal((await swept(page)).length, 18, "and runs again");
  }));
