// Models and GPUs of the scenario's own: a config.json that is pasted, a GPU that is copied and edited, and what is wrong with either.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BRIEF } from "../lib/cli.mjs";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, choose, digest, field, reached, settled } from "../lib/page.mjs";

const MODEL = "topology.pools[0].model";
const GPU = "topology.pools[0].gpu";
const MEMORY = "topology.gpus[0].memory_gib";
const CONFIG = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14336,
  vocab_size: 128256,
  max_position_embeddings: 32768,
  rope_theta: 500000.0,
};

const chosen = (page, path) => field(page, path).evaluate((list) => list.selectedOptions[0].text);
const fact = (page, id) => page.getByTestId(`fact-${id}`).first().innerText();
const finding = (page, path) => page.locator(`.panel [data-testid=finding][data-path="${path}"]`);
async function paste(page, text) {
  await page.getByTestId("import").click();
  await page.getByTestId("import-text").fill(text);
  await page.getByTestId("import-read").click();
}

test("a config.json that is pasted is the model of every pool, and travels with the link", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    await paste(page, JSON.stringify(CONFIG, null, 2));
    await page.getByTestId("import-apply").waitFor();
    assert.match(await page.getByTestId("import-part").innerText(), /a model's config\.json[\s\S]*[1-9]\d* exact/);
    await checkAccessible(page);
    await answered(page, () => page.getByTestId("import-apply").click());
    assert.match(await chosen(page, MODEL), /^llama-8\.0b · 8\.03 B$/);
    assert.match(await finding(page, MODEL).innerText(), /own.*extrapolated/);
    assert.notEqual(await digest(page), before);
    await page.waitForFunction(() => location.hash.startsWith("#0.z."));
    const [mine, url] = [await digest(page), await page.evaluate(() => location.href)];
    await checkAccessible(page);

    await withPage({ path: new URL(url).hash }, async ({ page: other }) => {
      await settled(other);
      assert.equal(await digest(other), mine);
      assert.match(await chosen(other, MODEL), /^llama-8\.0b/);
    });
    await answered(page, () => page.getByTestId("undo").click());
    assert.equal(await digest(page), before, "one step");
  }));

test("a GPU is copied, edited, judged, and removed once nothing is on it", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    const tokens = await fact(page, "kv-tokens");
    await answered(page, () => page.getByTestId("copy-gpu-0").click());
    assert.match(await chosen(page, GPU), /\(own\)$/);
    assert.match(await finding(page, GPU).innerText(), /extrapolated/);
    assert.equal(await fact(page, "kv-tokens"), tokens, "a copy holds as much");
    await answered(page, () => field(page, MEMORY).fill("120"));
    assert.notEqual(await fact(page, "kv-tokens"), tokens);
    await checkAccessible(page);

    await field(page, MEMORY).fill("0");
    await reached(page, "stale");
    assert.match(await finding(page, MEMORY).innerText(), /must be from 1 to 16384 GiB, and is 0/);
    await answered(page, () => field(page, MEMORY).fill("96"));
    await answered(page, () => choose(field(page, GPU), /^NVIDIA H200/));
    const unused = finding(page, "topology.gpus[0]");
    assert.match(await unused.innerText(), /is used by no pool/);
    await unused.getByTestId("fix").click();
    await page.getByTestId("own-gpu-0").waitFor({ state: "detached" });
  }));

test("what is wrong with a config.json is told field by field, with lines", () =>
  withPage({ path: BRIEF }, async ({ page }) => {
    await settled(page);
    const { vocab_size: _, ...rest } = CONFIG;
    await paste(page, JSON.stringify({ ...rest, num_key_value_heads: 7 }, null, 2));
    const refused = page.getByTestId("import-refused");
    await refused.waitFor();
    const said = await refused.innerText();
    assert.match(said, /num_key_value_heads is 7, which does not divide num_attention_heads, 32 \(line \d+\)/);
    assert.match(said, /vocab_size is missing/);
    assert.match(said, /Nothing was changed/);
  }));
