// Files out of the page: pictures that say where they come from, data in full, and nothing of a draft.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";
import { withPage } from "../lib/harness.mjs";
import { curve, digest, LOAD, settled, slider, tabTo } from "../lib/page.mjs";

/** Saves by mouse; resolves to the file's name and bytes. */
async function saved(page, menu, kind) {
  const place = page.getByTestId(`save-${menu}`);
  if (!(await place.evaluate((details) => details.open))) await place.locator("summary").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`save-${menu}-${kind}`).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The chunks of a PNG. */
function chunks(png) {
  const all = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const [kind, data] = [png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + length)];
    if (crc32) assert.equal(crc32(png.subarray(at + 4, at + 8 + length)), png.readUInt32BE(at + 8 + length), kind);
    all.push({ kind, data });
    at += 12 + length;
  }
  return all;
}

const rows = (csv) => csv.toString().trim().split("\r\n").map((line) => line.split(","));

test("a picture is one of the figure, with its source in it", () =>
  withPage(async ({ page, server }) => {
    await settled(page);
    const { name, bytes } = await saved(page, "ttft-load", "png");
    assert.equal(name, "interactive-chat-on-four-h100-ttft-load.png");
    const parts = chunks(bytes);
    assert.deepEqual([parts[0].kind, parts.at(-1).kind], ["IHDR", "IEND"]);
    assert.deepEqual([parts[0].data.readUInt32BE(0), parts[0].data.readUInt32BE(4)], [1920, 1120]);
    const source = parts.find(({ kind }) => kind === "tEXt").data.toString("latin1");
    assert.ok(source.startsWith(`Source\0${server.url}#0.z.`), source);
    const pixels = inflateSync(Buffer.concat(parts.filter(({ kind }) => kind === "IDAT").map(({ data }) => data)));
    assert.ok(new Set(pixels.subarray(0, 2_000_000)).size > 20, "it is not empty");

    const svg = (await saved(page, "ttft-load", "svg")).bytes.toString();
    const short = (await digest(page)).slice(0, 12);
    for (const words of ["<title>Interactive chat on four H100</title>", `<metadata>${server.url}#0.z.`, `result ${short}`, "seed 42", "target: p99"]) {
      assert.ok(svg.includes(words), words);
    }
    assert.ok(await page.evaluate((text) => !new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror"), svg));
    const plotly = JSON.parse((await saved(page, "itl-load", "plotly")).bytes);
    assert.deepEqual(plotly.data[1].x, (await curve(page, "itl-load")).x);
  }));

test("data are all there, to the last digit, and what was seen", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const seen = await curve(page, "itl-load");
    const table = rows((await saved(page, "loads", "csv")).bytes);
    const column = (name) => table.slice(1).map((row) => row[table[0].indexOf(name)]);
    assert.deepEqual(column("offered_rps").map(Number), seen.x);
    column("itl_p99_s").forEach((text, i) => assert.ok(Math.abs(Number(text) * 1000 - seen.y[i]) < 1e-9 * seen.y[i], text));
    assert.ok(table.every((row) => row.length === table[0].length));
    assert.equal(column("this_scenario").filter((own) => own === "true").length, 1);

    const answer = JSON.parse((await saved(page, "loads", "json")).bytes);
    assert.equal(answer.study_digest, await digest(page));
    const text = (await saved(page, "loads", "md")).bytes.toString();
    assert.ok(text.startsWith("At 40 req/s") && text.includes("| **40.0** |") && text.includes("#0.z."), text);
    const citation = await saved(page, "scenario", "citation");
    assert.equal(citation.name, "interactive-chat-on-four-h100-citation.bib");
    const short = (await digest(page)).slice(0, 12);
    for (const words of ["@misc{", "title = {Interactive chat on four H100}", `result ${short}`, "seed 42", "vLLM 0.33", "#0.z.", `urldate = {${new Date().toISOString().slice(0, 10)}}`]) {
      assert.ok(citation.bytes.toString().includes(words), words);
    }

    await page.getByTestId("tab-details").click();
    const time = rows((await saved(page, "time", "csv")).bytes);
    assert.equal(time.length, 61);
    const shares = rows((await saved(page, "cdf", "csv")).bytes);
    assert.deepEqual(shares[0], ["share", "ttft_s_chat", "itl_s_chat", "tpot_s_chat", "e2e_s_chat"]);
  }));

test("by keyboard alone: the menu opens, saves, and closes", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await tabTo(page, "cursor-ttft-load");
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("Shift+Tab");
    const menu = page.getByTestId("save-ttft-load");
    const focused = () => page.evaluate(() => document.activeElement.closest("[data-testid]").dataset.testid);
    while ((await focused()) !== "save-ttft-load") await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.ok(await menu.evaluate((details) => details.open));
    await page.keyboard.press("Escape");
    assert.ok(!(await menu.evaluate((details) => details.open)));
    assert.equal(await focused(), "save-ttft-load");
    await page.keyboard.press("Enter");
    await tabTo(page, "save-ttft-load-csv", { most: 5 });
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    assert.match(download.suggestedFilename(), /ttft-load\.csv$/);
  }));

test("a draft cannot be saved", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.evaluate(() => {
      globalThis.open = new Set();
      const button = document.querySelector("[data-testid=save-ttft-load-png]");
      const note = () => globalThis.open.add(`${document.documentElement.dataset.state}: ${button.disabled}`);
      new MutationObserver(() => requestAnimationFrame(note)).observe(document.documentElement, { attributes: true });
    });
    await slider(page, LOAD).focus();
    for (let i = 0; i < 5; i += 1) await page.keyboard.press("ArrowRight");
    await settled(page);
    const states = await page.evaluate(() => [...globalThis.open]);
    assert.ok(states.some((s) => /^(running|draft): true$/.test(s)) && !states.some((s) => /^(running|draft): false$/.test(s)), `${states}`);
    await page.waitForFunction(() => !document.querySelector("[data-testid=save-ttft-load-png]").disabled);
  }));

test("a comparison and a sweep can be saved too", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.getByTestId("tab-sweep").click();
    for (const input of await page.locator(".sweep-axes input").all()) {
      await input.fill((await input.inputValue()).split(",")[0]);
    }
    await page.getByTestId("sweep-run").click();
    await page.getByTestId("sweep-csv").waitFor();
    assert.match((await saved(page, "sweep", "svg")).bytes.toString(), /Every deployment at its maximum rate/);
    await page.getByTestId("tab-compare").click();
    await page.getByTestId("compare-start").click();
    await page.getByTestId("field-topology.pools[0].replicas").fill("5");
    await page.waitForFunction(() => document.querySelector("[data-testid=compare]").dataset.stage === "done");
    const table = rows((await saved(page, "compare-ttft-load", "csv")).bytes);
    assert.ok(table[0].includes("ttft_difference_ci95_low_s") && table.length > 10, `${table[0]}`);
  }));
