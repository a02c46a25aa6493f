// The measurement in the page: every engine that the browser has, in a table.

import { expect, test } from "@playwright/test";
import { inspect } from "../support/inspect.js";

test("an iteration is measured on every engine; screenshot", async ({ page }, info) => {
  await page.goto("/?bench");
  await expect(page.locator("html")).toHaveAttribute("data-worker", "alive", { timeout: 30_000 });
  await page.getByRole("spinbutton", { name: "Side of the picture" }).fill("64");
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("progressbar", { name: "Measurement" })).toBeVisible();
  const table = page.getByRole("table");
  await expect(table).toBeVisible({ timeout: 110_000 });
  const heads = await table.getByRole("columnheader").allTextContents();
  expect(heads.filter((head) => head !== "")).toEqual(["CPU", "hybrid", "GPU"]);
  const row = async (name) => {
    const cells = await table.getByRole("row", { name }).getByRole("cell").allTextContents();
    return cells.map(Number.parseFloat);
  };
  const [forward, iteration] = [await row("forward, ms"), await row("full iteration, ms")];
  forward.forEach((ms, i) => expect(ms > 0 && iteration[i] > ms).toBe(true));
  await expect(page.getByText(/measured peak \d+(\.\d+)? GFLOP\/s/)).toBeVisible();
  await inspect(page, info, "bench");
});

test("a layer that cannot be measured is told, and the page goes on", async ({ page }) => {
  // Not auto, which races a software GPU first.
  await page.goto("/?bench&engine=cpu");
  await expect(page.locator("html")).toHaveAttribute("data-worker", "alive", { timeout: 30_000 });
  const side = page.getByRole("spinbutton", { name: "Side of the picture" });
  await side.fill("9000");
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("alert")).toContainText("must be between 32 and 8192");
  await expect(page.getByRole("button", { name: "Measure" })).toBeEnabled();
});
