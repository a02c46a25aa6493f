// The studio: nothing restarts, what was dreamed can be remixed, and there are many ways out.

import { expect, test } from "@playwright/test";
import { DreamPage, LONG, QUICK } from "../pages/dream-page.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";

async function opened(page, photo = landscape(120, 90), settings = QUICK) {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(photo);
  await dreamPage.set(settings);
  return dreamPage;
}

test("settings change while it dreams, and nothing restarts", async ({ page }) => {
  const dreamPage = await opened(page, landscape(640, 480), LONG);
  await dreamPage.start();
  await expect(dreamPage.status).toContainText(/iteration [3-9]\d* of 100/i, { timeout: 30_000 });
  const before = Number((await dreamPage.status.textContent()).match(/iteration (\d+)/i)[1]);
  await dreamPage.set({ Iterations: 60, "Step size": 4 });
  await dreamPage.layer.selectOption("inception_3b/output");
  await expect(dreamPage.status).toContainText(/of 60/);
  const status = await dreamPage.status.textContent();
  expect(status).toContain("Octave 1");
  expect(Number(status.match(/iteration (\d+)/i)[1])).toBeGreaterThanOrEqual(before);
  await dreamPage.stop();
  await expect(dreamPage.alert).toBeHidden();
});

test("how the dream climbs is drawn while it dreams, one line for each objective", async ({ page }) => {
  const dreamPage = await opened(page, landscape(), LONG);
  const plot = page.locator("details").filter({ hasText: "How it climbs" });
  await expect(plot).toBeHidden();
  await dreamPage.start();
  await expect(plot).toBeVisible({ timeout: 30_000 });
  await expect(plot.getByRole("listitem")).toHaveText(/^inception_4e\/output: [+−]\d+ % in this octave$/);
  await dreamPage.stop();
  await dreamPage.set(QUICK);
  await dreamPage.unfold("More");
  await dreamPage.button("Add an objective").click();
  await dreamPage.choice("Layer", dreamPage.objective(2)).selectOption("inception_3a/output");
  await dreamPage.dream();
  const told = plot.getByRole("listitem");
  await expect(told).toHaveCount(3);
  await expect(told.last()).toHaveText(/^All together: \+[1-9]\d* % in this octave$/);
  const drawn = await plot.locator("path").evaluateAll((paths) => paths.map((path) => path.getTotalLength()));
  expect(drawn).toHaveLength(3);
  expect(Math.min(...drawn)).toBeGreaterThan(0.1);
});

test("a dream keeps going, and is dreamed again", async ({ page }) => {
  const photo = landscape(120, 90);
  const original = await decode(photo.buffer);
  const dreamPage = await opened(page, photo);
  await expect(dreamPage.button("Keep going")).toBeDisabled();
  await dreamPage.dream();
  const distances = [psnr(await dreamPage.save(), original)];
  for (const way of ["Keep going", "Again"]) {
    await dreamPage.button(way).click();
    await expect(dreamPage.button("Stop")).toBeVisible();
    await dreamPage.done();
    distances.push(psnr(await dreamPage.save(), original));
  }
  expect(distances[1]).toBeLessThan(distances[0] - 0.3);
  expect(distances[2]).toBeLessThan(distances[1] - 0.3);
});

test("octaves are remixed at once, through zero, without dreaming again", async ({ page }) => {
  const photo = landscape(120, 90);
  const original = await decode(photo.buffer);
  const dreamPage = await opened(page, photo);
  await expect(dreamPage.slider("Strength")).toBeHidden();
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  const mixed = async (settings) => {
    await dreamPage.set(settings);
    await page.waitForTimeout(600);
    await expect(page.locator("html")).toHaveAttribute("data-dream", "idle");
    return dreamPage.save();
  };
  expect(psnr(await mixed({ Strength: 0 }), original)).toBe(Infinity);
  expect(psnr(await mixed({ Strength: -1 }), dreamed)).toBeLessThan(35);
  expect(psnr(await mixed({ Strength: 1 }), dreamed)).toBeGreaterThan(48);
  const fine = await mixed({ "Octave 1": 0 });
  expect(psnr(fine, dreamed)).toBeLessThan(45);
  expect(psnr(fine, original)).toBeLessThan(45);
  await dreamPage.button("As dreamed").click();
  expect(psnr(await mixed({ Colour: 1 }), dreamed)).toBeGreaterThan(48);
});

test("a dream leaves as JPEG, WebP, and before and after", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.dream();
  const jpeg = await dreamPage.export("Save JPEG", /landscape-dream\.jpg$/);
  expect(jpeg.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  const webp = await dreamPage.file("Save WebP", /\.webp$/);
  expect(webp.subarray(8, 12).toString()).toBe("WEBP");
  const sides = await decode(await dreamPage.file("Save before and after", /before-after\.png$/));
  expect([sides.width, sides.height]).toEqual([240, 90]);
});

test("a dream and the link to its recipe are copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const dreamPage = await opened(page);
  await dreamPage.dream();
  await dreamPage.button("Export").click();
  await dreamPage.button("Copy the picture").click();
  const size = () =>
    page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      if (!item.types.includes("image/png")) return item.types;
      const bitmap = await createImageBitmap(await item.getType("image/png"));
      return [bitmap.width, bitmap.height];
    });
  await expect.poll(size).toEqual([120, 90]);
  await dreamPage.button("Copy a link to the recipe").click();
  await expect(dreamPage.button("Link copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/#recipe=[\w-]+$/);
});

test("a set of variants is saved with a table of what was dreamed", async ({ page }) => {
  const dreamPage = await opened(page, landscape(120, 90), { Octaves: 1, Iterations: 2, Seed: 9999 });
  await dreamPage.dream();
  await dreamPage.button("Export").click();
  await page.getByLabel("Variants").fill("3");
  await page.getByLabel("Variants").blur();
  const zip = await dreamPage.file("Save the set as ZIP", /landscape-variants\.zip$/);
  const files = unpacked(zip);
  const names = ["9999", "0000", "0001"].map((seed) => `landscape-seed-${seed}.png`);
  expect([...files.keys()]).toEqual([...names, "landscape-variants.csv"]);
  const pictures = await Promise.all(names.map((name) => decode(files.get(name))));
  expect(psnr(pictures[0], pictures[1])).toBeLessThan(50);
  const rows = files.get("landscape-variants.csv").toString().trim().split("\r\n");
  expect(rows).toHaveLength(4);
  expect(rows[1]).toMatch(/^landscape-seed-9999\.png,9999,inception_4e\/output,/);
  expect(rows[1]).toMatch(/,0\.\d{3}$/);
  await expect(dreamPage.slider("Seed")).toHaveValue("9999");
});

/** The files of a ZIP that stores them as they are, by its central directory. */
function unpacked(zip) {
  const files = new Map();
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    expect(zip.readUInt16LE(at + 10), "stored").toBe(0);
    const [size, local] = [zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)];
    const lengths = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const name = zip.subarray(at + 46, at + 46 + lengths[0]).toString();
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files.set(name, zip.subarray(data, data + size));
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return files;
}
