// What the page and its workers hold in memory: JavaScript's heap after a collection, and the module's own memory.

/** Asks the page and each of its workers over the browser's own protocol; `ask` gets a way to send commands. */
async function everywhere(page, context, ask) {
  const session = await context.newCDPSession(page);
  const waiting = new Map();
  const workers = [];
  session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type === "worker") workers.push(sessionId);
  });
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result, error } = JSON.parse(message);
    const { done, fail } = waiting.get(id) ?? {};
    if (error) fail?.(new Error(error.message));
    else done?.(result);
  });
  // Without `flatten`, whose answers the session would not pass on.
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const to = (sessionId) => (method, params = {}) => {
    const id = waiting.size + 1;
    const answer = new Promise((done, fail) => waiting.set(id, { done, fail }));
    const message = JSON.stringify({ id, method, params });
    return session.send("Target.sendMessageToTarget", { sessionId, message }).then(() => answer);
  };
  try {
    const own = (method, params) => session.send(method, params);
    return await Promise.all([ask("page", own), ...workers.map((id, n) => ask(`worker ${n + 1}`, to(id)))]);
  } finally {
    await session.detach();
  }
}

/** The glue has one module for all who import it, which says its memory again when asked to start again. */
const size = (glue) => `import(${JSON.stringify(glue)}).then((glue) => glue.default()).then(({ memory }) => memory.buffer.byteLength)`;

/** Bytes of the page and of each worker: `{ name, heap, wasm }`. */
export async function memory(page, context) {
  const glue = await page.evaluate(() => document.getElementById("app-glue").href);
  return everywhere(page, context, async (name, send) => {
    await send("HeapProfiler.enable");
    await send("HeapProfiler.collectGarbage");
    const { usedSize } = await send("Runtime.getHeapUsage");
    const { result } = await send("Runtime.evaluate", { expression: size(glue), awaitPromise: true, returnByValue: true });
    return { name, heap: usedSize, wasm: result.value };
  });
}
