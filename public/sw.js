// Keeps the page for when there is no network.
//
// The page itself is asked for anew whenever there is a network, so an update is seen at once. What it is made of has a hash
// or a version in its name and never changes under that name: the first answer is kept and given again. After a
// visit the page says what it is made of (offline.js); that is kept, and what belonged to other versions goes.

const KEPT = "llmd-playground";
/** How long the network has before the page that is kept is shown, ms. */
const PATIENCE_MS = 4000;
/** Names with a hash or a version in them. A hash has 16 hexadecimal digits, but for zeros that it would begin with. */
const NEVER_CHANGES = /-[0-9a-f]{8,16}[._]|-\d+\.\d+\.\d+\./;

const page = () => self.registration.scope;
const isOurs = (url) => url.href.startsWith(page());

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const urls = event.data?.keep;
  if (Array.isArray(urls)) event.waitUntil(keep(urls.map((url) => new URL(url, page())).filter(isOurs)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !isOurs(url)) return;
  if (request.mode === "navigate") event.respondWith(newest(request));
  else if (NEVER_CHANGES.test(url.pathname)) event.respondWith(first(request));
});

/** Keeps all of these and the page, and nothing else. */
async function keep(urls) {
  const cache = await caches.open(KEPT);
  const wanted = new Set([page(), ...urls.map(({ href }) => href)]);
  const known = await cache.keys();
  await Promise.all(known.filter(({ url }) => !wanted.has(url)).map((old) => cache.delete(old)));
  const missing = [...wanted].filter((url) => !known.some((old) => old.url === url));
  await Promise.all(missing.map(async (url) => {
    const answer = await fetch(url);
    if (answer.ok) await cache.put(url, answer);
  }));
}

/** The page as the network has it; as it is kept where there is none, or none that answers. */
async function newest(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(page());
  const fetched = fetch(request).then(async (answer) => {
    if (answer.ok) await cache.put(page(), answer.clone());
    return answer;
  });
  if (!kept) return fetched;
  fetched.catch(() => {}); // The one that is kept stands in.
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, kept.clone()));
  return Promise.race([fetched.catch(() => kept.clone()), late]);
}

/** What was kept under this name, else what the network has. */
async function first(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
}
