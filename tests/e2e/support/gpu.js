// WebGPU as the page's worker finds it, and what can happen to it. The worker opens its device when
// a GPU engine is first chosen, so these come before that.

/** Keeps the device that the worker opens, to be lost later. */
export async function keepDevice(page) {
  await page.workers()[0].evaluate(() => {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      globalThis.keptDevice = await requestDevice.call(this, descriptor);
      return globalThis.keptDevice;
    };
  });
}

/** Takes that device away, as a driver's reset does. */
export async function loseDevice(page) {
  await page.workers()[0].evaluate(() => globalThis.keptDevice.destroy());
}

/** A machine without a GPU. */
export async function withoutAdapter(page) {
  await page.workers()[0].evaluate(() => {
    GPU.prototype.requestAdapter = async () => null;
  });
}

/** A GPU whose buffers hold so many bytes at most. */
export async function withSmallBuffers(page, bytes) {
  await page.workers()[0].evaluate((bytes) => {
    for (const limit of ["maxBufferSize", "maxStorageBufferBindingSize"]) {
      Object.defineProperty(GPUSupportedLimits.prototype, limit, { get: () => bytes });
    }
  }, bytes);
}
