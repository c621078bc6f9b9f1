// Recordings of traffic: a run saved as one comes back, tables are shown before they are taken, columns are chosen, bad rows
// are named, and nothing of it keeps the page from answering.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { checkAccessible, withPage } from "../lib/harness.mjs";
import { answered, banner, digest, LOAD, pause, settled, slider } from "../lib/page.mjs";

const file = (name, text) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
const seen = (page) => page.getByTestId("trace-seen");
async function bring(page, ...files) {
  if (!(await page.getByTestId("dialog-import").evaluate((box) => box.open))) await page.getByTestId("import").click();
  await page.getByTestId("import-files").setInputFiles(files);
}
async function saved(page, kind) {
  await page.getByTestId("save-scenario").locator("summary").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`save-scenario-${kind}`).click()]);
  return { name: download.suggestedFilename(), text: (await readFile(await download.path())).toString() };
}
/** Waits until an element says something. */
const says = (page, id, pattern) =>
  page
    .waitForFunction(([id, source]) => new RegExp(source).test(document.querySelector(`[data-testid=${id}]`)?.innerText ?? ""), [id, pattern.source], { timeout: 20_000 })
    .catch(async () => assert.fail(`${id} does not say ${pattern}: ${await page.getByTestId("dialog-import").innerText()}`));
const laws = (page) => page.locator("[data-testid^=empirical-]").allInnerTexts();

test("a run saved as a trace comes back as the same requests, and as a workload like it", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    const table = await saved(page, "trace");
    const objects = await saved(page, "trace-jsonl");
    assert.deepEqual([table.name, objects.name], ["interactive-chat-on-four-h100-trace.csv", "interactive-chat-on-four-h100-trace.jsonl"]);
    assert.equal(await banner(page, "export").count(), 0);
    const rows = table.text.trim().split("\n").slice(1).map((row) => row.split(","));
    const same = objects.text.trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(rows.length > 2000, `${rows.length} requests`);
    assert.deepEqual(
      same.map((r) => [r.at_s, r.class, r.input_tokens, r.output_tokens]),
      rows.map(([at, name, input, output]) => [Number(at), name, Number(input), Number(output)]),
    );
    for (const { name, text } of [table, objects]) {
      await bring(page, file(name, text));
      await says(page, "trace-summary", new RegExp(`${rows.length.toLocaleString("en-US")} requests in .*req/s on average.*chat 100 %.*No prompt begins`));
      assert.match(await seen(page).locator("h3").innerText(), /our format/);
      await checkAccessible(page);
    }
    assert.match(await page.getByTestId("trace-applied").innerText(), /not the recording[\s\S]*playground run SCENARIO --trace .*jsonl/);
    assert.match(await page.getByTestId("import-approximated").innerText(), /at_s: Poisson at the mean rate/);
    assert.equal(await digest(page), before, "nothing is changed before it is applied");
    await answered(page, () => page.getByTestId("import-apply").click());
    const rate = Number(await slider(page, LOAD).inputValue());
    assert.ok(Math.abs(rate / 40 - 1) < 0.1, `${rate} req/s`);
    const [input, output] = await laws(page);
    assert.match(`${input}\n${output}`, /Drawn from \d+ values.*\n.*Drawn from \d+ values/);
    assert.match(await page.getByTestId("undo").getAttribute("aria-label"), /Undo: Import .*trace\.jsonl/);
    await page.waitForFunction(() => location.hash.length > 1000);
    assert.ok((await page.evaluate(() => location.href.length)) < 8000, "it fits in a link");
    await answered(page, () => page.getByTestId("undo").click());
    assert.equal(await digest(page), before);
  }));

test("formats of others are known by their columns, and what is lost is said", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const blis = "request_id,slo_class,prefix_group,prefix_length,input_tokens,output_tokens,arrival_time_us\n0,critical,g,2048,100,7,0\n1,critical,g,2048,200,8,500000\n2,critical,g,2048,90,8,1500000\n";
    await bring(page, file("trace.csv", blis));
    await says(page, "trace-seen", /BLIS TraceV2[\s\S]*3 requests in 1\.50 s/);
    const mooncake = [
      { timestamp: 0, input_length: 1024, output_length: 5, hash_ids: [1, 2] },
      { timestamp: 27000, input_length: 1536, output_length: 6, hash_ids: [1, 2, 3] },
    ];
    await bring(page, file("mooncake.jsonl", mooncake.map((row) => JSON.stringify(row)).join("\n")));
    await says(page, "trace-seen", /Mooncake[\s\S]*2 requests in 27\.0 s[\s\S]*40\.0 % repeat/);
    assert.match(await page.getByTestId("import-ignored").innerText(), /hash_ids: prompts begin alike only as far/);
    await bring(page, file("azure.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.5,374,44\n2023-11-16 18:16:46.5,396,109\n"));
    await says(page, "trace-seen", /Azure[\s\S]*2 requests in 60\.0 s[\s\S]*times are counted from the first request/);
    // Pasted, known by its first line.
    await page.getByTestId("import-text").fill("Timestamp,Request tokens,Response tokens\n5,472,18\n6,100,9\n8,100,9\n");
    await page.getByTestId("import-read").click();
    await says(page, "trace-seen", /The text[\s\S]*3 requests in 3\.00 s/);
    await answered(page, () => page.getByTestId("import-apply").click());
    assert.equal(Number(await page.getByTestId(`field-${LOAD}`).first().inputValue()), 0.6667);
  }));

test("columns that are not known are chosen, and read again at once", () =>
  withPage(async ({ page }) => {
    await settled(page);
    await bring(page, file("ours.csv", "when;how long;answer;spare\n1000;20;3;7\n2500;30;4;8\n5000;40;5;9\n"));
    await says(page, "trace-trouble", /No column is known to say when a request is due, nor how long its prompt is, nor how long its answer is: choose above/);
    assert.ok(await page.getByTestId("trace-columns").evaluate((details) => details.open));
    assert.match(await page.getByTestId("trace-sample").innerText(), /when\s+how long\s+answer[\s\S]*2500\s+30\s+4/);
    assert.equal(await page.getByTestId("import-apply").count(), 0);
    await page.getByTestId("trace-time").selectOption({ label: "when" });
    await page.getByTestId("trace-input").selectOption({ label: "how long" });
    await says(page, "trace-trouble", /how long its answer is: choose above/);
    await page.getByTestId("trace-output").selectOption({ label: "answer" });
    await says(page, "trace-summary", /3 requests in 4,000 s/);
    await page.getByTestId("trace-unit").selectOption({ label: "milliseconds" });
    await says(page, "trace-summary", /3 requests in 4\.00 s: 0\.5 req\/s/);
    assert.match(await page.getByTestId("import-ignored").innerText(), /spare: is not read/);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), "trace-unit", "the focus stays");
    await checkAccessible(page);
    await page.getByTestId("trace-unit").selectOption({ label: "date and time" });
    await says(page, "trace-refused", /Left out, 3 of 3 rows[\s\S]*line 2: `when` is “1000”, which is no time/);
    await says(page, "trace-trouble", /3 rows cannot be read/);
    await page.getByTestId("trace-unit").selectOption({ label: "seconds" });
    await says(page, "trace-summary", /3 requests/);
    await page.getByTestId("close-import").click();
    await bring(page, file("two.csv", "at_s,arrival_ms,input_tokens,output_tokens\n1,1000,5,5\n2,2000,5,5\n"));
    await says(page, "trace-summary", /2 requests in 1\.00 s/);
    assert.ok(await page.getByTestId("trace-columns").evaluate((details) => details.open), "one of two columns was taken");
  }));

const HEAD = "at_s,input_tokens,output_tokens\n";
const HOSTILE = [
  { name: "nothing", bytes: "", says: /is empty/ },
  { name: "no row", bytes: HEAD, trouble: /holds no request: it has no row/ },
  { name: "binary", bytes: Buffer.from([0, 159, 146, 150, 10, 1]), says: /is not text in UTF-8/ },
  { name: "UTF-16", bytes: Buffer.from(`\ufeff${HEAD}1,2,3\n`, "utf16le"), says: /UTF-16 text; save it as UTF-8/ },
  { name: "compressed", bytes: Buffer.from("1f8b0800000000000003", "hex"), says: /unpack it first/ },
  { name: "a line without end", bytes: "x".repeat(3 << 20), says: /longer than 1048576 bytes/ },
  { name: "a list", bytes: '[{"at_s": 1}]', says: /an object a line/ },
  { name: "in another unit", bytes: `${HEAD}1,1,1\n99999999,1,1\n`, trouble: /Is the unit of time right/ },
  { name: "negative", bytes: `${HEAD}-1,5,5\n1,5,5\n`, left: /1 of 2 rows[\s\S]*line 2: `at_s` is negative \(-1\); count from/ },
  { name: "no numbers", bytes: `${HEAD}NaN,5,5\n1,-3,5\n1,5,many\n2,1,1\n`, left: /3 of 4 rows[\s\S]*line 2: `at_s` is “NaN”[\s\S]*line 3: `input_tokens` is “-3”[\s\S]*line 4: `output_tokens` is “many”/ },
  { name: "in no order", bytes: `${HEAD}5,1,1\n1,1,1\n3,0,1\n`, notes: /1 row stood before an earlier one; all were sorted by time \(line 3\)[\s\S]*left out \(line 4\)/ },
];

test("whatever is brought, what is wrong is named, and the scenario stays", () =>
  withPage(async ({ page }) => {
    await settled(page);
    const before = await digest(page);
    for (const { name, bytes, says: refused, trouble, left, notes } of HOSTILE) {
      await bring(page, file(`${name}.csv`, bytes));
      if (refused) await says(page, "import-refused", new RegExp(`${name}\\.csv[\\s\\S]*${refused.source}[\\s\\S]*Nothing was changed`));
      if (trouble) await says(page, "trace-trouble", trouble);
      if (left) await says(page, "trace-refused", left);
      if (notes) await says(page, "trace-notes", notes);
      assert.equal(await page.getByTestId("import-apply").count(), left || notes ? 1 : 0, name);
    }
    await checkAccessible(page);
    await bring(page, file("a.csv", `${HEAD}1,1,1\n`), file("serve.sh", "vllm serve Qwen/Qwen3-14B\n"));
    await says(page, "import-refused", /a\.csv[\s\S]*bring it alone/);
    await page.keyboard.press("Escape");
    assert.equal(await digest(page), before);
  }));

test("a million rows are read beside the page, which answers meanwhile, and can be stopped", (t) =>
  withPage(async ({ page }) => {
    await settled(page);
    await page.getByTestId("import").click();
    await page.evaluate(() => {
      const head = "at_s,input_tokens,output_tokens,class,prefix,prefix_tokens,note\n";
      const rows = Array.from({ length: 10_000 }, (_, i) => `,${100 + ((i * 7919) % 9000)},${1 + ((i * 104_729) % 900)},chat,group-${i % 50},64,${"x".repeat(56)}\n`);
      const parts = [head];
      for (let i = 0; i < 100; i += 1) parts.push(rows.map((row, j) => `${(i * 10_000 + j) / 100}${row}`).join(""));
      const data = new DataTransfer();
      data.items.add(new File(parts, "million.csv"));
      globalThis.million = data;
      globalThis.longest = 0;
      let last = performance.now();
      const watch = () => {
        const now = performance.now();
        globalThis.longest = Math.max(globalThis.longest, now - last);
        last = now;
        setTimeout(watch, 0);
      };
      setTimeout(() => { last = performance.now(); watch(); }, 0);
    });
    const drop = () => page.evaluate(() => document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: globalThis.million, bubbles: true, cancelable: true })));
    await drop();
    await page.getByTestId("trace-cancel").click();
    await page.waitForFunction(() => document.querySelector("[data-testid=trace-scanning]") === null);
    await pause(300);
    assert.equal(await seen(page).count(), 0, "what was stopped is not shown");
    await page.evaluate(() => { globalThis.longest = 0; });
    const begin = Date.now();
    await drop();
    await page.waitForFunction(() => /1,000,000 requests in 10,000 s: 100 req/.test(document.querySelector("[data-testid=trace-summary]")?.innerText ?? ""), null, { timeout: 120_000 });
    const [bytes, longest] = await page.evaluate(() => [globalThis.million.files[0].size, globalThis.longest]);
    t.diagnostic(`${(bytes / 1e6).toFixed(0)} MB in ${Date.now() - begin} ms; the page was away for ${longest.toFixed(0)} ms at most`);
    assert.ok(longest < 500, `the page was away for ${longest} ms`);
    await answered(page, () => page.getByTestId("import-apply").click());
  }));
