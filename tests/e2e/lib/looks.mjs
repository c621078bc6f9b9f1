// One page in every theme and size, one after the other: opening it anew for each would cost more than all that is looked at.

import assert from "node:assert/strict";
import { checkAccessible } from "./harness.mjs";

export const DESKTOP = { width: 1440, height: 900 };
export const FRAME = { width: 720, height: 480 };
export const PHONE = { width: 390, height: 844 };
export const THEMES = ["light", "dark"];

/** Turns the page to a theme and a size, and waits until it stands still. */
export async function turn(page, colorScheme, viewport) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  // Colours on their way to others have contrasts that nobody sees for long.
  await page.waitForFunction(() => document.getAnimations().every(({ playState, effect }) => playState !== "running" || effect.getTiming().iterations === Infinity));
}

/** Calls `body(theme, viewport)` in every theme and each of these sizes; a failure says in which. */
export async function inEveryLook(page, viewports, body) {
  for (const colorScheme of THEMES) {
    for (const viewport of viewports) {
      await turn(page, colorScheme, viewport);
      try {
        await body(colorScheme, viewport);
      } catch (error) {
        error.message = `${viewport.width} px, ${colorScheme}: ${error.message}`;
        throw error;
      }
    }
  }
}

/** Fails when the page has to be scrolled sideways. */
export async function checkNarrow(page, what = "the page") {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= room, `${what} is ${wide} px wide in ${room} px`);
}

/** Fails on barriers and on what is wider than the window, in every theme and each of these sizes. */
export const checkLooks = (page, viewports) =>
  inEveryLook(page, viewports, async () => {
    await checkAccessible(page);
    await checkNarrow(page);
  });
