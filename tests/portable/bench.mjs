// How much longer wasm takes than native code, for what `playground bench --json` printed; the digests must agree.
// Usage: node tests/portable/bench.mjs <playground_portable.wasm> <figures.json>
import { readFile } from "node:fs/promises";

// The order of the workloads in core/src/study/bench.rs.
const WORKLOADS = ["chat", "chat-10m", "shared-prefix", "eight", "fleet"];
const BAR = 1.7;
const [path, figures] = process.argv.slice(2);
if (!figures) {
  console.error("usage: node tests/portable/bench.mjs <playground_portable.wasm> <figures.json>");
  process.exit(2);
}
const { bench, text, memory } = (await WebAssembly.instantiate(await readFile(path))).instance.exports;
// Once for the compiler, which starts with slow code and improves it.
bench(0, 20000, 10);

let failed = 0;
for (const native of JSON.parse(await readFile(figures, "utf8"))) {
  const start = process.cpuUsage();
  let length = 0;
  for (let run = 0; run < native.runs; run++) {
    length = bench(WORKLOADS.indexOf(native.workload), native.asked, native.rate_rps);
  }
  const used = process.cpuUsage(start);
  const seconds = (used.user + used.system) / 1e6 / native.runs;
  const digest = new TextDecoder().decode(new Uint8Array(memory.buffer, text(), length));
  const ratio = seconds / native.cpu_s;
  const same = digest === native.digest;
  console.log(
    `${native.workload}: ${native.requests} requests, native ${native.cpu_s.toFixed(2)} s, ` +
      `wasm ${seconds.toFixed(2)} s, ratio ${ratio.toFixed(2)} (bar ${BAR}), ` +
      `memory ${(memory.buffer.byteLength / 2 ** 20).toFixed(0)} MiB, digest ${same ? "the same" : "differs"}`,
  );
  failed += same && ratio <= BAR ? 0 : 1;
}
process.exit(failed > 0 ? 1 : 0);
