// Three and four scenarios compared: added, edited, rebased, taken out; in a link, in files, in figures of their own.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { MISSING, scenarioOf } from "../lib/cli.mjs";
import { among, compared, comparing, differing, fingerprint, lines, open, result, sentence, small, stage, table } from "../lib/compare.mjs";
import { checkAccessible, started, watch, withPage } from "../lib/harness.mjs";
import { banner, field, LOAD, pause, REPLICAS } from "../lib/page.mjs";

const side = (page, letter) => page.getByTestId(`side-${letter}`);
const inHand = async (page) => {
  for (const letter of "ABCD") if ((await side(page, letter).count()) && (await side(page, letter).isChecked())) return letter;
  return "";
};
const names = async (page) => (await page.getByTestId("compare-names").innerText()).replace(/\s+/g, " ");

test("variants are added up to four, each edited by itself and set against the baseline", () =>
  withPage(async ({ page }) => {
    await comparing(page, "6");
    const two = await fingerprint(page);
    assert.ok(await page.getByTestId("remove-side").isHidden(), "of two, stopping is what takes one out");
    await page.getByTestId("add-side").click();
    assert.equal(await inHand(page), "C");
    assert.equal(await field(page, REPLICAS).inputValue(), "6", "a copy of what was in hand");
    await compared(page);
    assert.match(await fingerprint(page), new RegExp(`^${two.replace("+", "\\+")}\\+${two.split("+")[1]}$`), "and as good as remembered");
    assert.match(await page.getByTestId("compare-progress").innerText(), /loads of A, B and C, remembered/);

    await field(page, REPLICAS).fill("8");
    await page.getByTestId("add-side").click();
    await field(page, REPLICAS).fill("3");
    await field(page, REPLICAS).blur();
    await compared(page, 90_000);
    assert.ok(await page.getByTestId("add-side").isDisabled(), "four are enough");
    assert.equal(await names(page), "A Replicas 4 against B Replicas 6, C Replicas 8, D Replicas 3");
    assert.deepEqual(await differing(page), ["Replicas: A 4, B 6, C 8, D 3"]);

    const said = (await sentence(page)).split(/\n+/);
    assert.equal(said.length, 4, said.join("\n"));
    assert.match(said[0], /^B against A at 40 req\/s: TTFT p99 −[\d.]+ % \[−[\d.]+, −[\d.]+\] \(better\)/);
    assert.match(said[1], /^C against A: TTFT p99 −.*\(better\)/);
    assert.match(said[2], /^D against A: TTFT p99 (\+|×).*\(worse\)/);
    assert.match(said[3], /^The targets hold with A up to .*, with B .*, with C .*, with D up to /);
    const rows = await table(page);
    assert.match(rows[0], /^TTFT p99 \| [\d.]+ ms \| [\d.]+ ms −.*\].*✓ better \| .*✓ better \| .*✗ worse$/);
    assert.ok(rows.includes("GPUs | 4 | 6 | 8 | 3"), rows.join("\n"));

    const all = await lines(page, "ttft-load");
    assert.deepEqual(all.map(({ dash }) => dash), ["solid", "dash", "dot", "dashdot"]);
    // A side is not simulated far beyond its capacity, and nowhere else are there fewer loads.
    for (const { x } of all) assert.ok(x.length >= 12 && x.every((load) => all[2].x.includes(load)), `${x}`);
    assert.equal((await fingerprint(page)).split("+").length, 4);

    // The load belongs to all.
    await page.getByTestId(`compare-slider-${LOAD}`).fill("44");
    await page.waitForFunction(() => /at 44 req/.test(document.querySelector("[data-testid=compare-sentence]").textContent));
    await compared(page, 90_000);
    assert.equal((await differing(page)).length, 1);
  }));

test("any side becomes the baseline, any goes, and undo brings everything back", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, among(small(4), small(5), small(6)));
    await compared(page);
    assert.equal(await inHand(page), "B");
    const mine = await fingerprint(page);
    const [a, b, c] = mine.split("+");
    const becomes = async (digests) => {
      await page.waitForFunction((wanted) => document.querySelector("[data-testid=compare-sentence]").dataset.digest === wanted, digests.join("+"), { timeout: 60_000 });
      await compared(page);
    };

    await side(page, "C").check({ force: true });
    assert.equal(await field(page, REPLICAS).inputValue(), "6");
    assert.equal(await page.getByTestId("swap-sides").innerText(), "Make C the baseline");
    await page.getByTestId("swap-sides").click();
    await becomes([c, a, b]);
    assert.equal(await inHand(page), "A", "what is in hand stays so");
    assert.match(await sentence(page), /^B against A at 40 req\/s: .*\(worse\)/);
    assert.deepEqual(await differing(page), ["Replicas: A 6, B 4, C 5"]);
    await page.getByTestId("tab-compare").focus();
    await page.keyboard.press("x");
    await becomes([a, c, b]);

    await side(page, "C").check({ force: true });
    await page.getByTestId("remove-side").click();
    await compared(page);
    assert.deepEqual(await differing(page), ["Replicas: 4 → in A, 6 in B"]);
    assert.equal(await inHand(page), "B");
    await page.waitForFunction(() => location.hash.includes("&b=0.z") && !location.hash.includes("&c="));

    await page.getByTestId("undo").click();
    await becomes([a, c, b]);
    for (let i = 0; i < 2; i += 1) await page.getByTestId("undo").click();
    await becomes([a, b, c]);
    assert.equal(await page.getByTestId("undo").isDisabled(), true);
    for (let i = 0; i < 3; i += 1) await page.getByTestId("redo").click();
    await compared(page);
    assert.deepEqual(await differing(page), ["Replicas: 4 → in A, 6 in B"]);
  }));

test("a link opens the same comparison of four to the last bit", { skip: MISSING }, () =>
  withPage({ path: `#${small(4)}` }, async ({ page, context }) => {
    await comparing(page, "5", "6", "8");
    const mine = await result(page);
    await page.waitForFunction(() => location.hash.includes("&d="));
    await page.getByTestId("share").click();
    const link = await page.getByTestId("share-link").inputValue();
    assert.match(link, /#0\.z\..*&b=4~0\.z\..*&c=0\.z\..*&d=0\.z\./);
    assert.ok(link.length < 800, `${link.length} characters`);
    const other = await context.newPage();
    const errors = watch(other);
    await other.goto(link);
    await started(other);
    await compared(other, 90_000);
    assert.deepEqual(await result(other), mine);
    assert.equal(await other.getByTestId("banner").count(), 0);
    assert.deepEqual(errors, []);
  }));

test("of a damaged link the readable scenarios open, and the others are named", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, context, url }) => {
    const link = among(small(4), small(5), small(6), small(7));
    const at = (letter) => link.indexOf(`&${letter}=`);
    for (const [broken, says, left] of [
      [link.slice(0, -5), /The fourth \(D\) scenario of this comparison cannot be opened; what you see is what the link calls A, B and C\. .*incomplete: \d+ of \d+/, ["Replicas: A 4, B 5, C 6"]],
      [link.slice(0, at("d")), /The fourth \(D\) scenario .* The link ends before it/, ["Replicas: A 4, B 5, C 6"]],
      [link.slice(0, at("c") + 9), /The third \(C\) and fourth \(D\) scenarios .* what the link calls A and B\./, ["Replicas: 4 → in A, 5 in B"]],
      [link.replace(`~`, `~*`), /The second \(B\) scenario .* what the link calls A, C and D\./, ["Replicas: A 4, B 6, C 7"]],
    ]) {
      const other = await context.newPage();
      await open(other, url, broken);
      await compared(other);
      assert.match(await banner(other, "comparison").innerText(), says);
      assert.deepEqual(await differing(other), left);
      await pause(600);
      assert.equal(await other.evaluate(() => location.hash), broken, "and can be looked at");
      await other.close();
    }
    await open(page, url, link.slice(0, at("b") + 6));
    assert.match(await banner(page, "comparison").innerText(), /The second \(B\), third \(C\) and fourth \(D\) scenarios .* what you see is the first, A\./);
    assert.equal(await page.getByTestId("sides").count(), 0);
  }));

test("one that makes no pairs is aligned with the others, and one that cannot be simulated is named", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await page.goto(url + among(small(4), small(5), small(6, { run: { requests: 300, replications: 3, seed: 7, load: { points: 5 } } })));
    await started(page);
    await page.getByTestId("compare-problem").waitFor();
    assert.match(await page.getByTestId("compare-problem").innerText(), /A, B and C make no pairs: they draw from different seeds/);
    assert.equal(await stage(page), "blocked");
    await page.getByTestId("align-sides").click();
    await compared(page);
    await page.waitForFunction(() => location.hash.includes("&c="));
    const third = await page.evaluate(() => location.hash.split("&c=")[1]);
    assert.equal(scenarioOf(`#${third}`).run.seed, 42);

    await side(page, "C").check({ force: true });
    await field(page, REPLICAS).fill("0");
    await field(page, REPLICAS).blur();
    await page.getByTestId("compare-problem").waitFor();
    assert.match(await page.getByTestId("compare-problem").innerText(), /C cannot be simulated/);
    await page.getByTestId("undo").click();
    await compared(page);
    assert.match(await sentence(page), /C against A: /);
  }));

test("side by side, each has figures of its own on the same axes", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, among(small(4), small(5), small(6)));
    await compared(page);
    const ranges = (id) =>
      page.getByTestId(id).locator(".plot").evaluate((plot) => [plot.layout.xaxis.range, plot.layout.yaxis.range]);
    const together = [await lines(page, "ttft-load"), await ranges("chart-compare-ttft-load")];
    await page.getByTestId("compare-layout-apart").check({ force: true });
    await page.getByTestId("chart-compare-ttft-load").waitFor({ state: "hidden" });
    await compared(page);
    for (const [i, letter] of ["A", "B", "C"].entries()) {
      const id = `ttft-load-${letter}`;
      assert.deepEqual(await lines(page, id), [together[0][i]]);
      assert.deepEqual(await ranges(`chart-compare-${id}`), together[1]);
    }
    assert.ok(await page.getByTestId("chart-compare-ttft-load-D").isHidden());
    await checkAccessible(page);
    await page.getByTestId("cursor-compare-ttft-load-B").focus();
    await page.keyboard.press("Home");
    assert.match(await page.getByTestId("cursor-compare-ttft-load-B").getAttribute("aria-valuetext"), /^[\d.]+ req\/s; B TTFT p99 .*; B − A /);
    await page.getByTestId("compare-layout-overlay").check({ force: true });
    await compared(page);
    assert.deepEqual(await lines(page, "ttft-load"), together[0]);
  }));

test("figures and differences of four are saved with all sides in them", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, among(small(4), small(5), small(6), small(7)));
    await compared(page);
    const saved = async (menu, kind) => {
      const place = page.getByTestId(`save-${menu}`);
      if (!(await place.evaluate((details) => details.open))) await place.locator("summary").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`save-${menu}-${kind}`).click()]);
      return (await readFile(await download.path())).toString();
    };
    const loads = (await saved("compare-ttft-load", "csv")).trim().split("\r\n");
    assert.match(loads[0], /^offered_rps,ttft_a_s,ttft_b_s,ttft_c_s,ttft_d_s,ttft_b_difference_s,.*ttft_d_difference_ci95_high_s,a_steady,b_steady,c_steady,d_steady$/);
    const svg = await saved("compare-ttft-load", "svg");
    assert.match(svg, /TTFT against load p99 of A, B, C and D against load|p99 of A, B, C and D/);
    assert.match(svg, /&amp;b=4~0\.z/);
    const plotly = JSON.parse(await saved("compare-itl-load", "plotly"));
    assert.deepEqual(plotly.data.slice(0, 4).map(({ line }) => line.dash), ["solid", "dash", "dot", "dashdot"]);
    const differences = (await saved("comparison", "csv")).trim().split("\r\n").map((line) => line.split(","));
    assert.equal(differences.length, 1 + 3 * 22);
    assert.deepEqual([...new Set(differences.slice(1).map((row) => row[3]))], ["B", "C", "D"]);
    const json = JSON.parse(await saved("comparison", "json"));
    assert.equal(json.sides.map(({ digest }) => digest).join("+"), await fingerprint(page));
    const text = await saved("comparison", "md");
    assert.ok(text.startsWith((await sentence(page)).split("\n")[0]), text);
    assert.match(text, /\| Metric \| A \| B \| B − A \| B in words \| C \| .*\n/);
    assert.match(text, /&b=4~0\.z/);
  }));

test("by keyboard alone: a third and a fourth, the baseline, one taken out", { skip: MISSING }, () =>
  withPage({ goto: false }, async ({ page, url }) => {
    await open(page, url, among(small(4), small(5)));
    await compared(page);
    const command = async (words) => {
      await page.keyboard.press("Control+k");
      await page.locator("[data-testid=palette-words]:focus").waitFor();
      await page.keyboard.type(words);
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => !document.querySelector("[data-testid=dialog-palette]").open);
    };
    await page.getByTestId("add-side").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("[data-testid=side-C]")?.checked);
    await command("add d, a copy");
    await page.waitForFunction(() => document.querySelector("[data-testid=side-D]")?.checked);
    await page.getByTestId("side-D").focus();
    await page.keyboard.press("ArrowLeft");
    assert.equal(await inHand(page), "C");
    await command("make d the baseline");
    await compared(page);
    assert.deepEqual(await differing(page), ["Replicas: A 5, B 4, C 5, D 5"]);
    await command("take b out");
    await page.waitForFunction(() => document.querySelector("[data-testid=side-D]") === null);
    assert.match(await sentence(page), /A, B and C are alike/);
    await command("stop comparing");
    await page.locator("[data-testid=compare][data-stage=alone]").waitFor();
  }));
