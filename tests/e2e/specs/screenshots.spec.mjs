// Pictures for people to look at, in tests/e2e/out.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { OUT, withPage } from "../lib/harness.mjs";
import { settled } from "../lib/page.mjs";

const PICTURES = [
  { name: "desktop-light", colorScheme: "light", viewport: { width: 1440, height: 900 }, path: "" },
  { name: "desktop-dark", colorScheme: "dark", viewport: { width: 1440, height: 900 }, path: "" },
  { name: "embed-light", colorScheme: "light", viewport: { width: 720, height: 480 }, path: "?embed=1" },
  { name: "embed-dark", colorScheme: "dark", viewport: { width: 720, height: 480 }, path: "?embed=1" },
  { name: "phone-light", colorScheme: "light", viewport: { width: 390, height: 844 }, path: "" },
];

for (const { name, path, ...context } of PICTURES) {
  test(name, () =>
    withPage({ path, context }, async ({ page }) => {
      await settled(page);
      await mkdir(OUT, { recursive: true });
      await page.screenshot({ path: join(OUT, `${name}.png`) });
      if (path) return;
      // A window as high as the page: what sticks to the window's edges would lie in the middle of it otherwise.
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width: context.viewport.width, height });
      await page.screenshot({ path: join(OUT, `${name}-whole.png`), fullPage: true });
      await page.getByTestId("tab-details").click();
      await page.waitForFunction(() => document.querySelector("[data-testid=chart-cdf] .plot")?.data?.[0]?.x.length > 1);
      await page.setViewportSize({ width: context.viewport.width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
      await page.screenshot({ path: join(OUT, `${name}-details.png`), fullPage: true });
    }));
}
