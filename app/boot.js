// Starts the one wasm module of the page.
//
// It is a file because the page's content security policy forbids inline scripts. Trunk puts the
// hashed addresses of the module and its glue into two links in <head> (see Trunk.toml); links are
// resolved by the browser, so this works under any path. The workers (app/workers.js) import the same glue.
//
// `<html data-boot>` says how far the page is: loading (in index.html), then ready once all its parts are there
// (app/src/later.rs), or failed.

const root = document.documentElement;
/** Longest wait for the shell to be painted, ms: nothing is painted in a tab behind others. */
const UNSEEN_MS = 100;
/** The shell is painted before it is replaced, however fast the module comes: else there is nothing to see until the page is made. */
const painted = new Promise((done) => {
  requestAnimationFrame(() => setTimeout(done));
  setTimeout(done, UNSEEN_MS);
});
try {
  const [glue] = await Promise.all([import(document.getElementById("app-glue").href), painted]);
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
