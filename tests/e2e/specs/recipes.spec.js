// A dream carries its recipe: in its file, and in the address of the page.

import { writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { DreamPage } from "../pages/dream-page.js";
import { dream } from "../support/cli.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";

const SETTINGS = { Octaves: 2, Iterations: 2, Seed: 7, "Step size": 2.5 };
const png = (name, buffer) => ({ name, mimeType: "image/png", buffer });

test("a saved dream brings its settings back and can be remade", async ({ page }, info) => {
  const photo = landscape(120, 90);
  let dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(photo);
  await dreamPage.set(SETTINGS);
  await dreamPage.dream();
  const file = await dreamPage.file("Save PNG", /landscape-dream\.png$/);
  const first = await decode(file);

  await page.goto("about:blank");
  dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(photo);
  await dreamPage.set({ Seed: 3 });
  await dreamPage.openPhoto(png("dream.png", file));
  const notice = dreamPage.region("Recipe");
  await expect(notice).toContainText("settings of dream.png are restored");
  for (const [name, value] of Object.entries(SETTINGS)) {
    await expect(dreamPage.slider(name)).toHaveValue(String(value));
  }
  await dreamPage.button("Begin with landscape").click();
  await dreamPage.dream();
  expect(psnr(await dreamPage.save(), first)).toBe(Infinity);

  const [input, saved, remade, other] = ["in", "saved", "remade", "other"].map((name) =>
    info.outputPath(`${name}.png`),
  );
  await writeFile(input, photo.buffer);
  await writeFile(saved, file);
  await dream(input, remade, { recipe: saved });
  await dream(input, other, { recipe: saved, seed: 8 });
  expect(psnr(await decode(remade), first)).toBeGreaterThan(45);
  expect(psnr(await decode(other), first)).toBeLessThan(40);
});

test("a link restores settings and tells no server", async ({ page, context, browser }) => {
  const asked = [];
  const elsewhere = await browser.newContext();
  for (const it of [context, elsewhere]) {
    it.on("request", (request) => asked.push(request.url()));
  }
  const dreamPage = await DreamPage.open(page);
  await dreamPage.set(SETTINGS);
  await expect(page).toHaveURL(/#recipe=[\w-]+$/);
  const other = await elsewhere.newPage();
  await other.goto(page.url());
  const linked = new DreamPage(other);
  await linked.ready();
  await expect(linked.region("Recipe")).toContainText("settings in this link are restored");
  for (const [name, value] of Object.entries(SETTINGS)) {
    await expect(linked.slider(name)).toHaveValue(String(value));
  }
  await linked.button("Understood").click();
  await expect(linked.region("Recipe")).toBeHidden();
  expect(asked.filter((url) => /[?&/]recipe=/.test(url))).toEqual([]);
  expect(asked.length).toBeGreaterThan(2);
});

for (const [what, recipe, words] of [
  ["of another model", { model: { name: "elsewhere", sha256: "00" } }, "open elsewhere to remake"],
  ["of a newer program", { version: 99, app: "Pareidolia 9" }, "newer program"],
]) {
  test(`a recipe ${what} is told in words`, async ({ page }) => {
    const dreamPage = await DreamPage.open(page);
    const settings = { seed: 9, flavour: "plum" };
    const code = Buffer.from(JSON.stringify({ ...recipe, settings })).toString("base64url");
    await page.evaluate((code) => (location.hash = `recipe=${code}`), code);
    await expect(dreamPage.region("Recipe")).toContainText(words);
    await expect(dreamPage.slider("Seed")).toHaveValue("9");
  });
}

test("a recipe that cannot be is refused; the settings stay", async ({ page }) => {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.set({ Seed: 3 });
  const go = (text) =>
    page.evaluate((code) => (location.hash = `recipe=${code}`), Buffer.from(text).toString("base64url"));
  await go('{"settings":{"octaves":99}}');
  await expect(dreamPage.alert).toContainText("Octaves is 99");
  await go("{half");
  await expect(dreamPage.alert).toContainText("damaged");
  await expect(dreamPage.slider("Seed")).toHaveValue("3");
});
