// The engines beside the CPU: they dream the same dream, are chosen for a reason, and may fail.

import { expect, test } from "@playwright/test";
import { DESK, DreamPage, PHONE, QUICK } from "../pages/dream-page.js";
import {
  keepDevice,
  loseDevice,
  timesAsked,
  withoutAdapter,
  withSilentAdapter,
  withSmallBuffers,
} from "../support/gpu.js";
import { inspect } from "../support/inspect.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";

/** How alike dreams of two engines must be, in dB, and how unlike the photo. */
const [SAME, OTHER] = [35, 30];
/** Two steps so large that the photo is left far behind before roundings have grown. */
const LEAP = { Octaves: 1, Iterations: 2, "Step size": 6 };
/** Long enough to fail in the middle, small enough to be ended in time. */
const MIDDLE = { Octaves: 3, Iterations: 50 };

for (const engine of ["gpu", "hybrid"]) {
  test(`the ${engine} engine dreams what the CPU dreams`, async ({ page }) => {
    const photo = landscape(96, 72);
    const dreamPage = await DreamPage.open(page);
    await dreamPage.openPhoto(photo);
    await dreamPage.set(LEAP);
    await dreamPage.dream();
    const onCpu = await dreamPage.save();
    await dreamPage.choose(engine, new RegExp(`${engine}: you asked for it`, "i"));
    await dreamPage.dream();
    const dreamed = await dreamPage.save();
    const [same, other] = [psnr(dreamed, onCpu), psnr(dreamed, await decode(photo.buffer))];
    console.log(`${engine} and CPU: ${same.toFixed(1)} dB; the photo: ${other.toFixed(1)} dB`);
    expect(same).toBeGreaterThan(SAME);
    expect(other).toBeLessThan(OTHER);
  });
}

test("auto says which engine it takes and why, before it dreams", async ({ page }) => {
  const dreamPage = await DreamPage.open(page, "");
  await expect(dreamPage.engine).toHaveValue("auto");
  await dreamPage.says(/^(CPU|GPU): .{12,}/);
  await dreamPage.openPhoto(landscape(96, 72));
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  await dreamPage.says(/^(CPU|GPU): .{12,}/);
});

test("what a dream needs is told before it begins", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(640, 480));
  const large = await dreamPage.need();
  await dreamPage.set({ Size: 160 });
  await expect.poll(() => dreamPage.need()).toBeLessThan(large / 4);
});

/** A dream on the GPU whose device is lost in the second of three octaves. */
async function interrupted(page, photo) {
  const dreamPage = await DreamPage.open(page);
  await keepDevice(page);
  await dreamPage.openPhoto(photo);
  await dreamPage.set(MIDDLE);
  await dreamPage.choose("gpu", /GPU: you asked for it/);
  await dreamPage.start();
  await expect(dreamPage.status).toContainText("Octave 2", { timeout: 60_000 });
  await loseDevice(page);
  await expect(dreamPage.alert).toContainText("interrupted");
  await expect(dreamPage.alert).toContainText("GPU");
  await expect(page.locator("html")).toHaveAttribute("data-dream", "interrupted");
  return dreamPage;
}

for (const [way, engine] of [
  ["Continue on the CPU", /CPU: you asked for it/],
  ["Try the GPU again", /GPU: you asked for it/],
]) {
  test(`a dream that has lost its device goes on: ${way}`, async ({ page }) => {
    const photo = landscape(96, 72);
    const dreamPage = await interrupted(page, photo);
    await dreamPage.button(way).click();
    // Once it is done, the page speaks of the next dream.
    await dreamPage.says(engine);
    await expect(dreamPage.status).toContainText(/Octave [23]/);
    await expect(dreamPage.alert).toBeHidden();
    await dreamPage.done();
    await expect(dreamPage.status).toContainText("Dreamed in");
    expect(psnr(await dreamPage.save(), await decode(photo.buffer))).toBeLessThan(OTHER);
  });
}

test("a dream that has lost its device can be kept as it is", async ({ page }) => {
  const photo = landscape(96, 72);
  const dreamPage = await interrupted(page, photo);
  await dreamPage.button("Keep this").click();
  await dreamPage.done();
  await expect(dreamPage.status).toContainText("Stopped after");
  const kept = await dreamPage.save();
  expect([kept.width, kept.height]).toEqual([96, 72]);
  expect(psnr(kept, await decode(photo.buffer))).toBeLessThan(OTHER);
  await dreamPage.set(QUICK);
  await dreamPage.dream();
});

for (const [where, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
  test(`an interrupted dream can be read on a ${where}; screenshot`, async ({ page }, info) => {
    await page.setViewportSize(viewport);
    await interrupted(page, landscape(96, 72));
    await inspect(page, info, `${where}-6-interrupted`);
  });
}

test("a picture too large for the GPU's buffers is dreamed in tiles", async ({ page }) => {
  withSmallBuffers(page, 1.2 * 2 ** 20);
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(240, 180));
  // The shallowest layer sees little around each of its pixels, so that its tiles are small.
  await dreamPage.layer.selectOption({ index: 0 });
  await dreamPage.set(LEAP);
  await dreamPage.dream();
  const onCpu = await dreamPage.save();
  await dreamPage.choose("gpu", /in \d+ tiles/);
  await dreamPage.dream();
  await expect(page.getByText(/dreamed in \d+ tiles/)).toBeVisible();
  expect(psnr(await dreamPage.save(), onCpu)).toBeGreaterThan(SAME);
});

test("a GPU that is too small says so; the CPU still dreams", async ({ page }) => {
  withSmallBuffers(page, 2 ** 16);
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(240, 180));
  await dreamPage.set(QUICK);
  await dreamPage.choose("gpu", /needs \d+ MB .* choose a smaller size/);
  await dreamPage.button("Dream").click();
  await expect(dreamPage.alert).toContainText(/needs \d+ MB .* choose a smaller size/);
  await dreamPage.choose("cpu", /CPU: you asked for it/);
  await dreamPage.dream();
  await expect(dreamPage.alert).toBeHidden();
});

test("without a GPU, gpu says so and auto takes the CPU", async ({ page }) => {
  withoutAdapter(page);
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.choose("gpu", /no WebGPU adapter.*choose cpu or auto/);
  await dreamPage.button("Dream").click();
  await expect(dreamPage.alert).toContainText("no WebGPU adapter");
  await dreamPage.choose("auto", /CPU: .*no WebGPU adapter/);
  await dreamPage.dream();
  await expect(dreamPage.alert).toBeHidden();
});

test("a GPU that never answers keeps nobody waiting", async ({ page }) => {
  withSilentAdapter(page);
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  const waited = /CPU: .*WebGPU has not answered for 15 seconds/;
  await dreamPage.choose("auto", waited);
  await dreamPage.choose("cpu", /CPU: you asked for it/);
  await dreamPage.choose("auto", waited);
  expect(await timesAsked(page)).toBe(1);
  await dreamPage.engine.selectOption("gpu");
  await expect.poll(() => timesAsked(page), { timeout: 30_000 }).toBe(2);
});
