// Before a long dream begins, the page says how long it takes and what memory, and offers less.

import { expect, test } from "@playwright/test";
import { DreamPage } from "../pages/dream-page.js";
import { landscape } from "../support/photos.js";

test("a long dream is told before it begins, and a smaller one is offered", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(1600, 1200));
  const told = dreamPage.region("Actions").locator(".long");
  await dreamPage.set({ Size: 320, Iterations: 10 });
  await dreamPage.need();
  await expect(told).toBeHidden();
  await dreamPage.set({ Size: 1600, Iterations: 100 });
  await expect(told).toContainText(/about \d+ MB.*takes about (\d+ min|\d+ h)/, { timeout: 60_000 });
  const smaller = told.getByRole("button", { name: /Make it \d+ pixels/ });
  const size = Number((await smaller.textContent()).match(/\d+/)[0]);
  expect(size).toBeLessThan(1600);
  await smaller.click();
  await expect(dreamPage.slider("Size")).toHaveValue(String(size));
  await expect(told).toBeHidden({ timeout: 30_000 });
});
