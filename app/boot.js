// Starts the one wasm module of the page.
//
// It is a file because the page's content security policy forbids inline scripts. Trunk puts the
// hashed addresses of the module and its glue into two links in <head> (see Trunk.toml); links are
// resolved by the browser, so this works under any path. The workers (app/workers.js) import the same glue.
//
// `<html data-boot>` says how far the page is: loading (in index.html), then ready once all its parts are there
// (app/src/later.rs), or failed.

const root = document.documentElement;
try {
  const glue = await import(document.getElementById("app-glue").href);
  await glue.default({ module_or_path: document.getElementById("app-wasm").href });
} catch (error) {
  root.dataset.boot = "failed";
  const notice = document.getElementById("boot-failed");
  if (notice) {
    notice.hidden = false;
    notice.querySelector("output").textContent = String(error);
  }
  throw error; // The console keeps the stack.
}
