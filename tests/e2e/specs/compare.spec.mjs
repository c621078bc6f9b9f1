// Two scenarios side by side: edited, exchanged, stopped; with a dead worker; and what prefix routing gains.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BRIEF } from "../lib/cli.mjs";
import { compared, comparing, differing, fingerprint, lines, sentence, stage, table } from "../lib/compare.mjs";
import { started, withPage } from "../lib/harness.mjs";
import { answered, choose, digest, field, LOAD, REPLICAS, settled, slider } from "../lib/page.mjs";

/** The numbers in a text: of a difference [it, its lower end, its upper end]. */
const numbers = (text) => text.replaceAll("−", "-").replaceAll(",", "").match(/[-+]?\d+(\.\d+)?/g).map(Number);

test("a copy is compared: edits go to B, and the differences are those of the edit", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const alone = await digest(page);
    await page.getByTestId("compare-start").click();
    assert.equal(await page.getByTestId("tab-compare").getAttribute("aria-selected"), "true");
    assert.equal(await stage(page), "blocked");
    assert.match(await sentence(page), /A and B are alike/);
    assert.ok(await page.getByTestId("side-B").isChecked(), "B is in hand");

    await field(page, REPLICAS).fill("6");
    await field(page, REPLICAS).blur();
    await compared(page);
    assert.deepEqual(await differing(page), ["Replicas: 4 → in A, 6 in B"]);
    const first = await sentence(page);
    assert.match(first, /^B against A at 40 req\/s: TTFT p99 −[\d.]+ % \[−[\d.]+, −[\d.]+\] \(better\)/);
    assert.match(await page.getByTestId("compare-names").innerText(), /A Replicas 4 against B Replicas 6/);
    const rows = await table(page);
    assert.match(rows[0], /^TTFT p99 \| .* \| 4 \| ✓ B is better$/);
    assert.ok(rows.some((row) => /^GPUs \| 4 \| 6/.test(row)), rows.join("\n"));

    // Both sides at the same loads, up to where one of them is far beyond its capacity.
    const [a, b] = await lines(page, "ttft-load");
    assert.ok(a.x.every((x) => b.x.includes(x)) && a.x.length >= 12 && a.dash !== b.dash);

    // Another edit of B is another difference; A stays what it was.
    await field(page, REPLICAS).fill("8");
    await field(page, REPLICAS).blur();
    await page.waitForFunction((old) => document.querySelector("[data-testid=compare-sentence]").textContent.trim() !== old, first);
    await compared(page);
    assert.notEqual(await sentence(page), first);
    assert.match(await page.getByTestId("compare-names").innerText(), /A Replicas 4 against B Replicas 8/);

    // The other side in hand is the scenario as it was.
    await answered(page, () => page.getByTestId("side-A").check({ force: true }));
    assert.equal(await digest(page), alone);
    assert.equal(await field(page, REPLICAS).inputValue(), "4");
  }));

test("the load is moved for both sides, and the statistic is the one chosen", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await comparing(page);
    const before = await fingerprint(page);
    await page.getByTestId(`compare-slider-${LOAD}`).fill("60");
    await page.waitForFunction((old) => document.querySelector("[data-testid=compare-sentence]").dataset.digest !== old, before);
    await compared(page);
    assert.match(await sentence(page), /^B against A at 60 req\/s/);
    assert.equal((await differing(page)).length, 1, "the load is no difference");
    await page.getByTestId("compare-statistic-mean").check({ force: true });
    assert.match(await sentence(page), /TTFT mean/);
    assert.match((await table(page))[0], /^TTFT mean/);
  }));

test("undo and redo go through both sides, their exchange and the end of it", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await comparing(page);
    const [mine, text] = [await fingerprint(page), await sentence(page)];
    await page.getByTestId("swap-sides").click();
    await page.waitForFunction((old) => document.querySelector("[data-testid=compare-sentence]").dataset.digest !== old, mine);
    await compared(page);
    assert.equal(await fingerprint(page), mine.split("+").reverse().join("+"), "the same two, the other way round");
    assert.match(await sentence(page), /TTFT p99 .*\(worse\)/);
    assert.ok(await page.getByTestId("side-A").isChecked(), "what is in hand stays so");

    await page.getByTestId("stop-comparing").click();
    assert.equal(await stage(page), "alone");
    assert.equal(await field(page, REPLICAS).inputValue(), "6");
    await page.waitForFunction(() => !location.hash.includes("&b="));

    for (let i = 0; i < 2; i += 1) await page.getByTestId("undo").click();
    await compared(page);
    assert.equal(await sentence(page), text);
    await page.getByTestId("undo").click();
    assert.match(await sentence(page), /alike/);
    await page.getByTestId("undo").click();
    assert.equal(await stage(page), "alone");
    for (let i = 0; i < 2; i += 1) await page.getByTestId("redo").click();
    await compared(page);
    assert.equal(await fingerprint(page), mine);
  }));

test("prefix routing beats round robin past the knee of llm-d's optimized baseline, and the page says by how much", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await answered(page, () => choose(page.getByTestId("preset"), "optimized baseline"));
    await page.getByTestId("compare-routing-panel").click();
    await compared(page, 120_000);
    assert.match(await page.getByTestId("compare-names").innerText(), /A Round robin against B llm-d's default profile/);
    assert.deepEqual((await differing(page)).map((text) => text.split(":")[0]), ["Routing"]);

    // At the preset's load round robin is past its knee: it does not keep up, and the sentence says what that means.
    const text = await sentence(page);
    assert.match(text, /^B against A at 12 req\/s: TTFT p99 −\d+(\.\d+)? % \[−[\d.]+, −[\d.]+\] \(better\)/);
    assert.match(text, /goodput .*\(better\)/);
    assert.match(text, /A does not keep up at this load/);
    const [, a, b] = text.match(/The targets hold with A up to ([\d.]+) req\/s, with B up to ([\d.]+) req\/s/);
    assert.ok(Number(b) > 1.5 * Number(a), `${a} and ${b} req/s`);

    // The interval of every latency's difference leaves zero out, by the table's own numbers.
    const rows = await page.getByTestId("compare-table").locator("tbody tr").evaluateAll((all) =>
      Object.fromEntries(all.map((row) => [row.cells[0].textContent.trim(), [...row.cells].map((c) => c.textContent.trim())])),
    );
    for (const name of ["TTFT p99", "ITL p99", "E2E p99"]) {
      const [difference, lo, hi] = numbers(rows[name][3]);
      assert.ok(lo <= difference && difference <= hi && hi < 0, `${name}: ${rows[name][3]}`);
      assert.match(rows[name][6], /B is better/);
    }
    assert.ok(numbers(rows["Prefix hits"][2])[0] > 2 * numbers(rows["Prefix hits"][1])[0], rows["Prefix hits"].join(" "));
  }));

test("a side that cannot be simulated is named, and the other way of its mending works", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await comparing(page);
    await field(page, REPLICAS).fill("0");
    await field(page, REPLICAS).blur();
    await page.getByTestId("compare-problem").waitFor();
    assert.match(await page.getByTestId("compare-problem").innerText(), /B cannot be simulated/);
    await page.getByTestId("undo").click();
    await compared(page);
    assert.match(await sentence(page), /^B against A/);
  }));

test("stopping ends the work at once and keeps what was found; running again finishes it", (t) =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.getByTestId("compare-start").click();
    await field(page, REPLICAS).fill("16");
    await field(page, REPLICAS).blur();
    await page.getByTestId("compare-cancel").click();
    await page.locator("[data-testid=compare][data-stage=stopped]").waitFor();
    // The workers take a message within one slice: a question to the busiest is answered at once.
    const waits = await Promise.all(page.workers().map(async (worker) => {
      const since = Date.now();
      await worker.evaluate(() => 1);
      return Date.now() - since;
    }));
    t.diagnostic(`workers answer ${waits.join(", ")} ms after Cancel`);
    assert.ok(Math.max(...waits) <= 250, `${waits} ms`);
    await page.getByTestId("compare-run").click();
    await compared(page);
    assert.match(await sentence(page), /^B against A/);
  }));

test("a worker that dies is replaced, and the comparison is the same", () =>
  withPage(async ({ page, context, url }) => {
    await comparing(page, "7");
    const calm = await fingerprint(page);
    const link = await page.evaluate(() => location.hash);
    const other = await context.newPage();
    await other.goto(url + link);
    await started(other);
    await other.locator("[data-testid=compare][data-stage=running]").waitFor();
    const worker = other.workers().at(-1);
    await worker.evaluate(() => void setTimeout(() => { throw new Error("killed by a test"); })).catch(() => {});
    await compared(other);
    assert.equal(await fingerprint(other), calm);
  }));

test("the answer does not wait for the comparison", (t) =>
  withPage(async ({ page }) => {
    await comparing(page, "8");
    await page.getByTestId("tab-answer").click();
    const since = await page.evaluate(() => performance.now());
    await answered(page, () => slider(page, LOAD).fill("56"));
    const ms = await page.evaluate((since) => performance.now() - since, since);
    t.diagnostic(`settled ${Math.round(ms)} ms after the edit`);
    const began = await page.evaluate((since) => performance.getEntriesByName("compare-began").filter((e) => e.startTime > since).length, since);
    assert.equal(began, 0, "behind another tab nothing is compared");
    await page.getByTestId("tab-compare").click();
    await compared(page);
    assert.match(await sentence(page), /at 56 req\/s/);
  }));
