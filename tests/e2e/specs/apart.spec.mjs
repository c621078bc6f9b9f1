// Prompts computed apart from decoding, set on the page: roles, decider with its parameters, the way of keys and values.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, choose, digest, field, reached, settled } from "../lib/page.mjs";

const text = (select) => select.evaluate((list) => list.selectedOptions[0].text);

test("one click splits a pool into prefill and decode, and another joins them again", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    await answered(page, () => page.getByTestId("split-pd").click());
    assert.match(await text(field(page, "topology.pools[0].role")), /prefill/);
    assert.match(await text(field(page, "topology.pools[1].role")), /decode/);
    assert.equal(await field(page, "topology.pools[1].replicas").inputValue(), "3");
    const apart = await digest(page);
    assert.notEqual(apart, before);
    await answered(page, () => choose(field(page, "policies.decider"), /[Aa]lways/));
    assert.match(await page.getByTestId("apart").innerText(), /always-disagg-pd-decider/);
    await page.locator("[data-testid='field-topology.kv_transfer']").check();
    await answered(page, () => field(page, "topology.kv_transfer.gb_s_per_gpu").fill("1"));
    assert.equal(await page.getByTestId("unshown").count(), 0, "all of it has a control");
    await checkAccessible(page, { within: "[data-testid=panel]" });

    await choose(field(page, "topology.pools[1].role"), /prompts alone/);
    await reached(page, "stale");
    assert.match(await page.getByTestId("problems").innerText(), /decode/);
    await page.getByTestId("undo").click();
    await settled(page);
    await answered(page, () => page.getByTestId("join-pd").click());
    assert.match(await text(field(page, "topology.pools[0].role")), /prompts and tokens/);
    while (await page.getByTestId("undo").isEnabled()) await page.getByTestId("undo").click();
    await settled(page);
    await page.waitForFunction((mine) => document.querySelector("[data-testid=digest]").dataset.digest === mine, before);
  }));
