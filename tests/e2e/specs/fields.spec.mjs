// Every field of a scenario has its control: what it says is simulated, travels with the link, and comes back with undo.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BRIEF, linkOf, MISSING, scenarioOf } from "../lib/cli.mjs";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, choose, digest, field, settled, verdict } from "../lib/page.mjs";

const ENGINE = "topology.pools[0].engine";

/** Opens whatever hides a control. */
const reveal = (control) =>
  control.evaluate((element) => {
    for (let details = element.closest("details"); details; details = details.parentElement.closest("details")) details.open = true;
  });

/** The scenario of the page, read from the link that Share makes. */
async function scenario(page) {
  await page.getByTestId("share").click();
  const link = await page.getByTestId("share-link").inputValue();
  await page.getByTestId("share-close").click();
  return scenarioOf(link.slice(link.indexOf("#")));
}

const NUMBERS = [
  { path: `${ENGINE}.max_model_len`, value: 8192, fact: ["max-len", "8,192 tokens"] },
  { path: `${ENGINE}.block_size`, value: 32, fact: ["kv-blocks", /× 32$/] },
  { path: `${ENGINE}.num_gpu_blocks_override`, value: 5000, fact: ["kv-blocks", /^5,000 ×/] },
  { path: "topology.pools[0].price_usd_per_gpu_hour", value: 1.25, fact: ["gpus", "4 at $5.00/h"] },
  { path: "workload.classes[0].slo.e2e_ms", value: 9000 },
];

test("numbers that were only in links have fields, and undo takes them back", { skip: MISSING }, () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    for (const { path, value, fact } of NUMBERS) {
      const control = field(page, path);
      await reveal(control);
      await answered(page, async () => {
        await control.fill(String(value));
        await control.press("Tab");
      });
      const found = path.split(/[.[\]]+/).filter(Boolean).reduce((at, key) => at[key], await scenario(page));
      assert.equal(found, value, path);
      if (fact) {
        const text = await page.getByTestId(`fact-${fact[0]}`).innerText();
        assert.ok(fact[1] instanceof RegExp ? fact[1].test(text) : text === fact[1], `${path}: ${text}`);
      }
      assert.equal(await page.getByTestId("unshown").count(), 0, "nothing is left without a control");
    }
    assert.match(await page.getByTestId("classes-table").or(page.getByTestId("tiles")).first().innerText(), /./);
    for (let i = 0; i < NUMBERS.length; i += 1) await answered(page, () => page.getByTestId("undo").click());
    assert.equal(await digest(page), before);
  }));

test("weights, KV cache and sampling change what is simulated", { skip: MISSING }, () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    const weights = async () => parseFloat(await page.getByTestId("fact-weights").innerText());
    const tokens = async () => Number((await page.getByTestId("fact-kv-tokens").innerText()).replace(/\D/g, ""));
    const seen = new Set([await digest(page)]);
    const pick = async (name, text) => {
      const control = field(page, `${ENGINE}.${name}`);
      await reveal(control);
      await answered(page, () => choose(control, text));
      assert.ok(!seen.has(await digest(page)), `${name} changes nothing`);
      seen.add(await digest(page));
    };
    const [heavy, few] = [await weights(), await tokens()];
    await pick("quantization", /^fp8\b/);
    assert.ok((await weights()) < 0.7 * heavy, `${await weights()} of ${heavy} GiB`);
    const more = await tokens();
    assert.ok(more > few, "lighter weights leave more room");
    await pick("kv_cache_dtype", /^fp8/);
    assert.ok((await tokens()) > 1.9 * more, `${await tokens()} of ${more} tokens`);
    await pick("sampling", /^greedy/);
    const engine = (await scenario(page)).topology.pools[0].engine;
    assert.deepEqual([engine.quantization, engine.kv_cache_dtype, engine.sampling], ["fp8", "fp8", "greedy"]);
  }));

test("a pool is added, told apart, and removed", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    await answered(page, () => page.getByTestId("add-pool").click());
    assert.equal(await page.getByTestId("fact-gpus").innerText(), "8 at $23.60/h");
    assert.match(await page.getByTestId("pool-1").locator("h3").first().innerText(), /^Pool 2: pool 2$/);
    await answered(page, async () => {
      await field(page, "topology.pools[1].name").fill("spare");
      await field(page, "topology.pools[1].name").press("Tab");
    });
    assert.match(await page.getByTestId("pool-1").locator("h3").first().innerText(), /^Pool 2: spare$/);
    await answered(page, () => page.getByTestId("remove-pool-1").click());
    assert.equal(await page.getByTestId("pool-1").count(), 0);
    assert.equal(await digest(page), before);
  }));

test("a closed loop has clients in place of a rate, and its curve too", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    await answered(page, () => choose(field(page, "workload.arrival.type"), /^closed loop/).then(async () => {
      const clients = page.getByTestId("panel-field-workload.arrival.max_concurrency");
      await clients.fill("64");
      await clients.press("Tab");
    }));
    assert.match(await verdict(page), /^At 64 clients /);
    assert.match(await page.getByTestId("chart-ttft-load").locator(".plot-picture").innerHTML(), /clients/);
    const slider = page.getByTestId("slider-workload.arrival.max_concurrency");
    await answered(page, () => slider.focus().then(() => page.keyboard.press("ArrowRight")));
    assert.match(await verdict(page), /^At (6[5-9]|[7-9]\d) clients /);
    await page.getByTestId("tab-details").click();
    assert.match(await page.getByTestId("details-sentence").innerText(), /^At \d+ clients the fleet keeps up/);
  }));

test("measured lengths come with a link and are told; another law can be chosen and measured ones again", { skip: MISSING }, () => {
  const values = [10, 20, 400, 800, 3000];
  const link = linkOf({ workload: { classes: [{ input: { type: "empirical", values } }] } });
  return withPage({ path: link }, async ({ page }) => {
    await settled(page);
    const path = "workload.classes[0].input";
    const told = page.getByTestId(`empirical-${path}`);
    assert.match(await told.innerText(), /^Drawn from 5 values: mean 846 tokens, p50 400, .* at most 3,000\.$/);
    const before = await digest(page);
    await answered(page, () => choose(field(page, `${path}.type`), /^constant$/));
    assert.notEqual(await digest(page), before);
    assert.equal(await told.count(), 0);
    await answered(page, () => choose(field(page, `${path}.type`), /^empirical$/));
    assert.equal(await digest(page), before, "the values were kept");
    assert.deepEqual((await scenario(page)).workload.classes[0].input.values, values);
  });
});

test("any number becomes a slider and an axis of the sweep", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    const path = "workload.classes[0].input.mean";
    await reveal(field(page, path));
    await page.getByTestId(`about-${path}`).click();
    await page.getByTestId(`slide-${path}`).click();
    const before = await digest(page);
    await answered(page, () => page.getByTestId(`slider-${path}`).fill("1000"));
    assert.equal(await field(page, path).inputValue(), "1000");
    assert.notEqual(await digest(page), before);
    await checkAccessible(page);
    await page.getByTestId(`slide-${path}`).click();
    assert.equal(await page.getByTestId(`slider-${path}`).count(), 0);

    await page.getByTestId(`sweep-${path}`).click();
    assert.equal(await page.getByTestId("tab-sweep").getAttribute("aria-selected"), "true");
    assert.match(await page.locator(`.sweep-axes input[data-path="${path}"]`).inputValue(), /^500(\.0)?, 1000(\.0)?, 2000(\.0)?$/);
  }));
