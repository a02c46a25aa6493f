// The shelf of models: fetched from another host only when the user says so, checked, kept, removed.

import { createHash } from "node:crypto";
import { expect, test } from "@playwright/test";
import { DreamPage, QUICK } from "../pages/dream-page.js";
import { MotionPage, SMALL } from "../pages/motion-page.js";
import { Host, content, hostSite } from "../support/host.js";
import { inspect } from "../support/inspect.js";
import { landscape } from "../support/photos.js";
import { watchOrigins } from "../support/watch.js";

/** Bytes after which a connection breaks. */
const HALF = 1_000_000;

let model;
test.beforeAll(async () => {
  // The built-in model with a word of documentation, so that it is another file.
  const words = Buffer.from([0x32, 3, ...Buffer.from("far")]);
  model = Buffer.concat([await content("models/mini-inception.onnx"), words]);
});

/** The name of the model in use. */
const chip = (page, name) => page.locator("header").getByText(name, { exact: true });

/** A host of models whose answer is `answer(request, response)`, and a site that has it on its shelf. */
async function setUp(page, answer, sha256 = createHash("sha256").update(model).digest("hex")) {
  const models = await Host.start(answer);
  const shelf = JSON.parse(await content("models.json"));
  const address = `${models.origin}/far-net.onnx`;
  const far = { name: "Far net", address, bytes: model.length, sha256, licence: "MIT" };
  const allow = (html) => String(html).replace("https://huggingface.co", models.origin);
  const site = await hostSite({
    changes: { "index.html": allow, "models.json": JSON.stringify([...shelf, far]) },
  });
  const dreamPage = await DreamPage.open(page, "?engine=cpu", site.site);
  const row = page.getByRole("list", { name: "Models" }).locator("li", { hasText: "Far net" });
  const stop = async () => Promise.all([models.stop(), site.stop()]);
  return { models, site, dreamPage, row, stop };
}

/** The whole file, or from where the request wants it. */
function good(request, response) {
  const [, start] = request.headers.range?.match(/^bytes=(\d+)-$/) ?? [];
  const from = Number(start ?? 0);
  response.writeHead(start ? 206 : 200, { "Access-Control-Allow-Origin": "*" });
  response.end(model.subarray(from));
}

test("a model is fetched when its button is pressed, kept, and removed", async ({
  page,
  context,
}, info) => {
  const origins = watchOrigins(context);
  const { models, site, dreamPage, row, stop } = await setUp(page, good);
  const button = row.getByRole("button");
  await expect(button).toHaveText(`Fetch 2.1 MB from localhost:${models.port}`);
  await row.scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${info.project.outputDir}/screens/shelf.png` });
  expect([...origins]).toEqual([site.origin]);
  await button.click();
  await expect(chip(page, "far-net")).toBeVisible();
  expect([...origins]).toEqual([site.origin, models.origin]);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  const buffer = await dreamPage.file("Save PNG", /landscape-dream\.png$/);
  const dreamed = { name: "dream.png", mimeType: "image/png", buffer };

  await page.reload();
  await dreamPage.ready();
  await expect(chip(page, "far-net")).toBeVisible();
  await dreamPage.button("Start afresh").click();
  await expect(chip(page, "mini-inception")).toBeVisible();
  await dreamPage.openPhoto(dreamed);
  await expect(chip(page, "far-net")).toBeVisible();
  await page.getByRole("button", { name: "Use mini-inception" }).click();
  await expect(chip(page, "mini-inception")).toBeVisible();
  await row.getByRole("button", { name: "Use Far net" }).click();
  await expect(chip(page, "far-net")).toBeVisible();
  expect(models.requests).toHaveLength(1);
  await row.getByRole("button", { name: "Remove Far net" }).click();
  await expect(row.getByRole("button", { name: "Remove Far net" })).toBeHidden();
  await expect(row.getByRole("button")).toHaveText(/^Fetch 2\.1 MB/);
  await page.getByRole("button", { name: "Use mini-inception" }).click();
  await expect(chip(page, "mini-inception")).toBeVisible();
  await dreamPage.openPhoto(dreamed);
  await expect(dreamPage.region("Recipe")).toContainText("open far-net to remake");
  await expect(chip(page, "mini-inception")).toBeVisible();
  expect(models.requests).toHaveLength(1);
  await inspect(page, info, "shelf-used");
  await stop();
});

test("a fetched model is there for moving pictures too, unless it is damaged", async ({ page }) => {
  const { models, site, dreamPage, row, stop } = await setUp(page, good);
  await row.getByRole("button").click();
  await expect(chip(page, "far-net")).toBeVisible();
  await dreamPage.ready();
  const zoom = await MotionPage.open(page, "Zoom", "?engine=cpu", site.site);
  await zoom.network.selectOption("Far net");
  await expect(zoom.network.locator("option:checked")).toHaveText("Far net");
  await zoom.openPhoto(landscape(96, 72));
  await zoom.set({ ...SMALL, Frames: 2 });
  await zoom.button("Dream the journey").click();
  await zoom.says("dreamed");
  await zoom.rests();
  expect(models.requests).toHaveLength(1);

  await page.evaluate(
    () =>
      new Promise((done) => {
        indexedDB.open("pareidolia").onsuccess = ({ target: { result } }) => {
          const map = result.transaction("models", "readwrite").objectStore("models");
          map.openCursor().onsuccess = ({ target: { result: cursor } }) => {
            const { file, ...rest } = cursor.value;
            cursor.update({ ...rest, file: file.slice(0, 1000) }).onsuccess = done;
          };
        };
      }),
  );
  const again = await MotionPage.open(page, "Zoom", "?engine=cpu", site.site);
  await page.reload();
  await again.network.selectOption("Far net");
  await expect(again.alert).toContainText("damaged");
  await expect(again.network.locator("option:checked")).toHaveText("Built-in network");
  await stop();
});

test("a file with another hash is thrown away", async ({ page }) => {
  const { row, stop } = await setUp(page, good, "0".repeat(64));
  await row.getByRole("button").click();
  await expect(row.getByRole("alert")).toContainText("SHA-256");
  await expect(row.getByRole("button")).toHaveText(/^Fetch/);
  await expect(chip(page, "far-net")).toBeHidden();
  await stop();
});

test("a download that breaks off is taken up where it was", async ({ page }) => {
  const broken = (request, response) => {
    if (request.headers.range) return good(request, response);
    response.writeHead(200, {
      "Access-Control-Allow-Origin": "*",
      "Content-Length": model.length,
    });
    response.write(model.subarray(0, HALF), () => setTimeout(() => response.destroy(), 200));
  };
  const { models, row, dreamPage, stop } = await setUp(page, broken);
  await row.getByRole("button").click();
  await expect(row.getByRole("alert")).toContainText("broke off");
  await expect(row.getByRole("button").first()).toHaveText(/1\.0 MB of 2\.1 MB are here/);
  await page.reload();
  await dreamPage.ready();
  await row.getByRole("button", { name: /Go on fetching/ }).click();
  await expect(chip(page, "far-net")).toBeVisible();
  expect(models.requests.map(({ headers }) => headers.range)).toEqual([
    undefined,
    `bytes=${HALF}-`,
  ]);
  await stop();
});

test("a download can be cancelled and shows how far it is", async ({ page }) => {
  const slow = (_, response) => {
    response.writeHead(200, { "Access-Control-Allow-Origin": "*" });
    response.write(model.subarray(0, HALF));
  };
  const { row, stop } = await setUp(page, slow);
  await row.getByRole("button").click();
  await expect
    .poll(() => row.getByRole("progressbar").evaluate((it) => it.value))
    .toBe(HALF);
  await row.getByRole("button", { name: "Cancel" }).click();
  await expect(row.getByRole("alert")).toContainText("Cancelled");
  await row.getByRole("button", { name: "Remove Far net" }).click();
  await expect(row.getByRole("button", { name: "Remove Far net" })).toBeHidden();
  await expect(row.getByRole("button")).toHaveText(/^Fetch/);
  await stop();
});

test("no network, no file and no permission are told apart", async ({ page, context }) => {
  let answer = (_, response) => response.writeHead(404, { "Access-Control-Allow-Origin": "*" }).end();
  const { row, stop } = await setUp(page, (request, response) => answer(request, response));
  const fetch = row.getByRole("button");
  const trouble = row.getByRole("alert");
  await fetch.click();
  await expect(trouble).toContainText("404");
  answer = (_, response) => response.end(model);
  await fetch.click();
  await expect(trouble).toContainText("could not be asked");
  await context.setOffline(true);
  await fetch.click();
  await expect(trouble).toContainText("no network");
  await context.setOffline(false);
  answer = good;
  await fetch.click();
  await expect(chip(page, "far-net")).toBeVisible();
  await stop();
});
