// Lets the page be opened without a network after the first visit (public/sw.js).
//
// It begins once the answer has settled, so that nothing is fetched twice before. A page in somebody else's page keeps nothing.

/** The page is at rest for so long before anything is kept, ms. */
const REST_MS = 2000;
const root = document.documentElement;

/** Resolves once the answer has settled. */
const settled = () =>
  new Promise((done) => {
    const look = () => {
      if (root.dataset.state !== "settled") return;
      watch.disconnect();
      setTimeout(done, REST_MS);
    };
    const watch = new MutationObserver(look);
    watch.observe(root, { attributes: true, attributeFilter: ["data-state"] });
    look();
  });

/** What the page is made of: what it names, what it fetched besides, and the parts of the module that nobody needed yet. */
async function parts() {
  const glue = document.getElementById("app-glue").href;
  const later = (await import(glue)).parts.map((part) => new URL(part, glue).href);
  const named = [...document.querySelectorAll("link[href], script[src]")].map((e) => e.href || e.src);
  const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
  return [...new Set([...named, ...fetched, ...later])].filter((url) => url.startsWith(location.origin) && !url.endsWith("/sw.js"));
}

async function keep() {
  if (window.top !== window || !("serviceWorker" in navigator)) return;
  await settled();
  await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
  const { active } = (await navigator.serviceWorker.ready) ?? {};
  active?.postMessage({ keep: await parts() });
}

// Where storage is denied the page works as before, from the network alone.
keep().catch(() => {});
