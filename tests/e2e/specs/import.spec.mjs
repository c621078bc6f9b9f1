// What somebody has, into the scenario and out of it: documents, links, scenarios, pictures; by choosing, pasting, dropping.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, banner, choose, digest, field, LOAD, REPLICAS, settled, slider } from "../lib/page.mjs";

const TP = REPLICAS.replace("replicas", "engine.tensor_parallel_size");
const CONFIG = `apiVersion: llm-d.ai/v1alpha1
kind: EndpointPickerConfig
plugins:
- type: queue-scorer
- type: made-up-scorer
  parameters: {depth: 3}
- type: max-score-picker
schedulingProfiles:
- name: default
  plugins:
  - pluginRef: queue-scorer
    weight: 2
  - pluginRef: made-up-scorer
  - pluginRef: max-score-picker
`;
const SERVE = "vllm serve Qwen/Qwen3-14B --tensor-parallel-size 2 --max-num-batched-tokens 4096 --made-up yes\n";

const file = (name, text) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
const refused = (page) => page.getByTestId("import-refused");
const open = async (page) => {
  await page.getByTestId("import").click();
  await page.getByTestId("import-text").waitFor();
};
async function paste(page, text) {
  await open(page);
  await page.getByTestId("import-text").fill(text);
  await page.getByTestId("import-read").click();
}
/** Drops files on the page, as the browser says it. */
async function drop(page, name, bytes) {
  const data = await page.evaluateHandle(
    ([name, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name));
      return data;
    },
    [name, [...bytes]],
  );
  for (const kind of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", kind, { dataTransfer: data });
}
async function exported(page, kind) {
  await page.getByTestId("save-scenario").locator("summary").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`save-scenario-${kind}`).click()]);
  return { name: download.suggestedFilename(), text: (await readFile(await download.path())).toString() };
}

test("documents are shown setting by setting, applied as one step, and undone as one", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    await open(page);
    await page.getByTestId("import-files").setInputFiles([file("epp.yaml", CONFIG), file("serve.sh", SERVE)]);
    await page.getByTestId("import-apply").waitFor();
    const parts = await page.getByTestId("import-part").allInnerTexts();
    assert.equal(parts.length, 2);
    assert.match(parts[0], /epp\.yaml an EndpointPickerConfig[\s\S]*settings: \d+ exact, \d+ approximated, [1-9]\d* ignored[\s\S]*made-up-scorer/);
    assert.match(parts[1], /vLLM arguments[\s\S]*made-up/);
    await checkAccessible(page);
    assert.equal(await digest(page), before, "nothing is changed before it is applied");
    await answered(page, () => page.getByTestId("import-apply").click());
    assert.equal(await field(page, TP).evaluate((list) => list.selectedOptions?.[0].text ?? list.value), "2 GPUs per replica");
    assert.match(await page.getByTestId("undo").getAttribute("aria-label"), /Undo: Import epp\.yaml, serve\.sh/);
    await answered(page, () => page.getByTestId("undo").click());
    assert.equal(await digest(page), before);
  }));

test("a document dropped on the page is read", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await drop(page, "load.yaml", Buffer.from("load:\n  type: constant\n  stages:\n  - rate: 30\n    duration: 60\ndata:\n  type: random\n"));
    await answered(page, () => page.getByTestId("import-apply").click());
    assert.equal(await slider(page, LOAD).inputValue(), "30");
  }));

test("a link and a scenario that are pasted open at once", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await answered(page, () => slider(page, LOAD).fill("52"));
    await page.waitForFunction(() => location.hash.startsWith("#0.z."));
    const [mine, link] = [await digest(page), await page.evaluate(() => location.href)];
    const scenario = (await exported(page, "scenario")).text;
    for (const text of [link, `\n ${scenario}`]) {
      await answered(page, () => slider(page, LOAD).fill("30"));
      await answered(page, () => paste(page, text));
      assert.equal(await page.getByTestId("dialog-import").evaluate((box) => box.open), false);
      assert.equal(await digest(page), mine);
    }
  }));

test("a picture that was saved opens its scenario when it is dropped", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await answered(page, () => slider(page, REPLICAS).fill("5"));
    const mine = await digest(page);
    for (const kind of ["png", "svg"]) {
      await page.getByTestId("save-ttft-load").locator("summary").click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`save-ttft-load-${kind}`).click()]);
      const bytes = await readFile(await download.path());
      await answered(page, () => slider(page, REPLICAS).fill("3"));
      await answered(page, () => drop(page, `figure.${kind}`, bytes));
      assert.equal(await digest(page), mine, kind);
      assert.equal(await field(page, REPLICAS).inputValue(), "5");
    }
  }));

test("what is exported is what other programs read, says where it is from, and comes back", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.getByTestId("save-scenario").locator("summary").click();
    await page.getByTestId("save-scenario-epp").click();
    await banner(page, "export").waitFor();
    assert.match(await banner(page, "export").innerText(), /EndpointPickerConfig \(YAML\) cannot be written: .*round-robin/);
    await answered(page, () => choose(field(page, "policies"), /llm-d's default/));
    const before = await digest(page);
    const says = { epp: /kind: EndpointPickerConfig/, helm: /pluginsCustomConfig/, vllm: /vllm serve Qwen\/Qwen3-14B/, "inference-perf": /load:/ };
    for (const [kind, pattern] of Object.entries(says)) {
      const { name, text } = await exported(page, kind);
      assert.match(name, kind === "vllm" ? /\.sh$/ : /\.yaml$/);
      assert.match(text, pattern);
      assert.match(text, /^# llm-d Playground \(unofficial\), simulator .*simulated, not measured \([a-z].*\)\n# .*#0\.z\./);
      await paste(page, text);
      await page.getByTestId("import-part").waitFor();
      assert.match(await page.getByTestId("import-part").innerText(), / 0 ignored/);
      await page.getByTestId("close-import").click();
    }
    assert.equal(await digest(page), before);
    await page.getByTestId("field-" + LOAD).first().fill("0");
    await page.waitForFunction(() => document.documentElement.dataset.state === "stale");
    await page.getByTestId("save-scenario").locator("summary").click();
    assert.ok(await page.getByTestId("save-scenario-epp").isDisabled());
    assert.match(await page.getByTestId("save-scenario").innerText(), /mend the scenario first/);
  }));

const REFUSED = [
  { name: "nothing", text: " ", says: /is empty/ },
  { name: "malformed YAML", text: "kind: EndpointPickerConfig\n\tplugins: []\n", says: /line \d+, column \d+/, quotes: true },
  { name: "a text that is cut", text: "kind: EndpointPickerConfig\nplugins:\n- type: [queue-scorer\n", says: /line \d+, column \d+/ },
  { name: "a template", text: "kind: {{ .Values.kind }}\n", says: /line 1, column 7[\s\S]*template/, quotes: true },
  { name: "something else", text: "title: a poem\n", says: /line 1, column 1[\s\S]*of no kind known here/, quotes: true },
  { name: "a cut link", text: "https://x/#0.z.300.abcdef", says: /holds a link that cannot be opened/ },
  { name: "a broken scenario", text: '{"topology": {"pools": "many"}}', says: /topology\.pools/ },
];

test("what cannot be taken is named with its place, and changes nothing", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    await open(page);
    for (const { name, text, says, quotes } of REFUSED) {
      await page.getByTestId("import-text").fill(text);
      await page.getByTestId("import-read").click();
      await page.waitForFunction((source) => new RegExp(source).test(document.querySelector("[data-testid=import-refused]")?.innerText ?? ""), says.source, { timeout: 5000 })
        .catch(async () => assert.fail(`${name}: ${await page.getByTestId("import-outcome").innerText()}`));
      assert.equal(await refused(page).locator("pre").count(), quotes ? 1 : 0, name);
      assert.match(await refused(page).innerText(), /Nothing was changed/);
    }
    await checkAccessible(page);
    await page.getByTestId("import-files").setInputFiles([{ name: "x.bin", mimeType: "a/b", buffer: Buffer.from([0, 159, 146, 150]) }]);
    await page.waitForFunction(() => /is not text/.test(document.querySelector("[data-testid=import-refused]")?.innerText ?? ""));
    await page.getByTestId("import-files").setInputFiles([{ name: "p.png", mimeType: "image/png", buffer: Buffer.from("89504e470d0a1a0a", "hex") }]);
    await page.waitForFunction(() => /without a link/.test(document.querySelector("[data-testid=import-refused]")?.innerText ?? ""));
    await page.keyboard.press("Escape");
    assert.equal(await digest(page), before);
  }));

test("the largest document that is read does not hang the page", (t) =>
  withPage(async ({ page }) => {
    await settled(page);
    await open(page);
    const many = `kind: EndpointPickerConfig\nplugins:\n${"- type: queue-scorer\n  parameters: {a: 1, b: two, c: [3, 4]}\n".repeat(24_000)}`;
    const begin = Date.now();
    await page.getByTestId("import-files").setInputFiles([file("many.yaml", many)]);
    await page.locator("[data-testid=import-apply], [data-testid=import-refused]").first().waitFor();
    t.diagnostic(`${many.length} bytes in ${Date.now() - begin} ms: ${(await page.getByTestId("import-outcome").innerText()).slice(0, 100)}`);
    await page.getByTestId("import-files").setInputFiles([file("huge.yaml", "a: b\n".repeat(1_000_000))]);
    await page.waitForFunction(() => /has \d+ bytes; at most/.test(document.querySelector("[data-testid=import-refused]")?.innerText ?? ""));
    await page.getByTestId("close-import").click();
    await answered(page, () => slider(page, LOAD).fill("50"));
    assert.equal(await banner(page, "export").count(), 0);
  }));
