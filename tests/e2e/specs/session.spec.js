// What the user was doing is still there after a reload, after a killed tab, and when the browser
// has no room for it.

import { expect, test } from "@playwright/test";
import { DreamPage, LONG, QUICK } from "../pages/dream-page.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";
import { withoutFiles } from "../support/store.js";

const notices = (page) => page.getByRole("region", { name: "Notices" });

test("a reload brings photo, settings and dream back, until one starts afresh", async ({ page }) => {
  const photo = landscape(120, 90);
  const dreamPage = await DreamPage.open(page);
  await expect(notices(page)).not.toContainText("are back");
  await dreamPage.openPhoto(photo);
  await dreamPage.set({ ...QUICK, Seed: 9 });
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  await page.waitForTimeout(1_000);

  await page.reload();
  await dreamPage.ready();
  await expect(notices(page)).toContainText("Your last picture and settings are back");
  await expect(dreamPage.slider("Seed")).toHaveValue("9");
  await expect(dreamPage.slider("Octaves")).toHaveValue("2");
  expect(psnr(await dreamPage.save(), dreamed)).toBe(Infinity);
  await dreamPage.dream();
  expect(psnr(await dreamPage.save(), dreamed), "it grows from the photo").toBe(Infinity);

  await notices(page).getByRole("button", { name: "Start afresh" }).click();
  await expect(dreamPage.slider("Seed")).toHaveValue("0");
  await expect(dreamPage.button("Clouds")).toHaveAttribute("aria-pressed", "true");
  await page.waitForTimeout(1_000);
  await page.reload();
  await dreamPage.ready();
  await expect(notices(page)).not.toContainText("are back");
  await expect(dreamPage.button("Save PNG")).toBeDisabled();
});

test("where a browser keeps no files, their bytes are kept", async ({ page }) => {
  await withoutFiles(page);
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  await page.waitForTimeout(1_000);
  await expect(dreamPage.alert).toBeHidden();

  await page.reload();
  await dreamPage.ready();
  expect(psnr(await dreamPage.save(), dreamed)).toBe(Infinity);
  await dreamPage.dream();
  expect(psnr(await dreamPage.save(), dreamed), "it grows from the photo").toBe(Infinity);
});

test("a painted mask and a guide are back after a reload", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.unfold("More");
  await dreamPage.kind("Guide by channels");
  await page.getByLabel("Choose a guide picture").setInputFiles(landscape(60, 45));
  await dreamPage.unfold("Mask");
  await dreamPage.choice("Where").selectOption("Painted");
  const box = await page.locator(".picture").boundingBox();
  await page.mouse.click(box.x + box.width * 0.25, box.y + box.height * 0.5);
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  await page.waitForTimeout(1_000);

  await page.reload();
  await dreamPage.ready();
  await expect(dreamPage.button("Dream")).toBeEnabled();
  await dreamPage.dream();
  expect(psnr(await dreamPage.save(), dreamed)).toBe(Infinity);
  await dreamPage.unfold("Mask");
  await expect(page.getByText("Painted here")).toBeVisible();
});

test("a killed tab leaves what its last finished octave had made", async ({ page, context }) => {
  const photo = landscape(240, 180);
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(photo);
  await dreamPage.set({ ...LONG, Iterations: 60 });
  await dreamPage.start();
  await expect(dreamPage.status).toContainText(/Octave 3.*iteration \d\d/i, { timeout: 60_000 });
  await page.close();

  const second = await context.newPage();
  const after = await DreamPage.open(second);
  await expect(notices(second)).toContainText("are back");
  const kept = await after.save();
  expect(kept.width).toBeLessThan(240);
  expect(kept.width).toBeGreaterThan(100);
  await after.set(QUICK);
  await after.dream();
  const dreamed = await after.save();
  expect(dreamed.width).toBe(240);
  expect(psnr(dreamed, await decode(photo.buffer))).toBeGreaterThan(10);
});

test("without room, that is said and nothing is lost", async ({ page, baseURL }) => {
  const client = await page.context().newCDPSession(page);
  const { origin } = new URL(baseURL);
  await client.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 500_000 });
  const dreamPage = await DreamPage.open(page);
  await expect(dreamPage.alert).toBeHidden();
  await dreamPage.openPhoto(landscape(640, 480));
  await expect(dreamPage.alert).toContainText("no room left");
  await dreamPage.set({ ...QUICK, Size: 160 });
  await dreamPage.dream();
  expect((await dreamPage.save()).width).toBe(160);
});
