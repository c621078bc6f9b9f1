// The Live tab as the tests see it.

import { PATIENCE_MS } from "./harness.mjs";

/** Waits until so many runs are written down and drawn: one, or those of all sides of a comparison. */
export const written = (page, runs, timeout = PATIENCE_MS) =>
  page.waitForFunction(
    (runs) =>
      document.querySelector("[data-testid=live]")?.dataset.stage === "done" &&
      document.querySelectorAll("canvas[data-testid^=live-cluster][data-at]").length === runs,
    runs,
    { timeout },
  );

/** Opens the tab, and waits for them. */
export async function live(page, runs, timeout = PATIENCE_MS) {
  await page.getByTestId("tab-live").click();
  await written(page, runs, timeout);
}
