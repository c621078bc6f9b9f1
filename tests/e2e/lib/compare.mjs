// The Compare tab as the tests see it.

import { PATIENCE_MS } from "./harness.mjs";
import { field, REPLICAS, settled } from "./page.mjs";

/** Waits until both sides are simulated at every load, and every load is drawn. */
export const compared = (page, timeout = PATIENCE_MS) =>
  page.waitForFunction(
    () => {
      const compare = document.querySelector("[data-testid=compare][data-stage=done]");
      const plots = [...(compare?.querySelectorAll(".plot") ?? [])].filter((plot) => plot.clientWidth > 0);
      const drawn = (plot) => (plot.data?.[0].x.length ?? 0) + (plot.data?.[1].x.length ?? 0);
      return compare && plots.every((plot) => drawn(plot) === Number(compare.dataset.loads));
    },
    null,
    { timeout },
  );
export const sentence = (page) => page.getByTestId("compare-sentence").innerText();
export const fingerprint = (page) => page.getByTestId("compare-sentence").getAttribute("data-digest");
const texts = (page, id, part) =>
  page.getByTestId(id).locator(part).evaluateAll((all) => all.map((e) => e.textContent.replace(/\s+/g, " ").trim()));
export const differing = (page) => texts(page, "compare-settings", "li");
export const table = (page) =>
  page.getByTestId("compare-table").locator("tbody tr").evaluateAll((all) =>
    all.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join(" | ")),
  );
export const stage = (page) => page.getByTestId("compare").getAttribute("data-stage");

/** What Plotly has drawn of both. */
export const lines = (page, chart) =>
  page.getByTestId(`chart-compare-${chart}`).locator(".plot").evaluate((plot) =>
    [0, 1].map((side) => ({ x: [...plot.data[side].x], y: [...plot.data[side].y], dash: plot.data[side].line.dash })),
  );

export const result = async (page) => ({
  sentence: await sentence(page),
  fingerprint: await fingerprint(page),
  settings: await differing(page),
  table: await table(page),
  lines: [await lines(page, "ttft-load"), await lines(page, "itl-load")],
});

/** Compares the landing scenario with a copy that has other replicas. */
export async function comparing(page, replicas = "6") {
  await settled(page);
  await page.getByTestId("compare-start").click();
  await field(page, REPLICAS).fill(replicas);
  await field(page, REPLICAS).blur();
  await compared(page);
}
