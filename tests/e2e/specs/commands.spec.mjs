// The palette, the map of keys and the glossary: all of it by keyboard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, digest, field, REPLICAS, settled } from "../lib/page.mjs";

const isOpen = (page, id) => page.getByTestId(`dialog-${id}`).evaluate((box) => box.open);
const shown = (page) => page.evaluate(() => document.querySelector("[role=tab][aria-selected=true]").dataset.testid);

/** Finds a command by words and does it. */
async function command(page, words) {
  await page.keyboard.press("Control+k");
  await page.locator("[data-testid=palette-words]:focus").waitFor();
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector("[data-testid=dialog-palette]").open);
}

test("the palette finds tabs, presets, exports, themes, terms, and does them", () =>
  withPage({ context: { permissions: ["clipboard-read", "clipboard-write"] } }, async ({ page }) => {
    await settled(page);
    await page.keyboard.press("Control+k");
    await page.waitForFunction(() => document.activeElement?.dataset.testid === "palette-words");
    await checkAccessible(page);
    await page.keyboard.type("zzz");
    assert.match(await page.getByTestId("dialog-palette").innerText(), /Nothing is called so/);
    await page.keyboard.press("Escape");
    assert.equal(await isOpen(page, "palette"), false);

    await command(page, "go to sweep");
    // What is chosen is done once the box has closed and the focus is back.
    await page.locator("[data-testid=tab-sweep][aria-selected=true]").waitFor();
    assert.equal(await shown(page), "tab-sweep");
    await command(page, "theme dark");
    await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
    const before = await digest(page);
    await answered(page, () => command(page, "start from reasoning"));
    assert.notEqual(await digest(page), before);
    await answered(page, () => command(page, "undo"));
    assert.equal(await digest(page), before);
    await answered(page, () => command(page, "redo"));
    await command(page, "copy the link");
    await page.getByTestId("share-link").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), command(page, "export vllm serve")]);
    assert.match(download.suggestedFilename(), /vllm\.sh$/);
    await command(page, "what is goodput");
    await page.getByTestId("term-goodput").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "term-goodput");
  }));

test("arrows go through the list and the selected one stays in view", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.keyboard.press("Control+k");
    await page.locator("[data-testid=palette-words]:focus").waitFor();
    for (let i = 0; i < 30; i += 1) await page.keyboard.press("ArrowDown");
    // The list scrolls with the next frame.
    await page.waitForFunction(() => {
      const [list, option] = [document.querySelector("#commands"), document.querySelector("#commands [aria-selected=true]")];
      const [a, b] = [list.getBoundingClientRect(), option.getBoundingClientRect()];
      const named = document.activeElement.getAttribute("aria-activedescendant");
      return b.top >= a.top - 1 && b.bottom <= a.bottom + 1 && option.id === named && named === "command-30";
    }, null, { timeout: 5_000 });
  }));

test("single keys act outside of fields, and can be switched off", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.keyboard.press("4");
    // The first key has to fetch what it does.
    await page.locator("[data-testid=tab-sweep][aria-selected=true]").waitFor();
    await page.keyboard.press("1");
    await page.keyboard.press("p");
    assert.ok(await page.getByTestId("statistic-mean").isChecked());
    await page.keyboard.press("g");
    assert.ok(await isOpen(page, "glossary"));
    await page.keyboard.press("2");
    assert.equal(await shown(page), "tab-answer", "keys rest while a box is open");
    await checkAccessible(page);
    await page.keyboard.press("Escape");

    await field(page, "title").fill("");
    await page.keyboard.type("g4?");
    assert.equal(await field(page, "title").inputValue(), "g4?");
    assert.equal(await isOpen(page, "glossary"), false);
    await field(page, REPLICAS).focus();
    await page.keyboard.press("2");
    assert.equal(await shown(page), "tab-answer");

    await page.getByTestId("tab-answer").focus();
    await page.keyboard.press("?");
    assert.ok(await isOpen(page, "map"));
    await checkAccessible(page);
    await page.getByTestId("single-keys").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("4");
    assert.equal(await shown(page), "tab-answer");
    await page.keyboard.press("Control+k");
    assert.ok(await isOpen(page, "palette"), "with Control they stay");
  }));

test("numbers say what they are", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.getByTestId("what-is-ttft").first().click();
    assert.match(await page.getByTestId("term-ttft").innerText(), /first token at the client/);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "what-is-ttft", "the focus comes back");
  }));
