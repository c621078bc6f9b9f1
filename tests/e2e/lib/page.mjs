// The page as the tests see it: its state, its numbers, its controls. `page` may be a frame wherever no mouse is needed.

import { PATIENCE_MS } from "./harness.mjs";

export const LOAD = "workload.arrival.rate_rps";
export const REPLICAS = "topology.pools[0].replicas";
export const CHARTS = ["ttft-load", "itl-load"];

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export const state = (page) => page.evaluate(() => document.documentElement.dataset.state);
export const verdict = (page) => page.getByTestId("verdict").innerText();
export const digest = (page) => page.getByTestId("digest").getAttribute("data-digest");
export const slider = (page, path) => page.getByTestId(`slider-${path}`);
export const field = (page, path) => page.getByTestId(`field-${path}`);
export const banner = (page, topic) => page.locator(`[data-testid=banner][data-topic=${topic}]`);

/** Goes to a figure, as somebody does who looks at it closely, and waits until Plotly has drawn it. */
export async function lookAt(page, chart) {
  const figure = page.getByTestId(`chart-${chart}`);
  await figure.locator(".chart-body").hover();
  await figure.locator(".plot.js-plotly-plot .scatterlayer").waitFor();
  await figure.locator(".plot-picture svg").waitFor({ state: "detached" });
  return figure.locator(".plot");
}

/** What is drawn, by Plotly or as a picture: the line through every load and its intervals, to the last bit. */
export const curve = (page, chart) =>
  page.getByTestId(`chart-${chart}`).evaluate((figure) => {
    const pictured = figure.querySelector(".plot-picture svg > g[data-x] ~ g[data-x]");
    const list = (name) => JSON.parse(pictured.dataset[name] ?? "[]");
    if (pictured) return { x: list("x"), y: list("y"), above: list("above"), below: list("below") };
    const line = figure.querySelector(".plot").data[1];
    return { x: [...line.x], y: [...line.y], above: [...line.error_y.array], below: [...line.error_y.arrayminus] };
  });
export const curves = (page) => Promise.all(CHARTS.map((chart) => curve(page, chart)));

/** Waits for the settled answer, drawn after `since` (ms of the page's own clock). */
export const settled = (page, since = 0) =>
  page.waitForFunction(
    (since) => {
      const drawn = ["draft-drawn", "settled-drawn"].flatMap((name) => performance.getEntriesByName(name));
      const last = drawn.sort((a, b) => a.startTime - b.startTime).at(-1);
      const whole = last?.name === "settled-drawn" && last.detail.whole === 1 && last.startTime >= since;
      return document.documentElement.dataset.state === "settled" && whole;
    },
    since,
    { timeout: PATIENCE_MS },
  );

/** Does something that changes the scenario, and waits for its settled answer. */
export async function answered(page, act) {
  const since = await page.evaluate(() => performance.now());
  await act();
  await settled(page, since);
}

/** Waits until the page stands at this word of `data-state`. */
export const reached = (page, word) =>
  page.waitForFunction((word) => document.documentElement.dataset.state === word, word, { timeout: PATIENCE_MS });

/** Where on a slider the pointer must be for a value. */
async function places(control) {
  const box = await control.boundingBox();
  const [min, max] = await control.evaluate((input) => [Number(input.min), Number(input.max)]);
  const thumb = 16;
  return (value) => ({
    x: box.x + thumb / 2 + ((value - min) / (max - min)) * (box.width - thumb),
    y: box.y + box.height / 2,
  });
}

/**
 * Drags a slider with the mouse from value to value, one every `every` ms, as the pointer's events come.
 * `mouse` is the page's; `onStep` is called after every move.
 */
export async function drag(mouse, control, values, { every = 16, onStep = async () => {} } = {}) {
  await control.scrollIntoViewIfNeeded();
  const at = await places(control);
  const move = ({ x, y }) => mouse.move(x, y);
  await move(at(values[0]));
  await mouse.down();
  for (const value of values.slice(1)) {
    await Promise.all([move(at(value)), pause(every)]);
    await onStep(value);
  }
  await mouse.up();
}

export const range = (from, to, step = 1) =>
  Array.from({ length: Math.floor(Math.abs(to - from) / step) + 1 }, (_, i) => from + Math.sign(to - from) * i * step);

/** Chooses the option of a list whose text matches. */
export async function choose(select, text) {
  const option = select.locator("option").filter({ hasText: text });
  await select.selectOption(await option.first().getAttribute("value"));
}

/** Presses Tab until the element has the focus, and fails when it never gets it. */
export async function tabTo(page, testId, { key = "Tab", most = 200 } = {}) {
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press(key);
    if ((await page.evaluate(() => document.activeElement?.dataset.testid)) === testId) return;
  }
  throw new Error(`${most} presses of ${key} do not reach ${testId}`);
}

/** What was to be seen at once of these elements, frame by frame for so many ms: the moment each shows, or else its text. */
export const seenWhile = (page, testIds, ms) =>
  page.evaluate(
    async ([testIds, ms]) => {
      const shown = (id) => document.querySelector(`[data-testid=${id}]`);
      const seen = new Set();
      for (const until = performance.now() + ms; performance.now() < until; ) {
        await new Promise(requestAnimationFrame);
        seen.add(testIds.map((id) => shown(id).dataset.at ?? shown(id).innerText).join(" "));
      }
      return [...seen];
    },
    [testIds, ms],
  );
