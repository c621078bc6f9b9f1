// Memory does not grow with use: the page and its workers, after many runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withPage } from "../lib/harness.mjs";
import { memory } from "../lib/memory.mjs";
import { answered, field, settled } from "../lib/page.mjs";

const RUNS = 200;
/** The page remembers the reports of 24 scenarios (app/src/state/cache.rs): after so many runs it knows as much as ever. */
const WARM_UP_RUNS = 30;
/** A run out of so many is waited for until it has settled; the others, until their curve is whole. */
const SETTLED_EVERY = 10;
const GROWTH_FRAC_MAX = 0.05;

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
const sum = (values) => values.reduce((total, value) => total + value, 0);
const total = (parts) => sum(parts.map(({ heap, wasm }) => heap + wasm));
const spell = (parts) => parts.map(({ name, heap, wasm }) => `${name} ${mib(heap)} of heap, ${mib(wasm)} of wasm`).join("; ");

/** Does something that changes the scenario, and waits until all loads of it are drawn. */
async function drawn(page, act) {
  const since = await page.evaluate(() => performance.now());
  await act();
  await page.waitForFunction(
    (since) => performance.getEntriesByType("mark").some(({ startTime, detail }) => startTime >= since && detail?.whole === 1),
    since,
  );
}

test(`memory grows by no more than ${100 * GROWTH_FRAC_MAX} % over ${RUNS} runs`, async (t) => {
  await withPage(async ({ page, context }) => {
    await settled(page);
    // Short runs: what could be left behind by each does not depend on its length.
    await answered(page, () => field(page, "run.requests").fill("100"));
    const run = (n) => (n % SETTLED_EVERY === 0 ? answered : drawn)(page, () => field(page, "run.seed").fill(String(1000 + n)));
    for (let n = 0; n < WARM_UP_RUNS; n += 1) await run(n);
    const before = await memory(page, context);
    t.diagnostic(`after ${WARM_UP_RUNS} runs: ${spell(before)}`);
    for (let n = 0; n < RUNS; n += 1) await run(WARM_UP_RUNS + n);
    const after = await memory(page, context);
    t.diagnostic(`after ${RUNS} more: ${spell(after)}`);
    assert.equal(after.length, before.length, "as many workers");
    const growth = total(after) / total(before) - 1;
    t.diagnostic(`${mib(total(before))} and ${mib(total(after))}: ${(100 * growth).toFixed(1)} % more`);
    assert.ok(growth <= GROWTH_FRAC_MAX, `grew by ${(100 * growth).toFixed(1)} %`);
  });
});
