// The deployment as a map, laws and rules as small pictures: other views of what the form shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BRIEF } from "../lib/cli.mjs";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, choose, field, REPLICAS, settled } from "../lib/page.mjs";

const gpus = (page, pool) =>
  page.getByTestId(`map-pool-${pool}`).locator("svg path").evaluate((path) => path.getAttribute("d").split("M").length - 1);

test("map and form are two views of one deployment", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    assert.match(await page.getByTestId("map").innerText(), /Traffic\s+40 req\/s\s+Router/);
    assert.match(await page.getByTestId("map-pool-0").innerText(), /4 × Qwen3-14B on H100[\s\S]*4 GPUs, [\d,]+ KV tokens each, \$/);
    assert.match(await page.getByTestId("map-now-0").innerText(), /^On average [\d.]+ running, [\d.]+ waiting, [\d.]+ % of the KV cache in use, each\.$/);
    assert.equal(await gpus(page, 0), 4);

    await answered(page, () => page.getByTestId("map-more-0").click());
    assert.equal(await field(page, REPLICAS).inputValue(), "5");
    assert.equal(await gpus(page, 0), 5);
    await answered(page, () => choose(field(page, "topology.pools[0].engine.tensor_parallel_size"), /^2 GPUs/));
    assert.equal(await gpus(page, 0), 10);
    await page.getByTestId("undo").click();
    await answered(page, () => page.getByTestId("undo").click());
    assert.equal(await gpus(page, 0), 4);

    await answered(page, () => page.getByTestId("map-copy-0").click());
    assert.equal(await page.getByTestId("pool-1").count(), 1, "the form has the copy too");
    assert.match(await page.getByTestId("map-pool-1").innerText(), /pool 2/);
    await page.getByTestId("map-pool-1").locator(".map-name").click();
    await page.waitForFunction(() => document.activeElement?.closest("[data-testid=pool-1]"));
    await answered(page, () => page.getByTestId("map-remove-1").click());
    assert.equal(await page.getByTestId("pool-1").count(), 0);
    assert.ok(await page.getByTestId("map-remove-0").isHidden(), "the last pool stays");
  }));

test("prompts are split from decoding on the map, and the way of keys and values is named", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    await answered(page, () => page.getByTestId("map-apart").click());
    assert.match(await page.getByTestId("map-pool-0").innerText(), /^(Prefill|Decode)/);
    assert.match(await page.getByTestId("map-link").innerText(), /Keys and values go from prefill to decode over .+ GB\/s per GPU/);
    await checkAccessible(page);
    await answered(page, () => page.getByTestId("map-apart").click());
    assert.equal(await page.getByTestId("map-link").count(), 0);
  }));

test("a law shows its shape, and none where it has none or is typed wrong", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const path = "workload.classes[0].input";
    const spark = page.getByTestId(`spark-${path}`);
    assert.match(await spark.innerText(), /^p50 [\d,]+, p99 [\d,]+ tokens$/);
    const shape = () => spark.locator("path").getAttribute("d");
    const before = await shape();
    await answered(page, () => field(page, `${path}.std_dev`).fill("32"));
    assert.notEqual(await shape(), before);
    await field(page, `${path}.mean`).fill("0");
    await spark.waitFor({ state: "detached" });
    await page.getByTestId("undo").click();
    await answered(page, () => field(page, `${path}.type`).selectOption("constant"));
    assert.equal(await spark.count(), 0);
  }));

test("a rule of one input is a curve on which the scenario stands", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await answered(page, () => choose(field(page, "policies"), /default/i));
    const kv = page.getByTestId("response-kv-cache-utilization-scorer");
    assert.match(await kv.innerText(), /^Score from 0 to 1 over 0 to 100 % of its KV blocks in use\. [\d.]+ % are in use on average: score [\d.]+\.$/);
    assert.equal(await kv.locator("circle").count(), 1);
    assert.equal(await page.getByTestId("response-queue-scorer").locator("circle").count(), 0, "relative: no place of its own");
    await checkAccessible(page);
  }));
