// Runs the studies compiled to wasm and holds their sizes and digests against expected.txt.
// Usage: node tests/portable/run.mjs <playground_portable.wasm>
import { readFile } from "node:fs/promises";

const [path] = process.argv.slice(2);
if (!path) {
  console.error("usage: node tests/portable/run.mjs <playground_portable.wasm>");
  process.exit(2);
}
const module = await WebAssembly.compile(await readFile(path));
const imports = WebAssembly.Module.imports(module);
if (imports.length > 0) {
  // Whatever is imported could differ between hosts.
  console.error("the module should import nothing, but imports", imports);
  process.exit(1);
}
const { run, text, memory } = (await WebAssembly.instantiate(module)).exports;
const expected = (await readFile(new URL("expected.txt", import.meta.url), "utf8")).trim().split("\n");

let failed = 0;
let index = 0;
for (let length; (length = run(index)) > 0; index++) {
  const found = new TextDecoder().decode(new Uint8Array(memory.buffer, text(), length));
  if (found === expected[index]) {
    console.log(`same as native: ${found}`);
  } else {
    console.error(`differs:\n  expected ${expected[index]}\n  found    ${found}`);
    failed++;
  }
}
if (index !== expected.length) {
  console.error(`${index} studies ran, ${expected.length} are expected`);
  failed++;
}
console.log(`portable: ${index - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
