// Looking inside the network: what channels want to see, what layers make of the picture, and what
// fires where one points.

import { expect, test } from "@playwright/test";
import { DESK, DreamPage, PHONE, QUICK } from "../pages/dream-page.js";
import { inspect } from "../support/inspect.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";

async function opened(page) {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  return dreamPage;
}

/** How much a canvas's levels vary: nothing is drawn on an empty one. */
const spread = (cell) =>
  cell.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return Math.max(...data.filter((_, at) => at % 4 !== 3)) - Math.min(...data.filter((_, at) => at % 4 !== 3));
  });

test("channels are drawn, found, marked, and dreamed with", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.dream();
  const byLayer = await dreamPage.save();
  await dreamPage.button("Browse channels…").click();
  const sheet = page.getByRole("dialog", { name: "Inside the network" });
  await sheet.getByRole("combobox", { name: "Layer" }).selectOption("inception_3b/output");
  const cells = sheet.getByRole("button", { name: /^Dream with channel/ });
  await expect(cells).toHaveCount(24);
  await expect.poll(() => spread(cells.first()), { timeout: 60_000 }).toBeGreaterThan(60);
  await expect.poll(() => spread(cells.nth(1)), { timeout: 60_000 }).toBeGreaterThan(60);
  const numbers = await cells.allTextContents();
  const ascending = [...numbers].sort((a, b) => a - b);
  expect(numbers, "those that fire most come first").not.toEqual(ascending);
  await sheet.getByRole("button", { name: "More channels" }).click();
  await expect(cells).toHaveCount(48);

  await sheet.getByRole("searchbox", { name: "Channel number" }).fill("17");
  await expect(cells.first()).toHaveText(/17/);
  await sheet.getByRole("button", { name: "Favourite channel 17", exact: true }).click();
  await sheet.getByRole("searchbox", { name: "Channel number" }).fill("");
  await sheet.getByRole("checkbox", { name: "Favourites only" }).check();
  await expect(cells).toHaveCount(1);
  await page.reload();
  await dreamPage.ready();
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.button("Browse channels…").click();
  await sheet.getByRole("combobox", { name: "Layer" }).selectOption("inception_3b/output");
  await sheet.getByRole("checkbox", { name: "Favourites only" }).check();
  await cells.first().click();
  await expect(sheet).toBeHidden();
  await dreamPage.dream();
  expect(psnr(await dreamPage.save(), byLayer), "another dream").toBeLessThan(40);
});

test("channels are shown by what they make of the picture", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.button("Browse channels…").click();
  const sheet = page.getByRole("dialog", { name: "Inside the network" });
  await sheet.getByRole("combobox", { name: "Layer" }).selectOption("inception_3a/output");
  const [cell, other] = [0, 1].map((at) => sheet.getByRole("button", { name: /^Dream with channel/ }).nth(at));
  /** A cell's picture at the size of the photo, once it is drawn. */
  const drawn = async (cell, wide) => {
    const size = () => cell.locator("canvas").evaluate(({ width, height }) => width / height);
    await expect.poll(size, { timeout: 60_000 }).toBeCloseTo(wide, 1);
    await expect.poll(() => spread(cell), { timeout: 60_000 }).toBeGreaterThan(60);
    return cell.locator("canvas").evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return { width: canvas.width, height: canvas.height, data: [...data] };
    });
  };
  await drawn(cell, 1);
  await sheet.getByRole("checkbox", { name: "On your picture" }).check();
  const [mine, others] = [await drawn(cell, 4 / 3), await drawn(other, 4 / 3)];
  const original = await decode(landscape(120, 90).buffer);
  expect([mine.width, mine.height]).toEqual([original.width, original.height]);
  expect(psnr(mine, original), "it is the photo").toBeGreaterThan(15);
  expect(psnr(mine, original), "that has dreamed").toBeLessThan(40);
  expect(psnr(mine, others), "of another channel").toBeLessThan(40);
});

test("what each layer makes of the picture is shown, and chosen", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.button("Compare layers…").click();
  const sheet = page.getByRole("dialog", { name: "Inside the network" });
  const cells = sheet.getByRole("button", { name: /^Dream with layer/ });
  const last = sheet.getByRole("button", { name: "Dream with layer inception_3a/output", exact: true });
  await expect.poll(() => spread(last), { timeout: 90_000 }).toBeGreaterThan(60);
  expect(await cells.count()).toBeGreaterThan(5);
  await last.click();
  await expect(dreamPage.layer).toHaveValue("inception_3a/output");
});

test("the picture is pointed at, and what fires there is raised", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.button("See what fires").click();
  const box = await page.locator("figure").boundingBox();
  await page.mouse.click(box.x + box.width * 0.25, box.y + box.height * 0.75);
  const fired = page.getByText(/Fires at 25 % from the left, 75 % from the top/);
  await expect(fired).toBeVisible({ timeout: 30_000 });
  const more = page.getByRole("button", { name: /^More of channel \d+ here$/ });
  await expect(more).toHaveCount(6);
  await dreamPage.button("See what fires").click();
  await more.first().click();
  await dreamPage.dream();
  await expect(dreamPage.alert).toBeHidden();
});

for (const [where, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
  test(`screen readers find nothing wrong inside on a ${where}; screenshots`, async ({ page }, info) => {
    await page.setViewportSize(viewport);
    const dreamPage = await opened(page);
    await dreamPage.button("Browse channels…").click();
    const cells = page.getByRole("button", { name: /^Dream with channel/ });
    await expect.poll(() => spread(cells.nth(7)), { timeout: 90_000 }).toBeGreaterThan(60);
    await inspect(page, info, `${where}-inside-1-channels`);
    await page.getByRole("dialog").getByRole("button", { name: "Layers" }).click();
    await inspect(page, info, `${where}-inside-2-layers`);
  });
}
