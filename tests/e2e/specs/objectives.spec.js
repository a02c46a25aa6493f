// Everything that a dream can raise, chosen on the page.

import { writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { LONG } from "../pages/dream-page.js";
import { dream, run } from "../support/cli.js";
import { landscape, translucent } from "../support/photos.js";
import { decode, encode, psnr } from "../support/picture.js";
import { expectTwin, quick } from "../support/twin.js";

const LAYER = "inception_4c/output";

/** A picture of stripes, as a file. */
function stripes(name) {
  const buffer = encode(96, 96, (x, y) => ((x + y) % 16 < 8 ? [250, 220, 40, 255] : [20, 20, 90, 255]));
  return { name, mimeType: "image/png", buffer };
}

async function opened(page) {
  const dreamPage = await quick(page);
  await dreamPage.layer.selectOption(LAYER);
  await dreamPage.unfold("More");
  return dreamPage;
}

test("channels are typed, and raised", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.kind("Channels");
  const channels = dreamPage.text("Channels", dreamPage.objective());
  await channels.fill("9999");
  await channels.blur();
  await expect(channels).toHaveAttribute("aria-invalid", "true");
  await channels.fill("5, 2-3");
  await channels.blur();
  await expect(channels).toHaveValue("2-3, 5");
  await expect(channels).toHaveAttribute("aria-invalid", "false");
  await dreamPage.check("Before ReLU").check();
  const same = { channel: `${LAYER}:2,3,5`, "before-relu": true };
  await expectTwin(dreamPage, info, same, { channel: `${LAYER}:7,8` });
});

test("a silent channel is woken by redirected steps", async ({ page }, info) => {
  const photo = info.outputPath("photo.png");
  const output = info.outputPath("dream.png");
  await writeFile(photo, landscape(120, 90).buffer);
  const original = await decode(photo);
  let silent = -1;
  for (let channel = 0; silent < 0; channel++) {
    await dream(photo, output, { octaves: 1, iterations: 1, channel: `${LAYER}:${channel}` });
    if (psnr(await decode(output), original) === Infinity) silent = channel;
  }
  const dreamPage = await opened(page);
  await dreamPage.kind("Channels");
  await dreamPage.text("Channels", dreamPage.objective()).fill(`${silent}`);
  await dreamPage.set({ "Redirected steps": 9, Octaves: 1 });
  const channel = { channel: `${LAYER}:${silent}`, octaves: 1 };
  await expectTwin(dreamPage, info, { ...channel, redirected: 9 }, channel);
});

test("a neuron is looked for where the picture is pointed at", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.kind("Neuron");
  const channel = dreamPage.text("Channel", dreamPage.objective());
  await channel.fill("4");
  await channel.blur();
  await dreamPage.slider("From top").fill("10");
  await dreamPage.button("Point at the picture").click();
  const box = await page.locator(".picture").boundingBox();
  await page.mouse.click(box.x + box.width * 0.25, box.y + box.height * 0.75);
  await expect(dreamPage.slider("From left")).toHaveValue("25");
  await expect(dreamPage.slider("From top")).toHaveValue("75");
  await expect(dreamPage.button("Point at the picture")).toHaveAttribute("aria-pressed", "false");
  await expectTwin(dreamPage, info, { neuron: `${LAYER}:4@0.25,0.75` }, { neuron: `${LAYER}:4@0.8,0.2` });
});

test("objectives add up with their weights, and balance", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.button("Add an objective").click();
  const second = dreamPage.objective(2);
  await dreamPage.choice("Layer", second).selectOption("inception_3a/output");
  await dreamPage.kind("Mean", 2);
  await second.getByRole("slider", { name: "Weight" }).fill("-2");
  await dreamPage.check("Balance").check();
  const same = { layer: LAYER, mean: "inception_3a/output=-2", balance: true };
  const both = await expectTwin(dreamPage, info, same, { ...same, mean: "inception_3a/output=2" });
  await dreamPage.button("Remove objective 2").click();
  await expect(second).toBeHidden();
  await dreamPage.dream();
  expect(psnr(await dreamPage.save(), both)).toBeLessThan(40);
});

test("a class is found by a part of its label", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.kind("Class");
  const label = dreamPage.text("Class", dreamPage.objective());
  await label.fill("zzz");
  await expect(dreamPage.objective()).toContainText("no class is called like that");
  await label.fill("tabby");
  await dreamPage.objective().getByRole("group", { name: "Classes" }).getByRole("button").first().click();
  await expect(label).toHaveValue(/tabby/i);
  await expect(dreamPage.layer).toBeDisabled();
  await expectTwin(dreamPage, info, { class: "tabby" }, { class: "volcano" });
});

for (const [kind, button, flags] of [
  ["Guide by channels", "Choose a guide picture", { "guide-layer": LAYER, "guide-by": "channels" }],
  ["Guide by best match", "Choose a guide picture", { "guide-layer": LAYER, "guide-by": "match" }],
  ["Style", "Choose a style picture", { "style-layer": LAYER }],
]) {
  test(`${kind} takes a picture, and keeps it when the worker is restarted`, async ({ page }, info) => {
    const dreamPage = await opened(page);
    await dreamPage.kind(kind);
    await dreamPage.button("Dream").click();
    await expect(dreamPage.alert).toContainText(`Objective 1 (${kind}) still needs a picture`);
    const [picture, other] = [stripes("stripes.png"), translucent()];
    await page.getByLabel(button).setInputFiles(picture);
    await expect(dreamPage.objective()).toContainText("stripes.png");
    await dreamPage.alert.getByRole("button", { name: "Dismiss" }).click();
    const files = [picture, other].map((file) => info.outputPath(file.name));
    await writeFile(files[0], picture.buffer);
    await writeFile(files[1], other.buffer);
    const option = kind === "Style" ? "style" : "guide";
    const with_ = (file) => ({ [option]: file, ...flags });
    const first = await expectTwin(dreamPage, info, with_(files[0]), with_(files[1]));
    await page.workers()[0].evaluate(() => globalThis.close());
    await dreamPage.button("Restart").click();
    await dreamPage.ready();
    await dreamPage.dream();
    expect(psnr(await dreamPage.save(), first)).toBe(Infinity);
  });
}

test("a style is dropped on its objective, and compared at four layers with one press", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.kind("Style");
  const dropped = await page.evaluateHandle((bytes) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], "stripes.png", { type: "image/png" }));
    return files;
  }, [...stripes("").buffer]);
  await page.getByText("Choose a style picture").dispatchEvent("drop", { dataTransfer: dropped });
  await expect(dreamPage.objective()).toContainText("stripes.png");
  await dreamPage.button("Compare at four layers").click();
  await expect(dreamPage.objective(4)).toContainText("stripes.png");
  await dreamPage.dream();
  expect((await dreamPage.save()).width, "the photo stays").toBe(120);
});

test("a direction that was taught is dreamed", async ({ page }, info) => {
  const [one, other, taught] = ["one.png", "other.png", "taught.json"].map((it) => info.outputPath(it));
  await writeFile(one, stripes("").buffer);
  await writeFile(other, landscape().buffer);
  await run("teach", one, "--against", other, "-o", taught, "--layer", LAYER);
  const dreamPage = await opened(page);
  await dreamPage.kind("Direction");
  await page.getByLabel("Open a direction").setInputFiles({
    name: "no.json",
    mimeType: "application/json",
    buffer: Buffer.from("{}"),
  });
  await expect(dreamPage.alert).toContainText("no.json is not a concept");
  await page.getByLabel("Open a direction").setInputFiles(taught);
  await dreamPage.slider("Cosine power").fill("2");
  const same = { direction: taught, "cosine-power": 2 };
  await expectTwin(dreamPage, info, same, { direction: `${taught}=-1`, "cosine-power": 2 });
});

test("a caricature exaggerates what is there", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.kind("Caricature");
  await dreamPage.slider("Cosine power").fill("0");
  await expectTwin(dreamPage, info, { caricature: LAYER, "cosine-power": 0 }, { layer: "conv2/3x3" });
});

test("pictures that a recipe lacks are told", async ({ page, browser }) => {
  const dreamPage = await opened(page);
  await dreamPage.kind("Style");
  await page.getByLabel("Choose a style picture").setInputFiles(stripes("stripes.png"));
  await expect(page).toHaveURL(/#recipe=[\w-]+$/);
  await page.waitForTimeout(700);
  // Somebody else, whose browser has kept no session.
  const context = await browser.newContext();
  const other = await quick(await context.newPage());
  await other.page.evaluate((hash) => (location.hash = hash), new URL(page.url()).hash);
  await expect(other.region("Recipe")).toContainText("takes a picture that no recipe holds");
  await other.button("Dream").click();
  await expect(other.alert).toContainText("still needs a picture");
  await other.unfold("More");
  await other.page.getByLabel("Choose a style picture").setInputFiles(stripes("again.png"));
  await expect(other.region("Recipe")).not.toContainText("no recipe holds");
  await other.dream();
  await context.close();
});

test("objectives and their pictures change while it dreams", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.openPhoto(landscape(640, 480));
  await dreamPage.set(LONG);
  await dreamPage.start();
  const iteration = async () =>
    Number((await dreamPage.status.textContent()).match(/iteration (\d+)/i)?.[1]);
  await expect.poll(iteration, { timeout: 30_000 }).toBeGreaterThan(20);
  await dreamPage.kind("Channels");
  await dreamPage.kind("Style");
  await dreamPage.layer.selectOption("conv2/3x3");
  await page.getByLabel("Choose a style picture").setInputFiles(stripes("stripes.png"));
  const plot = page.locator("details").filter({ hasText: "How it climbs" });
  await expect(plot.getByRole("listitem")).toContainText("conv2/3x3", { timeout: 30_000 });
  await expect(dreamPage.status, "it dreams on").toContainText(/Octave \d of 4/);
  await dreamPage.stop();
  await expect(dreamPage.alert).toBeHidden();
});

test("what the network sees is told before, during and after; a class rises", async ({ page }) => {
  const dreamPage = await opened(page);
  await dreamPage.unfold("What it sees");
  const table = page.getByRole("table", { name: /most likely/ });
  const row = (label) => table.getByRole("row").filter({ has: page.getByRole("rowheader", { name: label }) });
  const percents = async (label) => {
    const cells = await row(label).getByRole("cell").allTextContents();
    return cells.map((text) => parseFloat(text));
  };
  await expect(row("rapeseed")).toContainText(/\d %–$/);
  await expect(table.getByRole("row")).toHaveCount(6);
  const [before] = await percents("maze, labyrinth");
  expect(before).toBeLessThan(20);
  await dreamPage.kind("Class");
  await dreamPage.text("Class", dreamPage.objective()).fill("maze");
  await dreamPage.button("maze, labyrinth").click();
  await dreamPage.set({ Octaves: 3, Iterations: 60 });
  await dreamPage.start();
  await expect(dreamPage.status).toContainText("Octave 3", { timeout: 60_000 });
  await expect(row("maze, labyrinth")).toContainText(/\d %.*\d %$/);
  await expect(page.locator("html")).toHaveAttribute("data-dream", "dreaming");
  await dreamPage.done();
  await expect.poll(async () => (await percents("maze, labyrinth"))[1]).toBeGreaterThan(before * 1.5);
  const [unchanged, now] = await percents("rapeseed");
  expect(Number.isNaN(now) || now < unchanged, "the others do not").toBe(true);
});
