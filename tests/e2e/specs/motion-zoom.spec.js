// Zoom: journeys through a dream.

import { readdir, writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { DESK, PHONE } from "../pages/dream-page.js";
import { MotionPage, SLOW, SMALL } from "../pages/motion-page.js";
import { run } from "../support/cli.js";
import { inspect, violations } from "../support/inspect.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";
import { policyViolations, watchPolicy } from "../support/policy.js";
import { watchOrigins } from "../support/watch.js";

const TABLET = { width: 820, height: 1180 };
const PHOTO = landscape(96, 72);

/** Zoom with a small photo, and a journey of so many frames. */
async function begin(page, frames, settings = SMALL) {
  const zoom = await MotionPage.open(page, "Zoom");
  await zoom.openPhoto(PHOTO);
  await zoom.set({ ...settings, Frames: frames });
  await zoom.says(`Frame 1 of ${frames}`);
  return zoom;
}

async function dream(zoom) {
  await zoom.button("Dream the journey").click();
  await expect(zoom.button("Dream the journey")).toBeDisabled({ timeout: 90_000 });
  await zoom.rests();
}

test("a journey's frames are those of the command line", async ({ page }, info) => {
  const zoom = await begin(page, 3);
  await zoom.goTo(3);
  await zoom.set({ Zoom: 0.1, Rotation: 4, Strength: 2 });
  const journey = await zoom.file("Save journey");
  expect(journey.name).toBe("landscape-journey.json");
  await dream(zoom);
  await zoom.goTo(3);
  await zoom.says("dreamed");
  const zip = await saved(zoom, "zip");
  const frames = pictures(zip.bytes);
  expect(frames).toHaveLength(3);

  const [file, photo, folder] = ["journey.json", "photo.png", "frames"].map((it) =>
    info.outputPath(it),
  );
  await writeFile(file, journey.bytes);
  await writeFile(photo, PHOTO.buffer);
  await run("zoom", photo, "-o", folder, "--journey", file, "--engine", "cpu");
  const wanted = (await readdir(folder)).filter((name) => name.endsWith(".png")).sort();
  expect(wanted).toHaveLength(3);
  for (const [at, name] of wanted.entries()) {
    const [own, theirs] = [await decode(frames[at]), await decode(`${folder}/${name}`)];
    expect(psnr(own, theirs), name).toBeGreaterThan(40);
    const other = await decode(frames[(at + 1) % 3]);
    expect(psnr(other, theirs), `another than ${name}`).toBeLessThan(30);
  }
});

test("any frame is seen at once, as it is moved, until it is dreamed", async ({ page }) => {
  const zoom = await begin(page, 30);
  const first = await zoom.pixels();
  await zoom.goTo(20);
  await zoom.says("moved only");
  const far = await zoom.pixels();
  expect(psnr(far, first)).toBeLessThan(25);
  await zoom.goTo(1);
  expect(psnr(await zoom.pixels(), first)).toBe(Infinity);

  await zoom.set({ Frames: 3 });
  await zoom.button("Preview").click();
  await zoom.rests();
  await zoom.goTo(3);
  await zoom.says("preview");
  await dream(zoom);
  await zoom.goTo(3);
  await zoom.says("dreamed");
  const dreamed = await zoom.pixels();
  // A journey that would make another frame shows that it has not been dreamed.
  await zoom.set({ Zoom: 0.2 });
  await zoom.says("moved only");
  expect(psnr(await zoom.pixels(), dreamed)).toBeLessThan(30);
  await zoom.button("Undo").click();
  await zoom.says("dreamed");
  expect(psnr(await zoom.pixels(), dreamed)).toBe(Infinity);
});

test("keyframes are made, moved and removed with the keyboard", async ({ page }) => {
  const zoom = await begin(page, 20);
  expect(await zoom.keyframes()).toEqual([]);
  await zoom.slider("Frame").focus();
  await page.keyboard.press("ArrowRight");
  await zoom.says("Frame 2 of 20");
  await page.keyboard.press("k");
  await expect.poll(() => zoom.keyframes()).toHaveLength(1);
  await page.keyboard.press("End");
  await zoom.set({ Rotation: 6 });
  const named = await zoom.keyframes();
  expect(named).toHaveLength(2);
  expect(named[0]).toMatch(/^Keyframe 2: zoom 5 %, rotation 0°/);
  expect(named[1]).toBe("Keyframe 20: rotation 6°");
  await zoom.goTo(11);
  await expect(zoom.slider("Rotation")).toHaveValue("3");

  await zoom.button(named[1]).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(zoom.button("Keyframe 19: rotation 6°")).toBeFocused();
  await zoom.says("Frame 19 of 20");
  await page.keyboard.press("Delete");
  await expect.poll(() => zoom.keyframes()).toEqual([named[0]]);
  await expect(zoom.slider("Rotation")).toHaveValue("0");
  await page.keyboard.press("Control+z");
  await expect(zoom.slider("Rotation")).toHaveValue("6");
});

test("layers cross over from keyframe to keyframe", async ({ page }) => {
  const zoom = await begin(page, 11);
  const layer = zoom.tool.getByRole("combobox", { name: /^Layer/ });
  await expect.poll(() => layer.locator("option").count()).toBeGreaterThan(3);
  await zoom.goTo(11);
  await layer.selectOption("inception_3a/output");
  await zoom.goTo(4);
  const way = zoom.tool.getByText(/^On the way: .+ 70 %, inception_3a\/output 30 %$/);
  await expect(way).toBeVisible();
  await zoom.goTo(11);
  await expect(layer).toHaveValue("inception_3a/output");
  await expect(way).toBeHidden();
  await zoom.goTo(1);
  await expect(layer).not.toHaveValue("inception_3a/output");

  // The network's own choice, chosen again, is the layer that it stands for.
  const own = await layer.inputValue();
  await zoom.goTo(11);
  await layer.selectOption("The network's own choice");
  await expect(layer).toHaveValue(own);
  await zoom.goTo(4);
  await expect(layer).toHaveValue(own);
});

test("a journey comes back from its file, and one that is none is refused", async ({ page }) => {
  const zoom = await begin(page, 12);
  await zoom.goTo(7);
  await zoom.set({ Rotation: 5 });
  const { bytes } = await zoom.file("Save journey");
  await zoom.set({ Rotation: -5 });
  const as = (name, text) => ({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await zoom.journeyInput.setInputFiles(as("journey.json", bytes));
  await expect(zoom.slider("Rotation")).toHaveValue("5");
  expect(JSON.parse(bytes)).toMatchObject({ frames: 12, settings: { size: 96, iterations: 2 } });

  for (const [text, words] of [
    ["once upon a time", /not JSON/],
    ['{"frames": 0}', /Frames is 0/],
    ['{"keyframes": [{"frame": 4}, {"frame": 2}]}', /keyframe 2/],
  ]) {
    await zoom.journeyInput.setInputFiles(as("broken.json", text));
    await expect(zoom.alert).toContainText(words);
    await expect(zoom.slider("Rotation")).toHaveValue("5");
  }
});

test("stop keeps what there is, and going on takes it up", async ({ page }) => {
  const zoom = await begin(page, 40, SLOW);
  await zoom.button("Dream the journey").click();
  await expect(zoom.button("Stop")).toBeFocused();
  await expect(zoom.status).toContainText(/Dreaming frame [2-9]/, { timeout: 60_000 });
  await zoom.button("Stop").click();
  await zoom.rests();
  await expect(zoom.button("Dream on")).toBeFocused();
  await expect(zoom.alert).toBeEmpty();
  await zoom.goTo(2);
  await zoom.says("dreamed");
  const second = await zoom.pixels();
  await zoom.goTo(40);
  await zoom.says("moved only");
  await zoom.set({ Frames: 8 });
  const dreamed = () => zoom.tool.getByText(/^\d+ frames are dreamed/).textContent();
  const before = parseInt(await dreamed());
  expect(before).toBeGreaterThanOrEqual(2);
  await zoom.button("Dream on").click();
  await expect(zoom.status).toContainText(`Dreaming frame ${before + 1}`, { timeout: 60_000 });
  await zoom.button("Stop").click();
  await zoom.rests();
  expect(parseInt(await dreamed())).toBeGreaterThan(before);
  await zoom.goTo(2);
  expect(psnr(await zoom.pixels(), second)).toBe(Infinity);
});

test("it plays smoothly between frames, and is saved as a video, a GIF and pictures", async ({
  page,
}) => {
  const zoom = await begin(page, 3);
  await zoom.set({ "Frames a second": 1 });
  await dream(zoom);
  await zoom.goTo(1);
  expect(await pictureCount(zoom)).toBe(1);
  await zoom.button("Play").click();
  // Far more is seen than the three frames, although each is shown for a second.
  expect(await pictureCount(zoom)).toBeGreaterThan(5);
  await expect(zoom.button("Play")).toBeVisible();

  const gif = await saved(zoom, "gif");
  expect(gif.bytes.subarray(0, 6).toString()).toBe("GIF89a");
  expect(pictures((await saved(zoom, "zip")).bytes)).toHaveLength(3);
  expect(pictures((await saved(zoom, "zip", 4)).bytes)).toHaveLength(9);
  const webm = await saved(zoom, "webm", 4);
  const video = await page.evaluate(async (bytes) => {
    const video = document.createElement("video");
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(bytes)], { type: "video/webm" }));
    await new Promise((done, failed) =>
      Object.assign(video, { onloadeddata: done, onerror: failed }),
    );
    return [video.videoWidth, video.videoHeight, video.duration];
  }, Array.from(webm.bytes));
  expect(video).toEqual([96, 72, expect.closeTo(9 / 4, 0.1)]);
});

test("without end, it goes where one points, and is a journey afterwards", async ({ page }) => {
  const zoom = await begin(page, 10);
  await zoom.button("Endless").click();
  await expect(zoom.status).toContainText(/Dreaming frame [3-9]/, { timeout: 60_000 });
  const box = await zoom.picture.boundingBox();
  await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.25 * box.height);
  const led = async () => (await zoom.keyframes()).join();
  await expect.poll(led, { timeout: 60_000 }).toContain("centre 80 %, 25 %");
  await page.mouse.move(0, 0);
  await page.keyboard.press("ArrowLeft");
  await expect.poll(led, { timeout: 60_000 }).toContain("centre 76 %, 25 %");
  // A frame that is not finished when the journey is stopped is not part of it.
  const turn = Number((await led()).match(/Keyframe (\d+): centre 76 %/)[1]);
  const dreamed = async () => Number((await zoom.status.textContent()).match(/\d+/)[0]);
  await expect.poll(dreamed, { timeout: 60_000 }).toBeGreaterThanOrEqual(turn);
  await zoom.button("Stop").click();
  await zoom.rests();
  const { bytes } = await zoom.file("Save journey");
  const { keyframes, frames: count } = JSON.parse(bytes);
  expect(keyframes.map(({ center }) => center)).toContainEqual([0.8, 0.25]);
  expect(keyframes.map(({ center }) => center)).toContainEqual([0.76, 0.25]);
  await zoom.goTo(count);
  await zoom.says("dreamed");
  await expect(zoom.button("Dream the journey")).toBeDisabled();
});

test("who wants no motion gets none before pressing Play", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const zoom = await begin(page, 10);
  await zoom.button("Endless").click();
  await expect(zoom.status).toContainText(/Dreaming frame [3-9]/, { timeout: 60_000 });
  await page.waitForTimeout(500);
  await zoom.says("Frame 1 of");
  await zoom.button("Play").click();
  await expect(zoom.tool.locator(".caption")).not.toContainText("Frame 1 of", { timeout: 60_000 });
  await zoom.button("Stop").click();
  await zoom.rests();
});

test("another photo gives up no dreams, and a file that is none changes nothing", async ({
  page,
}) => {
  const zoom = await begin(page, 3);
  await dream(zoom);
  await zoom.goTo(3);
  const dreamed = await zoom.pixels();
  await zoom.openPhoto({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no") });
  await expect(zoom.alert).toContainText("no.png is not a picture");
  expect(psnr(await zoom.pixels(), dreamed)).toBe(Infinity);

  await zoom.openPhoto({ ...landscape(120, 60), name: "wide.png" });
  await zoom.says("moved only");
  expect((await zoom.pixels()).height).toBe(48);
  await page.getByRole("button", { name: "Back to landscape" }).click();
  await zoom.says("dreamed");
  expect(psnr(await zoom.pixels(), dreamed)).toBe(Infinity);
});

test("an engine that is killed loses no frames, and another takes it up", async ({ page }) => {
  const zoom = await begin(page, 40, SLOW);
  await zoom.button("Dream the journey").click();
  await expect(zoom.status).toContainText(/Dreaming frame [2-9]/, { timeout: 60_000 });
  const engine = page.workers().find((worker) => worker.url().startsWith("blob:"));
  await engine.evaluate(() => globalThis.close());
  await expect(zoom.alert).toContainText("The engine has stopped", { timeout: 30_000 });
  await zoom.rests();
  await zoom.goTo(2);
  await zoom.says("dreamed");
  await zoom.goTo(40);
  await zoom.says("moved only");
  await zoom.button("Dream on").click();
  await expect(zoom.status).toContainText(/Dreaming frame ([3-9]|\d\d)/, { timeout: 60_000 });
  await zoom.button("Stop").click();
  await zoom.rests();
  await expect(zoom.alert).toBeEmpty();
});

test("no other site is asked for anything, and what writes videos comes when one is saved", async ({
  page,
  context,
  baseURL,
}) => {
  const origins = watchOrigins(context);
  await watchPolicy(page);
  const asked = [];
  context.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const zoom = await begin(page, 2);
  await dream(zoom);
  expect(asked).not.toContain("/motion/mediabunny.js");
  await saved(zoom, "webm");
  expect(asked).toContain("/motion/mediabunny.js");
  expect([...origins]).toEqual([new URL(baseURL).origin]);
  expect(await policyViolations(page)).toEqual([]);

  await page.evaluate(() => void fetch("http://page.invalid/").catch(() => {}));
  await expect.poll(() => policyViolations(page)).toEqual(["connect-src: http://page.invalid/"]);
});

for (const [where, viewport] of Object.entries({ desk: DESK, tablet: TABLET, phone: PHONE })) {
  test(`screen readers find nothing wrong on a ${where}; screenshots`, async ({ page }, info) => {
    await page.setViewportSize(viewport);
    const zoom = await begin(page, 400);
    await inspect(page, info, `zoom-${where}-1-photo`);
    await zoom.goTo(3);
    await zoom.button("Add a keyframe here").click();
    await zoom.button("Dream the journey").click();
    await expect(zoom.status).toContainText("Dreaming frame 2", { timeout: 60_000 });
    await inspect(page, info, `zoom-${where}-2-dreaming`);
    await zoom.button("Stop").click();
    await zoom.rests();
    await zoom.openPhoto({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no") });
    await expect(zoom.alert).toContainText("no.png");
    await inspect(page, info, `zoom-${where}-3-trouble`);
    expect(await zoom.overhang()).toBe(0);

    await page.evaluate(() => {
      document.body.append(document.createElement("button"));
      document.body.style.width = "1500px";
    });
    expect(await violations(page)).not.toEqual([]);
    expect(await zoom.overhang()).toBeGreaterThan(0);
  });
}

test("tabs are changed with the arrow keys, and the address tells which", async ({ page }) => {
  const zoom = await MotionPage.open(page, "Zoom");
  const tab = (name) => page.getByRole("tab", { name });
  await tab("Zoom").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(tab("Look")).toBeFocused();
  await expect(tab("Look")).toHaveAttribute("aria-selected", "true");
  await expect(page).toHaveURL(/#look$/);
  await expect(zoom.tool).toBeHidden();
  await page.goBack();
  await expect(zoom.tool).toBeVisible();
  await page.getByRole("link", { name: "Pareidolia" }).click();
  await page.getByRole("link", { name: "Moving pictures" }).click();
  await expect(page).toHaveURL(/motion\.html/);
});

/** How many different pictures are seen in two seconds. */
function pictureCount(zoom) {
  return zoom.picture.evaluate(async (canvas) => {
    const seen = new Set();
    const end = performance.now() + 2000;
    while (performance.now() < end) {
      seen.add(canvas.toDataURL());
      await new Promise((done) => requestAnimationFrame(done));
    }
    return seen.size;
  });
}

/** Saves the journey in a format, with so many steps from one dreamed frame to the next. */
async function saved(zoom, format, steps = 1) {
  await zoom.choice("Smoothness").selectOption(String(steps));
  await zoom.choice("Save as").selectOption(format);
  const file = await zoom.file("Save");
  await zoom.rests();
  expect(file.name).toBe(`landscape-zoom.${format}`);
  return file;
}

/** The PNG files that lie one after the other in a ZIP that only stores. */
function pictures(zip) {
  const found = [];
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
    const [size, letters] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const from = at + 30 + letters;
    found.push(zip.subarray(from, from + size));
    at = from + size;
  }
  return found;
}
