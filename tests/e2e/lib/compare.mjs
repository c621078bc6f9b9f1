// The Compare tab as the tests see it.

import { BRIEF_RUN, linkOf } from "./cli.mjs";
import { PATIENCE_MS, started } from "./harness.mjs";
import { field, lookAt, REPLICAS, settled } from "./page.mjs";

/** Waits until all sides are simulated at every load, and every load is drawn: of all sides, or of each in figures of its own. */
export const compared = (page, timeout = PATIENCE_MS) =>
  page.waitForFunction(
    () => {
      const compare = document.querySelector("[data-testid=compare][data-stage=done]");
      const bodies = [...(compare?.querySelectorAll(".chart-body") ?? [])].filter((body) => body.clientWidth > 0);
      // A side that is not there is a point without a value.
      const points = ({ x, y }) => (x.length === 1 && y[0] == null ? 0 : x.length);
      // A figure is a picture until somebody comes to it.
      const pictured = ({ dataset: { x, y } }) => ({ x: JSON.parse(x), y: JSON.parse(y) });
      const traces = (body) => {
        const pictures = [...body.querySelectorAll(".plot-picture svg > g[data-x]")];
        return pictures.length ? pictures.map(pictured) : (body.querySelector(".plot").data ?? []);
      };
      const drawn = (body) => traces(body).slice(0, 4).reduce((n, trace) => n + points(trace), 0);
      const rows = Object.groupBy(bodies, (body) => body.closest("figure").dataset.testid.split("-load")[0]);
      const all = Object.values(rows).map((row) => row.reduce((n, body) => n + drawn(body), 0));
      return compare && all.every((n) => n === Number(compare.dataset.loads));
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

/** What Plotly draws of every side for who comes to the figure. */
export const lines = async (page, chart) =>
  (await lookAt(page, `compare-${chart}`)).evaluate((plot) =>
    plot.data.slice(0, 4).filter(({ x, y }) => x.length > 1 || y[0] != null).map(({ x, y, line }) => ({ x: [...x], y: [...y], dash: line.dash })),
  );

export const result = async (page) => ({
  sentence: await sentence(page),
  fingerprint: await fingerprint(page),
  settings: await differing(page),
  table: await table(page),
  lines: [await lines(page, "ttft-load"), await lines(page, "itl-load")],
});

/** Compares the landing scenario with copies that have other replicas, one or more. */
export async function comparing(page, ...replicas) {
  await settled(page);
  for (const [i, n] of (replicas.length ? replicas : ["6"]).entries()) {
    await page.getByTestId(i === 0 ? "compare-start" : "add-side").click();
    await field(page, REPLICAS).fill(n);
    await field(page, REPLICAS).blur();
  }
  await compared(page, 90_000);
}

/** A small scenario with so many replicas, as the text of its link. */
export const small = (replicas, more = {}) =>
  linkOf({ topology: { pools: [{ replicas }] }, run: BRIEF_RUN, ...more }).slice(1);

/** The link of a comparison of such, as the page writes it. */
export const among = (...links) => {
  const [a, b, ...rest] = links;
  const count = links.length > 2 ? `${links.length}~` : "";
  return `#${a}&b=${count}${b}${rest.map((link, i) => `&${"cd"[i]}=${link}`).join("")}`;
};

/** Opens a page with this link, and waits for its answer. */
export async function open(page, url, link) {
  await page.goto(url + link);
  await started(page);
  await settled(page);
}
