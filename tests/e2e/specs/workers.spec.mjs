// Workers that die are replaced, and the numbers do not change for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withPage } from "../lib/harness.mjs";
import { answered, banner, digest, reached, REPLICAS, settled, slider } from "../lib/page.mjs";

const whole = (ms) => `${Math.round(ms)} ms`;

const DEATHS = [
  { name: "ends without a word", kill: () => self.close() },
  { name: "throws", kill: () => void setTimeout(() => { throw new Error("killed by a test"); }) },
  { name: "hangs", kill: () => { for (;;); } },
];

/** Changes the scenario, disturbs its simulation in the middle, and waits for the settled answer. */
async function run(page, disturb = async () => {}) {
  await settled(page);
  const begin = Date.now();
  await answered(page, async () => {
    await slider(page, REPLICAS).fill("9");
    await reached(page, "draft");
    await disturb();
  });
  return { digest: await digest(page), ms: Date.now() - begin };
}

/** The result of a run that nothing disturbs. */
async function calmly() {
  let calm;
  await withPage(async ({ page }) => (calm = await run(page)));
  return calm;
}

// A worker that is gone does not answer: nothing waits for it.
const end = (worker, kill) => void worker.evaluate(kill).catch(() => {});

for (const { name, kill } of DEATHS) {
  test(`a worker that ${name} in the middle of a run is replaced, and the result is the same`, async (t) => {
    const calm = await calmly();
    await withPage(async ({ page }) => {
      const shaken = await run(page, async () => end(page.workers()[0], kill));
      t.diagnostic(`${whole(calm.ms)} undisturbed, ${whole(shaken.ms)} with a worker killed, ${page.workers().length} workers`);
      assert.equal(shaken.digest, calm.digest);
      assert.equal(await page.getByTestId("banner").count(), 0);
    });
  });
}

test("when every worker is killed, the run goes on, or the page says that it does not and goes on when told", async (t) => {
  const calm = await calmly();
  await withPage(async ({ page }) => {
    const again = page.getByTestId("run-again");
    const shaken = await run(page, async () => {
      for (const worker of page.workers()) end(worker, DEATHS[1].kill);
      await page.waitForFunction(() => ["settled", "error"].includes(document.documentElement.dataset.state));
      const gaveUp = (await again.count()) > 0;
      t.diagnostic(gaveUp ? `gave up: ${await banner(page, "workers").innerText()}` : "went on by itself");
      if (gaveUp) await again.click();
    });
    assert.equal(shaken.digest, calm.digest);
    assert.equal(await page.getByTestId("banner").count(), 0);
  });
});
