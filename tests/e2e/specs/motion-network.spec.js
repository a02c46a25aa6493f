// Moving pictures with another network than the built-in one.

import { readdir, writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { DESK, PHONE } from "../pages/dream-page.js";
import { FilmPage } from "../pages/film-page.js";
import { MotionPage, SMALL } from "../pages/motion-page.js";
import { run } from "../support/cli.js";
import { inspect } from "../support/inspect.js";
import { foreign, renamed } from "../support/models.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";
import { video } from "../support/videos.js";

const PHOTO = landscape(96, 72);
const LAYER = "Layer: what the network shall see more of";

async function begin(page) {
  const zoom = await MotionPage.open(page, "Zoom");
  await zoom.openPhoto(PHOTO);
  await zoom.set({ ...SMALL, Frames: 2 });
  await zoom.says("Frame 1 of 2");
  return zoom;
}

async function dream(zoom) {
  await zoom.button("Dream the journey").click();
  await expect(zoom.button("Dream the journey")).toBeDisabled({ timeout: 90_000 });
  await zoom.rests();
}

async function open(zoom, file) {
  await zoom.networkInput.setInputFiles(file);
  await expect(zoom.network.locator("option:checked")).toHaveText(file.name);
}

test("a journey through a network of one's own is that of the command line", async ({
  page,
}, info) => {
  const zoom = await begin(page);
  await dream(zoom);
  await zoom.says("dreamed");
  const network = await renamed();
  await open(zoom, network);
  // What another network dreamed is not its own.
  await zoom.says("not yet dreamed");
  await zoom.choice(LAYER).selectOption("otherwise_3a/output");
  await dream(zoom);
  await zoom.goTo(2);
  await zoom.says("dreamed");
  const own = await zoom.pixels();

  const journey = await zoom.file("Save journey");
  const [file, model, photo, folder] = ["journey.json", "renamed.onnx", "photo.png", "frames"].map(
    (it) => info.outputPath(it),
  );
  await writeFile(file, journey.bytes);
  await writeFile(model, network.buffer);
  await writeFile(photo, PHOTO.buffer);
  const asked = ["--journey", file, "--model", model, "--engine", "cpu"];
  await run("zoom", photo, "-o", folder, ...asked);
  const [first, second] = (await readdir(folder)).filter((name) => name.endsWith(".png")).sort();
  expect(psnr(own, await decode(`${folder}/${second}`))).toBeGreaterThan(40);
  expect(psnr(own, await decode(`${folder}/${first}`))).toBeLessThan(30);

  // The built-in network has no such layer, and says so; without it, its frames are still there.
  await zoom.network.selectOption("Built-in network");
  await zoom.says("not yet dreamed");
  await zoom.button("Dream the journey").click();
  await expect(zoom.alert).toContainText("has no layer otherwise_");
  await zoom.goTo(1);
  await zoom.button("Undo").click();
  await zoom.says("dreamed");

  // The file names the network: it is chosen where it is open, and asked for where it is not.
  await zoom.journeyInput.setInputFiles(file);
  await expect(zoom.network.locator("option:checked")).toHaveText(network.name);
  await zoom.goTo(2);
  await zoom.says("dreamed");
  await page.goto("about:blank");
  const elsewhere = await begin(page);
  await elsewhere.journeyInput.setInputFiles(file);
  await expect(elsewhere.alert).toContainText("made with the network renamed");
  await open(elsewhere, network);
  await elsewhere.goTo(2);
  await elsewhere.says("not yet dreamed");
});

test("a file that is no network changes nothing", async ({ page }) => {
  const zoom = await begin(page);
  const file = await foreign();
  await zoom.networkInput.setInputFiles(file);
  await expect(zoom.alert).toContainText(file.name, { timeout: 30_000 });
  await expect(zoom.network.locator("option:checked")).toHaveText("Built-in network");
  await dream(zoom);
  await zoom.says("dreamed");
});

test("a film is dreamed to its end with the network that it was begun with", async ({ page }) => {
  test.slow();
  const motion = await MotionPage.open(page, "Film");
  let tool = new FilmPage(page);
  const network = await renamed();
  await open(motion, network);
  await tool.take(await video(page, { count: 12, fps: 10 }));
  await tool.choice("Size").selectOption("96");
  await tool.choice("Layer").selectOption("otherwise_3a/output");
  await tool.tool.getByText("More", { exact: true }).click();
  await tool.set({ Octaves: 1, Iterations: 20, Strength: 4 });
  await tool.button("Dream the film").click();
  await expect(tool.status).toHaveText(/^Frame [2-9] of 12/, { timeout: 60_000 });

  await page.reload();
  tool = new FilmPage(page);
  await tool.ready();
  await tool.button("Go on with the film").click();
  await expect(tool.alert).toContainText("begun with another network, “renamed.onnx”");
  await open(motion, network);
  await tool.button("Go on with the film").click();
  await tool.done();
});

test("the choice of a network fits on desk and phone", async ({ page }, info) => {
  for (const [name, size] of [
    ["desk", DESK],
    ["tablet", { width: 820, height: 1180 }],
    ["phone", PHONE],
  ]) {
    await page.setViewportSize(size);
    const zoom = await MotionPage.open(page, "Zoom");
    await open(zoom, { ...(await renamed()), name: "a-network-with-a-very-long-name-indeed.onnx" });
    expect(await zoom.overhang(), name).toBe(0);
    await inspect(page, info, `motion-network-${name}`);
  }
  await page.getByRole("tab", { name: "Look" }).click();
  await expect(page.getByRole("combobox", { name: "Network", exact: true })).toBeHidden();
});
