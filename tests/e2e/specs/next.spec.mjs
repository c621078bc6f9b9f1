// The next step: changes one at a time, ranked, applied with a click and undone with another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, digest, field, LOAD, REPLICAS, settled, slider } from "../lib/page.mjs";

const stage = (page) => page.getByTestId("next").getAttribute("data-stage");
const over = (page) => page.waitForFunction(() => document.querySelector("[data-testid=next]").dataset.stage === "done", null, { timeout: 90_000 });
const rows = (page) =>
  page.getByTestId("next-table").locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));

test("the resource that binds is named, changes are ranked, and one click makes one", (t) =>
  withPage(async ({ page }) => {
    await settled(page);
    await answered(page, () => slider(page, LOAD).fill("80"));
    assert.match(await page.getByTestId("binding").innerText(), /^Nearest to its limit: .*nominal capacity/);
    const before = await digest(page);
    const begin = Date.now();
    await page.getByTestId("next-run").click();
    await over(page);
    t.diagnostic(`${await page.getByTestId("next-status").innerText()} in ${Date.now() - begin} ms`);
    const all = await rows(page);
    t.diagnostic(all.map((row) => row.toSpliced(1, 1).join(" | ")).join("\n"));
    const at = (label) => all.findIndex(([name]) => name.startsWith(label));
    assert.ok(at("Replicas 4 → 5") >= 0 && at("Replicas 4 → 5") < at("Replicas 4 → 3"));
    const order = ["better", "not significant", "equal", "worse", "nothing measured"];
    const ranks = all.map((row) => order.findIndex((word) => row[4].includes(word)));
    assert.deepEqual(ranks, ranks.toSorted());
    for (const row of all) assert.match(row[2], /^[+−0].*\[.*\]|^[+−]?0|—/, row.join(" | "));
    await checkAccessible(page);

    const row = page.getByTestId("next-table").locator("tbody tr").filter({ hasText: "Replicas 4 → 5" });
    await answered(page, () => row.getByTestId("next-apply").click());
    assert.equal(await field(page, REPLICAS).inputValue(), "5");
    assert.equal(await page.getByTestId("next-table").count(), 0, "changes of another scenario go");
    await answered(page, () => page.getByTestId("undo").click());
    assert.equal(await digest(page), before);

    // What is known already takes no time.
    await page.getByTestId("next-run").click();
    await over(page);
    assert.deepEqual(await rows(page), all);
    await page.getByTestId("next-table").locator("tbody tr").filter({ hasText: "Replicas 4 → 3" }).getByTestId("next-compare").click();
    await page.waitForFunction(() => document.querySelector("[data-testid=compare]").dataset.stage === "done", null, { timeout: 60_000 });
    assert.match(await page.getByTestId("compare-settings").innerText(), /Replicas: 4 → [^]*3/);
  }));

test("it can be stopped, and an edit ends it", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.getByTestId("next-run").click();
    await page.getByTestId("next-cancel").click();
    assert.match(await stage(page), /stopped|done/);
    await page.getByTestId("next-run").click();
    await answered(page, () => slider(page, LOAD).fill("45"));
    assert.equal(await stage(page), "waiting");
  }));
