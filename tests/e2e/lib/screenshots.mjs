// Every part of the page in every size: pictures for people to look at, in tests/e2e/out, and no barrier in any.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { compared } from "./compare.mjs";
import { checkAccessible, OUT, withPage } from "./harness.mjs";
import { checkNarrow, DESKTOP, FRAME, inEveryLook, PHONE } from "./looks.mjs";
import { settled } from "./page.mjs";

/** The sizes by name; `path` is what is put behind the address. */
const SIZES = {
  desktop: { path: "", viewport: DESKTOP },
  embed: { path: "?embed=1", viewport: FRAME },
  frame: { path: "", viewport: FRAME },
  phone: { path: "", viewport: PHONE },
};

/** What is done to show a part, in the order in which they are looked at. */
const PARTS = {
  answer: async () => {},
  next: async (page) => {
    await page.getByTestId("next-run").click();
    await page.waitForFunction(() => document.querySelector("[data-testid=next]").dataset.stage === "done", null, { timeout: 90_000 });
  },
  details: async (page) => {
    await page.getByTestId("tab-details").click();
    await page.waitForFunction(() => document.querySelector("[data-testid=chart-cdf] .plot")?.data?.[0]?.x.length > 1);
  },
  sweep: async (page) => {
    await page.getByTestId("tab-sweep").click();
    for (const input of await page.locator(".sweep-axes input").all()) await input.fill((await input.inputValue()).split(",").slice(0, 2).join(","));
    await page.getByTestId("sweep-run").click();
    await page.getByTestId("sweep-csv").waitFor({ timeout: 90_000 });
  },
  compare: async (page) => {
    await page.getByTestId("tab-compare").click();
    await page.getByTestId("compare-routing").click();
    await compared(page, 90_000);
  },
  live: async (page) => {
    await page.getByTestId("tab-live").click();
    await page.waitForFunction(() => document.querySelector("[data-testid=live]")?.dataset.stage === "done");
    await page.getByTestId("live-number").fill("40");
    await page.getByTestId("live-number").press("Enter");
    // Of each side, where the comparison is still on.
    await page.locator("[data-testid^=live-why]").first().waitFor();
  },
  import: async (page) => {
    await page.getByTestId("import").click();
    await page.getByTestId("import-text").fill("vllm serve Qwen/Qwen3-14B --tensor-parallel-size 2 --kv-cache-dtype fp8 --made-up yes");
    await page.getByTestId("import-read").click();
    await page.getByTestId("import-apply").waitFor();
  },
  trace: async (page) => {
    const text = "arrived,at_s,class,input_tokens,output_tokens\n2024-05-12 18:00:00,0,chat,900,120\nx,1.5,chat,-3,80\nx,1.2,batch,4000,30\nx,70,chat,1200,95\n";
    await page.getByTestId("import-files").setInputFiles([{ name: "traffic.csv", mimeType: "text/csv", buffer: Buffer.from(text) }]);
    await page.getByTestId("trace-seen").waitFor();
    await page.getByTestId("trace-columns").locator("summary").click();
  },
  commands: async (page) => {
    await page.getByTestId("close-import").click();
    await page.getByTestId("palette").click();
    await page.getByTestId("palette-words").waitFor();
  },
};

/** A window as high as the page: what sticks to the window's edges would lie in the middle of it otherwise. */
async function picture(page, name, viewport, whole) {
  if (whole) await page.setViewportSize({ width: viewport.width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  await page.screenshot({ path: join(OUT, `${name}.png`), fullPage: whole });
  await page.setViewportSize(viewport);
}

/** Looks at these sizes, each on a page that was opened in it, in both themes. */
export function looks(sizes) {
  for (const size of sizes) {
    const { path, viewport } = SIZES[size];
    test(size, { timeout: 400_000 }, () =>
      withPage({ path, context: { viewport } }, async ({ page }) => {
        await settled(page);
        await mkdir(OUT, { recursive: true });
        const parts = path ? { answer: PARTS.answer } : PARTS;
        for (const [part, show] of Object.entries(parts)) {
          await show(page);
          const boxed = await page.evaluate(() => document.querySelector("dialog[open]") !== null);
          await inEveryLook(page, [viewport], async (colorScheme) => {
            await picture(page, `${size}-${colorScheme}-${part}`, viewport, !path && !boxed);
            await checkAccessible(page);
            await checkNarrow(page, part);
          });
        }
      }));
  }
}
