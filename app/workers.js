// Starts the workers of the page: the first ones while the module that they will run is still on its way, since a worker
// cannot start without the page's thread, which is busy once the module is there.
//
// A classic worker from a blob address and a dynamic `import()` of the page's own glue is the one way that also works in
// a sandboxed frame, whose origin is opaque. The module is compiled for the page and posted to the workers
// (app/src/pool/threads.rs), so it is neither fetched nor compiled twice.

/** As many as the page begins with: app/src/pool/mod.rs. */
const EARLY = Math.min(Math.trunc(navigator.hardwareConcurrency) || 1, 8);

/** What a worker runs first. Whatever goes wrong there is thrown out of a timer, because a rejected promise would not
 * reach the page as an `error` event. */
const BOOTSTRAP = `let glue;
self.onmessage = async ({ data }) => {
  try {
    if (data.glue) glue = import(data.glue);
    await (data.module ? (await glue).default({ module_or_path: data.module }) : glue);
  } catch (error) {
    setTimeout(() => { throw error; });
  }
};`;

// Kept: a worker may have to be replaced.
const address = URL.createObjectURL(new Blob([BOOTSTRAP], { type: "text/javascript" }));

function start() {
  const worker = new Worker(address);
  worker.postMessage({ glue: document.getElementById("app-glue").href });
  return worker;
}

/** Those that nobody has taken yet. */
const early = [];

/** A worker that awaits the compiled module: one that was started early, or another. */
globalThis.newWorker = () => {
  const worker = early.pop();
  if (!worker) return start();
  worker.onerror = null;
  return worker;
};

try {
  while (early.length < EARLY) {
    const worker = start();
    // It is not given to anybody; what is wrong will be found out with the next one.
    worker.onerror = (event) => {
      event.preventDefault();
      if (early.includes(worker)) early.splice(early.indexOf(worker), 1);
    };
    early.push(worker);
  }
} catch {
  // The page will try again, and say why it cannot.
}
