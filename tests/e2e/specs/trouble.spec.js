// What goes wrong is said in words, and nothing that was there is lost.

import { expect, test } from "@playwright/test";
import { DreamPage, LONG, QUICK } from "../pages/dream-page.js";
import * as models from "../support/models.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";

test("a model of one's own is opened and dreams", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.modelInput.setInputFiles(await models.good());
  await expect(page.getByText("brought-along")).toBeVisible();
  await dreamPage.set(QUICK);
  await dreamPage.dream();
});

for (const [kind, words] of [
  ["truncated", /half/],
  ["foreign", /ONNX/],
  ["unsupported", /Rely/],
]) {
  test(`a ${kind} model is refused; model and picture stay`, async ({ page }) => {
    const dreamPage = await DreamPage.open(page);
    const photo = landscape(120, 90);
    await dreamPage.openPhoto(photo);
    const layers = await dreamPage.layer.locator("option").allTextContents();
    await dreamPage.modelInput.setInputFiles(await models[kind]());
    await expect(dreamPage.alert).toContainText(words);
    expect(await dreamPage.layer.locator("option").allTextContents()).toEqual(layers);
    await dreamPage.set(QUICK);
    await dreamPage.dream();
    const dreamed = await dreamPage.save();
    expect([dreamed.width, dreamed.height]).toEqual([120, 90]);
    await expect(dreamPage.alert).toBeHidden();
  });
}

test("a file that is no picture is refused; the picture stays", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  const text = { name: "letter.png", mimeType: "image/png", buffer: Buffer.from("Dear photo,") };
  await dreamPage.photoInput.setInputFiles(text);
  await expect(dreamPage.alert).toContainText("letter.png");
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  expect([dreamed.width, dreamed.height]).toEqual([120, 90]);
});

for (const [how, kill] of [
  ["falls silent", () => globalThis.close()],
  [
    "throws",
    () =>
      void setTimeout(() => {
        throw new Error("killed by the test");
      }),
  ],
]) {
  test(`a worker that ${how} is reported and restarted; the photo stays`, async ({ page }) => {
    const dreamPage = await DreamPage.open(page);
    const photo = landscape(120, 90);
    await dreamPage.openPhoto(photo);
    await dreamPage.set(LONG);
    await dreamPage.start();
    await page.workers()[0].evaluate(kill);
    await expect(dreamPage.alert).toBeVisible({ timeout: 10_000 });
    await dreamPage.button("Restart").click();
    await dreamPage.ready();
    await expect(dreamPage.alert).toBeHidden();
    await dreamPage.set(QUICK);
    await dreamPage.dream();
    const dreamed = await dreamPage.save();
    const original = await decode(photo.buffer);
    expect([dreamed.width, dreamed.height]).toEqual([120, 90]);
    expect(psnr(dreamed, original)).toBeGreaterThan(10);
    expect(psnr(dreamed, original)).toBeLessThan(40);
  });
}

test("an engine that nobody has heard of is an honest message", async ({ page }) => {
  const dreamPage = await DreamPage.open(page, "?engine=steam");
  await expect(dreamPage.alert).toContainText("steam");
  await expect(dreamPage.engine).toHaveValue("auto");
});
