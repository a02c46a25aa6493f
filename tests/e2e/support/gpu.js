// WebGPU as the page's worker finds it, and what can happen to it. The worker opens its device while
// it still loads the model, so machines are changed before the page is opened.

/** Keeps the device that the worker uses from now on, to be lost later. */
export async function keepDevice(page) {
  await page.workers()[0].evaluate(() => {
    const { createBuffer } = GPUDevice.prototype;
    GPUDevice.prototype.createBuffer = function (descriptor) {
      globalThis.keptDevice = this;
      return createBuffer.call(this, descriptor);
    };
  });
}

/** Takes that device away, as a driver's reset does. */
export async function loseDevice(page) {
  await page.workers()[0].evaluate(() => globalThis.keptDevice.destroy());
}

/** A machine without a GPU. */
export function withoutAdapter(page) {
  page.on("worker", (worker) =>
    worker.evaluate(() => {
      GPU.prototype.requestAdapter = async () => null;
    }),
  );
}

/** A GPU that never answers, as some do after a crash. */
export function withSilentAdapter(page) {
  page.on("worker", (worker) =>
    worker.evaluate(() => {
      globalThis.asked = 0;
      GPU.prototype.requestAdapter = () => {
        globalThis.asked += 1;
        return new Promise(() => {});
      };
    }),
  );
}

/** How often such a GPU was asked for. */
export function timesAsked(page) {
  return page.workers()[0].evaluate(() => globalThis.asked);
}

/** A GPU whose buffers hold so many bytes at most. */
export function withSmallBuffers(page, bytes) {
  page.on("worker", (worker) =>
    worker.evaluate((bytes) => {
      for (const limit of ["maxBufferSize", "maxStorageBufferBindingSize"]) {
        Object.defineProperty(GPUSupportedLimits.prototype, limit, { get: () => bytes });
      }
    }, bytes),
  );
}
