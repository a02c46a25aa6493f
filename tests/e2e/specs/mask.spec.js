// Where the dream may change the picture: painted, loaded, or where the network sees most.

import { writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { landscape } from "../support/photos.js";
import { decode, encode, psnr } from "../support/picture.js";
import { expectTwin, quick } from "../support/twin.js";

const WIDTH = 120;

async function opened(page) {
  const dreamPage = await quick(page);
  await dreamPage.unfold("Mask");
  return dreamPage;
}

/** The largest change of any pixel in the columns from `left` to `right`, as parts of the width. */
function change(a, b, left, right) {
  let largest = 0;
  for (let i = 0; i < a.data.length; i++) {
    const x = (Math.floor(i / 4) % WIDTH) / WIDTH;
    if (x >= left && x < right) largest = Math.max(largest, Math.abs(a.data[i] - b.data[i]));
  }
  return largest;
}

/** Draws a line on the picture, from and to places in parts of its sides. */
async function drag(page, from, to) {
  const box = await page.locator(".picture").boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 8 });
  await page.mouse.up();
}

/** How much of the picture the veil covers, 0 to 1. */
async function covered(page) {
  return page.locator(".veil").evaluate((veil) => {
    const { data } = veil.getContext("2d").getImageData(0, 0, veil.width, veil.height);
    return data.filter((_, i) => i % 4 === 3).reduce((sum, it) => sum + it, 0) / (data.length / 4) / 153;
  });
}

test("a dream changes only where it is painted", async ({ page }) => {
  const original = await decode(landscape(120, 90).buffer);
  const dreamPage = await opened(page);
  await dreamPage.choice("Where").selectOption("Painted");
  await dreamPage.set({ "Brush size": 30, Feather: 20 });
  expect(await covered(page)).toBe(0);
  await drag(page, [0.15, 0.1], [0.15, 0.9]);
  const painted = await covered(page);
  expect(painted).toBeGreaterThan(0.15);
  expect(painted).toBeLessThan(0.4);
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  expect(change(dreamed, original, 0.5, 1)).toBe(0);
  expect(change(dreamed, original, 0, 0.25)).toBeGreaterThan(5);

  await dreamPage.button("Invert").click();
  expect(await covered(page)).toBeCloseTo(1 - painted, 1);
  await dreamPage.dream();
  const other = await dreamPage.save();
  expect(change(other, original, 0.1, 0.2)).toBe(0);
  expect(change(other, original, 0.5, 1)).toBeGreaterThan(5);
});

test("the brush goes on while it dreams", async ({ page }) => {
  const original = await decode(landscape(120, 90).buffer);
  const dreamPage = await opened(page);
  await dreamPage.choice("Where").selectOption("Painted");
  await dreamPage.set({ "Brush size": 20, Feather: 20, Octaves: 1, Iterations: 100 });
  await drag(page, [0.1, 0.1], [0.1, 0.9]);
  await dreamPage.start();
  await expect(dreamPage.status).toContainText(/iteration \d+ of/i, { timeout: 30_000 });
  await expect(page.locator(".veil"), "the dream is seen").toHaveCSS("opacity", "0");
  await drag(page, [0.9, 0.1], [0.9, 0.9]);
  await dreamPage.done();
  await expect(dreamPage.alert).toBeHidden();
  const dreamed = await dreamPage.save();
  expect(change(dreamed, original, 0, 0.15)).toBeGreaterThan(5);
  expect(change(dreamed, original, 0.25, 0.75)).toBe(0);
  expect(change(dreamed, original, 0.85, 1)).toBeGreaterThan(5);
});

test("a pen paints as strongly as it is pressed", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.choice("Where").selectOption("Painted");
  await dreamPage.set({ "Brush size": 40, Feather: 0 });
  const strongest = (pressure) =>
    page.locator(".veil").evaluate((veil, pressure) => {
      const { left, top, width, height } = veil.getBoundingClientRect();
      const [clientX, clientY] = [left + width / 2, top + height / 2];
      const pen = { pointerType: "pen", pressure, clientX, clientY, bubbles: true };
      veil.dispatchEvent(new PointerEvent("pointerdown", pen));
      const { data } = veil.getContext("2d").getImageData(0, 0, veil.width, veil.height);
      return data.filter((_, i) => i % 4 === 3).reduce((most, it) => Math.max(most, it), 0) / 153;
    }, pressure);
  expect(await strongest(0.4)).toBeCloseTo(0.4, 1);
  expect(await strongest(1)).toBe(1);
});

test("strokes are erased, undone, cleared and filled", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.choice("Where").selectOption("Painted");
  await dreamPage.set({ "Brush size": 20, Feather: 0 });
  await page.waitForTimeout(500);
  await drag(page, [0.2, 0.5], [0.8, 0.5]);
  const line = await covered(page);
  expect(line).toBeGreaterThan(0.1);
  await page.waitForTimeout(500);
  await dreamPage.button("Erase").click();
  await expect(dreamPage.button("Erase")).toHaveAttribute("aria-pressed", "true");
  await drag(page, [0.5, 0.5], [0.8, 0.5]);
  const half = await covered(page);
  expect(half).toBeLessThan(line * 0.7);
  await page.waitForTimeout(500);
  await dreamPage.button("Undo").click();
  expect(await covered(page)).toBeCloseTo(line, 3);
  await dreamPage.button("Redo").click();
  expect(await covered(page)).toBeCloseTo(half, 3);
  await dreamPage.button("Fill").click();
  expect(await covered(page)).toBeCloseTo(1, 2);
  await dreamPage.button("Clear").click();
  expect(await covered(page)).toBe(0);
  await dreamPage.button("Erase").click();
  await dreamPage.button("Add").click();
  await dreamPage.button("Add").click();
  await drag(page, [0.2, 0.5], [0.8, 0.5]);
  expect(await covered(page), "the brush is put away").toBe(0);
});

test("a feathered brush is soft", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.choice("Where").selectOption("Painted");
  const soft = async (feather) => {
    await dreamPage.button("Clear").click();
    await dreamPage.set({ "Brush size": 40, Feather: feather });
    await drag(page, [0.5, 0.5], [0.5, 0.5]);
    return page.locator(".veil").evaluate((veil) => {
      const { data } = veil.getContext("2d").getImageData(0, 0, veil.width, veil.height);
      const inside = data.filter((it, i) => i % 4 === 3 && it > 0);
      return inside.filter((it) => it < 153).length / inside.length;
    });
  };
  expect(await soft(100)).toBeGreaterThan(0.8);
  expect(await soft(0)).toBeLessThan(0.01);
});

test("every objective has a mask of its own, loaded or painted", async ({ page }, info) => {
  const [first, second] = ["inception_3a/output", "conv2/3x3"];
  const file = encode(60, 45, (x) => (x < 30 ? [0, 0, 0, 255] : [255, 255, 255, 255]));
  const path = info.outputPath("right.png");
  await writeFile(path, file);
  const dreamPage = await opened(page);
  await expect(dreamPage.choice("Mask of")).toBeHidden();
  await dreamPage.layer.selectOption(first);
  await dreamPage.unfold("More");
  await dreamPage.button("Add an objective").click();
  await dreamPage.choice("Layer", dreamPage.objective(2)).selectOption(second);
  await dreamPage.check("Balance").check();
  await dreamPage.choice("Mask of").selectOption("Objective 2");
  await page.getByLabel("Load a mask").setInputFiles({ name: "right.png", mimeType: "image/png", buffer: file });
  await expect(dreamPage.choice("Where")).toHaveValue("2");
  expect(await covered(page)).toBeCloseTo(0.5, 1);
  const free = { layer: [first, second], balance: true };
  await expectTwin(dreamPage, info, { ...free, "mask-for": `${second}=${path}` }, free, 4);

  await dreamPage.choice("Mask of").selectOption("The whole dream");
  await expect(dreamPage.choice("Where")).toHaveValue("0");
  await dreamPage.choice("Mask of").selectOption("Objective 1");
  await dreamPage.choice("Where").selectOption("Painted");
  await dreamPage.set({ "Brush size": 30, Feather: 0 });
  await drag(page, [0.2, 0.1], [0.2, 0.9]);
  const painted = await covered(page);
  expect(painted).toBeGreaterThan(0.15);
  expect(painted).toBeLessThan(0.45);
  await dreamPage.choice("Mask of").selectOption("Objective 2");
  expect(await covered(page)).toBeCloseTo(0.5, 1);
});

test("a mask is loaded, as on the command line", async ({ page }, info) => {
  const file = encode(60, 45, (x) => [x * 4, x * 4, x * 4, 255]);
  const dreamPage = await opened(page);
  await page.getByLabel("Load a mask").setInputFiles({ name: "right.png", mimeType: "image/png", buffer: file });
  await expect(dreamPage.choice("Where")).toHaveValue("2");
  await expect(page.getByText("right.png")).toBeVisible();
  const path = info.outputPath("right.png");
  await writeFile(path, file);
  await expectTwin(dreamPage, info, { mask: path });
});

test("a dream goes where the network sees most", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.choice("Where").selectOption("Where it sees most");
  const dreamed = await expectTwin(dreamPage, info, { mask: "auto" });
  await dreamPage.choice("Where").selectOption("Everywhere");
  await dreamPage.dream();
  expect(psnr(await dreamPage.save(), dreamed)).toBeLessThan(42);
});
