// What the browser does behind the picture: the sites it asks, and how long its page is busy.

/** Collects the origin of every request that the page and its workers send over the network. */
export function watchOrigins(context) {
  const origins = new Set();
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") || protocol.startsWith("ws")) origins.add(origin);
  });
  return origins;
}

/** Makes every page loaded from now on note its tasks of more than 50 ms; call before loading. */
export async function watchLongTasks(page) {
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        globalThis.longTasks.push({ startTime, duration });
      }
    }).observe({ type: "longtask", buffered: true });
  });
}

/** The durations in ms of the tasks noted since the last call. */
export async function longTasks(page) {
  return page.evaluate(async () => {
    // The observer is told after the task, so let one more frame pass.
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
    return globalThis.longTasks.splice(0).map((task) => Math.round(task.duration));
  });
}
