// While a slider moves the charts move with it, as a draft; at rest they settle; undo goes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withPage } from "../lib/harness.mjs";
import { answered, curves, digest, drag, LOAD, range, REPLICAS, settled, slider, state, verdict } from "../lib/page.mjs";

const DRAGS = [
  { name: "replicas", path: REPLICAS, values: range(4, 12, 0.25) },
  { name: "offered load", path: LOAD, values: range(40, 90, 1) },
];

for (const { name, path, values } of DRAGS) {
  test(`dragging the ${name}`, () =>
    withPage(async ({ page }) => {
      await settled(page);
      const before = { digest: await digest(page), verdict: await verdict(page), curves: await curves(page) };

      const seen = [];
      const look = async () => {
        const chip = page.getByTestId("verdict-chip");
        seen.push({
          state: await state(page),
          chip: await chip.innerText({ timeout: 100 }).catch(() => null),
          curves: JSON.stringify(await curves(page)),
        });
      };
      await answered(page, () => drag(page.mouse, slider(page, path), values, { onStep: look }));

      const drafts = seen.filter(({ state }) => state === "draft" || state === "running");
      const distinct = new Set(drafts.map(({ curves }) => curves));
      assert.ok(distinct.size >= 3, `charts changed ${distinct.size} times during the drag`);
      assert.ok(drafts.some(({ chip }) => chip === "draft"), "a draft says that it is one");

      const after = { digest: await digest(page), verdict: await verdict(page), curves: await curves(page) };
      assert.equal(await page.getByTestId("verdict-chip").count(), 0);
      assert.equal(await slider(page, path).inputValue(), String(values.at(-1)));
      assert.notEqual(after.verdict, before.verdict);
      assert.notEqual(after.digest, before.digest);
      assert.notDeepEqual(after.curves, before.curves);

      await answered(page, () => page.getByTestId("undo").click());
      assert.equal(await digest(page), before.digest, "one drag is one step of undo");
      assert.equal(await verdict(page), before.verdict);
      assert.deepEqual(await curves(page), before.curves);
      await answered(page, () => page.getByTestId("redo").click());
      assert.equal(await digest(page), after.digest);
    }));
}
