// History, view and keys: what was dreamed comes back, the picture is seen closely, and everything
// has a key.

import { expect, test } from "@playwright/test";
import { DreamPage, QUICK } from "../pages/dream-page.js";
import { landscape } from "../support/photos.js";
import { psnr } from "../support/picture.js";

test("every octave comes back, with its settings, also on the next visit", async ({ page }) => {
  const photo = landscape(140, 98);
  let dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(photo);
  await dreamPage.set({ ...QUICK, Seed: 7 });
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  const names = ["Start: landscape", "Dream 1 · 1/2 octaves", "Dream 1 · 2/2 octaves"];
  await expect.poll(() => dreamPage.stills()).toEqual(names);

  await page.goto("about:blank");
  dreamPage = await DreamPage.open(page);
  await expect.poll(() => dreamPage.stills()).toEqual(names);
  await dreamPage.button(names[1]).click();
  await expect(dreamPage.slider("Seed")).toHaveValue("7");
  await expect(dreamPage.button(names[1])).toHaveAttribute("aria-pressed", "true");
  const small = await dreamPage.save();
  expect([small.width, small.height]).toEqual([100, 70]);

  await dreamPage.button("Again").click();
  await expect(dreamPage.button("Stop")).toBeVisible();
  await dreamPage.done();
  const branch = "Dream 2 · 1/2 octaves, grown from dream 1";
  await expect.poll(() => dreamPage.stills()).toContain(branch);
  await dreamPage.button(names[2]).click();
  await expect(dreamPage.button(names[2])).toHaveAttribute("aria-pressed", "true");
  expect(psnr(await dreamPage.save(), dreamed)).toBe(Infinity);

  await dreamPage.button("Start: landscape").click();
  await expect(dreamPage.button("Save PNG")).toBeDisabled();
  await dreamPage.button("Clear the filmstrip").click();
  await expect(dreamPage.region("Filmstrip")).toBeHidden();
  await page.goto("about:blank");
  dreamPage = await DreamPage.open(page);
  expect(await dreamPage.stills()).toEqual([]);
});

test("any two stills are compared", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(140, 98));
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  const left = page.locator("figure canvas").nth(1);
  const width = () => left.evaluate((canvas) => canvas.width);
  expect(await width()).toBe(140);
  await dreamPage.button("Compare with…").click();
  await dreamPage.button("Dream 1 · 1/2 octaves").click();
  await expect.poll(width).toBe(100);
  await expect(dreamPage.slider("Compare")).toHaveValue("50");
  await dreamPage.button("Compare with the original").click();
  await expect.poll(width).toBe(140);
});

test("settings and pictures are undone and redone", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await page.waitForTimeout(700);
  await dreamPage.set({ ...QUICK, Seed: 5 });
  await page.waitForTimeout(700);
  await dreamPage.dream();
  await page.waitForTimeout(700);
  await dreamPage.button("Undo").click();
  await expect(dreamPage.button("Save PNG")).toBeDisabled();
  await expect(dreamPage.slider("Seed")).toHaveValue("5");
  await page.keyboard.press("Control+z");
  await expect(dreamPage.slider("Seed")).toHaveValue("0");
  await page.keyboard.press("Control+Shift+z");
  await expect(dreamPage.slider("Seed")).toHaveValue("5");
  await dreamPage.button("Redo").click();
  await expect(dreamPage.button("Save PNG")).toBeEnabled();
  await expect(dreamPage.button("Redo")).toBeDisabled();
});

test("the picture is zoomed and moved by wheel, keys and fingers", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape());
  const canvas = dreamPage.picture;
  const wide = () => canvas.evaluate((it) => it.getBoundingClientRect().width);
  const left = () => canvas.evaluate((it) => it.getBoundingClientRect().left);
  const all = await wide();
  const scale = async () => Math.round((100 * (await wide())) / all);
  await canvas.hover();
  await page.mouse.wheel(0, -100);
  await expect.poll(scale).toBeGreaterThan(120);
  await page.keyboard.press("0");
  await expect.poll(scale).toBe(100);
  for (let times = 0; times < 4; times++) await page.keyboard.press("+");
  await expect.poll(scale).toBe(244);
  const before = await left();
  await page.keyboard.press("ArrowRight");
  await expect.poll(left).toBeLessThan(before - 20);
  const moved = await left();
  const frame = await page.locator("figure").boundingBox();
  const [x, y] = [frame.x + frame.width / 2, frame.y + frame.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 40, y);
  await page.mouse.up();
  await expect.poll(left).toBeCloseTo(moved + 40, 0);
  await page.getByRole("button", { name: /see all of the picture$/ }).click();
  await expect.poll(scale).toBe(100);

  await page.locator("figure").evaluate((figure) => {
    const { left, top, width, height } = figure.getBoundingClientRect();
    const finger = (type, pointerId, x) =>
      figure.dispatchEvent(
        new PointerEvent(type, {
          pointerId,
          pointerType: "touch",
          bubbles: true,
          clientX: left + x * width,
          clientY: top + height / 2,
        }),
      );
    finger("pointerdown", 11, 0.4);
    finger("pointerdown", 12, 0.6);
    finger("pointermove", 12, 0.8);
    finger("pointerup", 11, 0.4);
    finger("pointerup", 12, 0.8);
  });
  await expect.poll(async () => Math.abs((await scale()) - 200)).toBeLessThan(3);
});

test("keys are listed, work, and can be switched off", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await page.locator("body").press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(sheet).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.keyboard.press("d");
  await expect(dreamPage.button("Stop")).toBeVisible();
  await dreamPage.done();
  await dreamPage.button("Keyboard shortcuts").click();
  await sheet.getByLabel("Single keys do something").uncheck();
  await dreamPage.button("Close").click();
  await page.keyboard.press("+");
  await page.keyboard.press("d");
  await expect(page.getByRole("button", { name: /see all of the picture$/ })).toHaveText("100%");
  await expect(dreamPage.button("Dream")).toBeVisible();
});

test("a preset is chosen by looking, and a surprise dreams at once", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.button("Swirls").click();
  await expect(dreamPage.layer).toHaveValue("inception_3b/output");
  await expect(dreamPage.button("Swirls")).toHaveAttribute("aria-pressed", "true");
  await expect(dreamPage.button("Eyes")).toHaveAttribute("aria-pressed", "false");
  const shown = page.getByRole("group", { name: "Presets" }).locator("img");
  expect(await shown.count()).toBeGreaterThanOrEqual(12);
  const widths = await shown.evaluateAll((all) => all.map((image) => image.naturalWidth));
  expect(Math.min(...widths)).toBeGreaterThan(50);
  await dreamPage.button("Surprise me").click();
  await expect(dreamPage.button("Stop")).toBeVisible();
  await dreamPage.stop();
});
