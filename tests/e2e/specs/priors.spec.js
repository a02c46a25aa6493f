// The look of a dream: what it begins with, how the gradient becomes a step, what holds it back.

import { expect, test } from "@playwright/test";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";
import { expectTwin, quick } from "../support/twin.js";

async function opened(page, photo) {
  const dreamPage = await quick(page, photo);
  await dreamPage.unfold("Look");
  return dreamPage;
}

for (const [finish, flag, other] of [
  ["Deviation", "deviation", "mean"],
  ["Laplacian", "laplacian", "mean"],
  ["Smooth", "smooth", "mean"],
]) {
  test(`the finish can be ${finish}`, async ({ page }, info) => {
    const dreamPage = await opened(page);
    await expect(dreamPage.slider("Pyramid levels")).toBeHidden();
    await dreamPage.choice("Finish").selectOption(finish);
    const flags = { finish: flag };
    if (finish === "Laplacian") {
      await dreamPage.set({ "Pyramid levels": 2 });
      flags["laplacian-levels"] = 2;
    }
    await dreamPage.set({ "Step size": 6 });
    const size = { "step-size": 6 };
    await expectTwin(dreamPage, info, { ...flags, ...size }, { finish: other, ...size });
  });
}

for (const [name, value, flag] of [
  ["Total variation", 1, "total-variation"],
  ["L2", 0.5, "l2"],
  ["Blur", 2, "blur"],
]) {
  test(`${name} holds the dream back`, async ({ page }, info) => {
    const dreamPage = await opened(page);
    await dreamPage.set({ Octaves: 1, "Step size": 10, Iterations: 2, [name]: value });
    const flags = { octaves: 1, "step-size": 10, iterations: 2 };
    await expectTwin(dreamPage, info, { ...flags, [flag]: value }, flags, 4);
  });
}

test("the α-norm draws back what is far from the photo", async ({ page }) => {
  const photo = landscape(120, 90);
  const original = await decode(photo.buffer);
  const dreamPage = await opened(page, photo);
  await dreamPage.set({ Octaves: 1, "Step size": 10, Iterations: 20 });
  await dreamPage.dream();
  const free = psnr(await dreamPage.save(), original);
  await dreamPage.set({ "α-norm": 0.4 });
  await dreamPage.dream();
  const held = psnr(await dreamPage.save(), original);
  expect(held).toBeGreaterThan(free + 0.2);
});

test("the norms draw back to the start or to grey", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await expect(dreamPage.choice("Draw back to")).toBeHidden();
  await dreamPage.set({ L2: 0.3 });
  await dreamPage.choice("Draw back to").selectOption("Grey");
  await expectTwin(dreamPage, info, { l2: 0.3, goal: "grey" }, { l2: 0.3 });
});

/** Largest difference of Cb and Cr (BT.601) anywhere. */
function chromaDistance(a, b) {
  const chroma = (data, i) => {
    const [red, green, blue] = data.subarray(i, i + 3);
    const light = 0.299 * red + 0.587 * green + 0.114 * blue;
    return [0.564 * (blue - light), 0.713 * (red - light)];
  };
  let largest = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    const [one, other] = [chroma(a.data, i), chroma(b.data, i)];
    largest = Math.max(largest, Math.abs(one[0] - other[0]), Math.abs(one[1] - other[1]));
  }
  return largest;
}

for (const mode of ["Keep", "Luminance"]) {
  test(`colours stay the photo's: ${mode}`, async ({ page }) => {
    // Far from black and white, so that no level has to be cut off.
    const photo = landscape(120, 90);
    const original = await decode(photo.buffer);
    const dreamPage = await opened(page, photo);
    await dreamPage.dream();
    const free = await dreamPage.save();
    await dreamPage.choice("Colours").selectOption(mode);
    await dreamPage.dream();
    const kept = await dreamPage.save();
    expect(psnr(kept, original)).toBeLessThan(45);
    const share = (dreamed) => chromaDistance(dreamed, original);
    expect(share(kept)).toBeLessThan(share(free) / 3);
  });
}

for (const [mode, color] of [
  ["Decorrelated", "decorrelated"],
  ["Palette", "palette"],
]) {
  test(`colours can be chosen: ${mode}`, async ({ page }, info) => {
    const dreamPage = await opened(page);
    await dreamPage.choice("Colours").selectOption(mode);
    await expectTwin(dreamPage, info, { color });
  });
}

test("a dream climbs in Fourier space", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.choice("What climbs").selectOption("Fourier");
  await expectTwin(dreamPage, info, { parametrisation: "fourier" });
  await dreamPage.choice("Begin with").selectOption("Noise");
  const noise = { start: "noise", size: "120x90" };
  await expectTwin(dreamPage, info, { ...noise, parametrisation: "fourier" }, noise);
});

for (const [name, value] of [
  ["Random scale", 0.2],
  ["Random rotation", 30],
]) {
  test(`${name}: the network sees the picture another way in every iteration`, async ({ page }, info) => {
    const dreamPage = await quick(page);
    await dreamPage.set({ [name]: value, "Step size": 6 });
    const size = { "step-size": 6 };
    const flag = name.toLowerCase().replace(" ", "-");
    await expectTwin(dreamPage, info, { ...size, [flag]: value }, size);
  });
}

for (const [name, edges] of [
  ["Tileable", "tileable"],
  ["Panorama", "panorama"],
]) {
  test(`edges meet: ${name}`, async ({ page }, info) => {
    const dreamPage = await opened(page);
    await dreamPage.choice("Edges").selectOption(name);
    // Few steps: what rounding does differently in a browser grows from one to the next.
    await dreamPage.set({ Octaves: 1, Iterations: 2, "Step size": 4 });
    const few = { octaves: 1, iterations: 2, "step-size": 4 };
    await expectTwin(dreamPage, info, { edges, ...few }, few);
  });
}

test("a dream begins with noise, a colour or the photo", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.choice("Begin with").selectOption("Noise");
  await expectTwin(dreamPage, info, { start: "noise", size: "120x90" }, { start: "#808080", size: "120x90" });
  await dreamPage.choice("Begin with").selectOption("Flat colour");
  await page.getByLabel("Start colour").fill("#c02010");
  await expectTwin(dreamPage, info, { start: "#c02010", size: "120x90" }, { start: "#10c020", size: "120x90" });
  await dreamPage.choice("Begin with").selectOption("Photo");
  await expectTwin(dreamPage, info, {}, { seed: 9, "step-size": 9 });
});

test("a dream goes on from its own result, and in reverse below zero", async ({ page }, info) => {
  const dreamPage = await opened(page);
  await dreamPage.set({ Again: 1, "Step size": -2 });
  await expect(page.locator("#step-size-hint")).toContainText("below zero");
  await expectTwin(dreamPage, info, { again: 1, "step-size": -2 }, { again: 1, "step-size": 2 });
});
