// Films: a video dreams frame by frame, keeps its sound, outlives a reload, and is saved where there
// are no encoders.

import { expect, test } from "@playwright/test";
import { DESK, PHONE } from "../pages/dream-page.js";
import { FilmPage } from "../pages/film-page.js";
import { inspect, violations } from "../support/inspect.js";
import { landscape } from "../support/photos.js";
import { decode, encode, psnr } from "../support/picture.js";
import { policyViolations, watchPolicy } from "../support/policy.js";
import { withoutFiles } from "../support/store.js";
import { apart, video } from "../support/videos.js";
import { watchOrigins } from "../support/watch.js";

/** Settings with which a frame takes half a second and is changed clearly. */
const QUICK = { Octaves: 1, Iterations: 3, Strength: 4 };

async function begin(page, film) {
  const tool = await FilmPage.open(page);
  const file = await video(page, film);
  await tool.take(file);
  await quick(tool);
  return { tool, file };
}

async function quick(tool) {
  await tool.choice("Size").selectOption("96");
  await tool.tool.getByText("More", { exact: true }).click();
  await tool.set(QUICK);
}

/**
 * Makes every page loaded from now on count the dreams that it asks its engine for, and know that
 * engine.
 */
async function countDreams(page) {
  await page.addInitScript(() => {
    globalThis.dreams = 0;
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.Dream) {
        globalThis.dreams += 1;
        globalThis.engine = this;
      }
      return postMessage.call(this, message, ...rest);
    };
  });
  return () => page.evaluate(() => globalThis.dreams);
}

test("a part of a video dreams, and is saved with its sound as it was", async ({
  page,
  context,
}) => {
  test.slow();
  const origins = watchOrigins(context);
  await watchPolicy(page);
  const { tool, file } = await begin(page, { count: 12, fps: 10 });
  await expect(tool.fact("Length")).toHaveText("0:01.2");
  await expect(tool.fact("Becomes")).toHaveText("12 frames of 96 × 64");
  await expect(tool.fact("Sound")).toHaveText("will be kept");
  await tool.set({ Start: 0.3, End: 0.9 });
  await expect(tool.fact("Becomes")).toHaveText("6 frames of 96 × 64");

  const original = await tool.look(3, "not dreamed yet");
  await tool.button("Preview this frame").click();
  await expect(tool.picture).toHaveAccessibleName("Frame 3 of 6, a quick look ahead", {
    timeout: 60_000,
  });
  expect(psnr(await tool.pixels(), original)).toBeLessThan(35);
  await expect(tool.tool.getByText(/6 frames to go: about \d+ s on this machine/)).toBeVisible();
  await tool.dream();
  const shown = await tool.look(3, "dreamed");
  expect(psnr(shown, original)).toBeLessThan(30);
  await tool.button("Original").click();
  await expect(tool.picture).toHaveAccessibleName(/as it was$/);
  expect(psnr(await tool.pixels(), original)).toBeGreaterThan(50);
  await tool.button("Original").click();

  await tool.look(6, "dreamed");
  await tool.button("Play").click();
  await expect(tool.picture).toHaveAccessibleName(/^Frame [2345] of 6, dreamed$/);
  await expect(tool.button("Play")).toBeVisible();
  await expect(tool.frames).toHaveValue("6");

  const { name, bytes } = await tool.save("webm");
  expect(name).toBe("waves-dream.webm");
  const [before, after] = [await apart(page, file.buffer), await apart(page, bytes)];
  expect([after.width, after.height]).toEqual([96, 64]);
  expect(after.frames).toHaveLength(6);
  expect(after.duration).toBeCloseTo(0.6, 1);
  for (const [index, frame] of after.frames.entries()) {
    expect(after.times[index]).toBeCloseTo(index / 10, 2);
    expect(psnr(frame, before.frames[index + 3])).toBeLessThan(30);
  }
  // What was saved is what was shown, and no other frame of the film.
  expect(psnr(after.frames[2], shown)).toBeGreaterThan(30);
  expect(psnr(after.frames[4], shown)).toBeLessThan(psnr(after.frames[2], shown) - 3);

  // The packets of sound are those of the part that was dreamed, byte for byte.
  const part = before.sound.filter(({ time }) => time >= 0.2999 && time < 0.9);
  expect(part.length).toBeGreaterThan(20);
  expect(part.length).toBeLessThan(before.sound.length);
  expect(after.sound.map(({ hex }) => hex)).toEqual(part.map(({ hex }) => hex));
  expect(after.sound[0].time).toBeLessThan(0.021);
  expect([...origins]).toEqual([new URL(page.url()).origin]);
  expect(await policyViolations(page)).toEqual([]);
});

test("sound that a format cannot hold is encoded anew, and what it cannot do is said", async ({
  page,
}) => {
  test.slow();
  const { tool, file } = await begin(page, { count: 5, fps: 10, kind: "mov" });
  await tool.set({ Start: 0.1, End: 0.4 });
  await expect(tool.fact("Becomes")).toHaveText("3 frames of 96 × 64");
  await tool.dream();
  for (const [format, words] of [
    ["mp4", "kept as it is"],
    ["gif", "this format has none"],
    ["webm", "kept, encoded anew (Opus)"],
  ]) {
    await tool.choice("Save as").selectOption(format);
    await expect(tool.tool.getByText(/^Sound: /)).toContainText(words);
  }
  const { bytes } = await tool.save("webm");
  const [before, after] = [await apart(page, file.buffer), await apart(page, bytes)];
  expect([before.codec, after.codec]).toEqual(["pcm-s16", "opus"]);
  expect([before.frames.length, after.frames.length]).toEqual([5, 3]);
  const length = ({ sound }) => sound.reduce((sum, { seconds }) => sum + seconds, 0);
  expect(length(before)).toBeCloseTo(0.5, 1);
  expect(Math.abs(length(after) - 0.3)).toBeLessThan(0.05);
});

test("a film goes on where it broke off, as if it had not", async ({ page }) => {
  test.slow();
  const dreams = await countDreams(page);
  let { tool } = await begin(page, { count: 12, fps: 10 });
  // Frames that take long enough to be seen coming.
  await tool.set({ Iterations: 20 });
  await tool.dream();
  expect(await dreams()).toBe(12);
  const whole = await tool.look(12, "dreamed");

  await tool.button("Start anew").click();
  await tool.button("Really discard 12 frames?").click();
  await tool.look(12, "not dreamed yet");
  await tool.button("Dream the film").click();
  await expect(tool.status).toHaveText(/^Frame [2-9] of 12/, { timeout: 60_000 });
  await page.reload();
  tool = new FilmPage(page);
  await tool.ready();
  await expect(tool.fact("Name")).toHaveText("waves.webm");
  // What a film was begun with stays with it.
  await expect(tool.slider("Strength")).toBeDisabled();
  await expect(tool.slider("Strength")).toHaveValue(String(QUICK.Strength));
  await tool.look(2, "dreamed");
  await tool.look(12, "not dreamed yet");
  await tool.button("Go on with the film").click();
  await tool.done();
  const after = await dreams();
  expect(after).toBeGreaterThan(0);
  expect(after).toBeLessThan(11);
  expect(psnr(await tool.look(12, "dreamed"), whole)).toBe(Infinity);
  expect(psnr(await tool.look(11, "dreamed"), whole)).toBeLessThan(30);
});

test("a film that cannot be kept is asked for again, and only the same will do", async ({
  page,
}) => {
  test.slow();
  await withoutFiles(page);
  const { tool: before, file } = await begin(page, { count: 20, fps: 10 });
  let tool = before;
  await tool.button("Dream the film").click();
  await expect(tool.status).toHaveText(/^Frame \d+ of 20/, { timeout: 60_000 });
  await tool.button("Stop").click();
  await expect(tool.button("Go on with the film")).toBeVisible();
  await page.reload();
  tool = new FilmPage(page);
  await tool.ready();
  const words = /Open the same file again to go on at frame (\d+) of 20/;
  await expect(tool.alert).toHaveText(words);
  const next = Number((await tool.alert.textContent()).match(words)[1]);
  expect(next).toBeGreaterThan(1);
  const other = { ...file, name: "other.webm" };
  await tool.videoInput.setInputFiles(other);
  await expect(tool.alert).toContainText(/\d frames? of a film that has been begun/);
  await expect(tool.button("Go on with the film")).toBeDisabled();
  await tool.videoInput.setInputFiles(file);
  await expect(tool.button("Go on with the film")).toBeEnabled();
  await tool.look(next - 1, "dreamed");
  await tool.look(next, "not dreamed yet");
});

test("what goes wrong is said, and loses no frame", async ({ page, context }) => {
  test.slow();
  await countDreams(page);
  const { tool } = await begin(page, { count: 30, fps: 10 });
  const done = async () => Number((await tool.status.textContent()).match(/^Frame (\d+) of/)?.[1]);
  await tool.button("Dream the film").click();
  await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(0);

  // Another tab sees the same film, and leaves it to this one.
  const tab = await context.newPage();
  const other = await FilmPage.open(tab);
  await other.look(1, "dreamed");
  await other.button("Go on with the film").click();
  await expect(other.alert).toContainText("Another tab of this page is at work on the film");
  await tab.close();

  // The engine dies.
  const first = await done();
  await page.evaluate(() => globalThis.engine.terminate());
  await expect(tool.alert).toContainText("The engine has stopped");
  await tool.look(first, "dreamed");
  await tool.button("Go on with the film").click();
  await expect(tool.alert).toHaveText("");
  await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(first);

  // The disk is full.
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    globalThis.makeRoom = () => (IDBObjectStore.prototype.put = put);
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await expect(tool.alert).toContainText("The browser has no room left for frames");
  await tool.look(first + 1, "dreamed");
  await page.evaluate(() => globalThis.makeRoom());
  await tool.button("Go on with the film").click();
  await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(first + 1);
  await tool.button("Stop").click();
  await expect(tool.button("Go on with the film")).toBeVisible();
});

test("a new scene begins anew", async ({ page }) => {
  test.slow();
  const { tool } = await begin(page, { count: 4, fps: 10, cutAt: 2 });
  await page.evaluate(() => {
    globalThis.said = [];
    const status = document.querySelector("[role=status]");
    new MutationObserver(() => globalThis.said.push(status.textContent)).observe(status, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await tool.dream();
  const said = await page.evaluate(() => globalThis.said.filter((words) => /^Frame/.test(words)));
  const scenes = said.map((words) => words.includes("a new scene"));
  expect(scenes).toEqual([false, false, true, false]);
});

test("where there are no encoders, pictures are dreamed in their order and saved as ZIP and GIF", async ({
  page,
}) => {
  test.slow();
  await page.addInitScript(() => {
    for (const name of ["VideoEncoder", "VideoDecoder"]) delete globalThis[name];
  });
  const tool = await FilmPage.open(page);
  await expect(tool.tool).toContainText("This browser cannot take videos apart");
  await expect(tool.tool.getByLabel("Open a film")).toHaveCount(0);
  // Ten comes after two for people, but not for machines.
  const pictures = [10, 2, 1].map((number) => ({
    ...landscape(96 - 2 * number, 64),
    name: `sky-${number}.png`,
  }));
  await tool.take(pictures);
  await expect(tool.fact("Becomes")).toHaveText("3 frames of 94 × 64");
  await quick(tool);
  await tool.dream();
  const shown = await tool.look(3, "dreamed");
  const options = tool.choice("Save as").locator("option");
  const words = await options.allTextContents();
  expect(words.filter((it) => !it.endsWith(": not here"))).toHaveLength(2);
  await expect(tool.choice("Save as")).toHaveValue("gif");
  await tool.choice("Save as").selectOption("webm");
  await expect(tool.tool).toContainText("This browser cannot write such videos");
  await expect(tool.button("Save the film")).toBeDisabled();

  const { name, bytes } = await tool.save("zip");
  expect(name).toBe("sky-dream.zip");
  const files = unzip(bytes);
  expect([...files.keys()]).toEqual(["frame-00000.png", "frame-00001.png", "frame-00002.png"]);
  const saved = await Promise.all([...files.values()].map(decode));
  expect(psnr(saved[2], shown)).toBe(Infinity);
  expect(psnr(saved[1], shown)).toBeLessThan(40);

  const gif = await tool.save("gif");
  const frames = await page.evaluate(async (bytes) => {
    const decoder = new ImageDecoder({ data: Uint8Array.from(bytes), type: "image/gif" });
    await decoder.tracks.ready;
    const { frameCount } = decoder.tracks.selectedTrack;
    const { image } = await decoder.decode({ frameIndex: 2 });
    const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return { frameCount, picture: { width, height, data: Array.from(data) } };
  }, Array.from(gif.bytes));
  expect(frames.frameCount).toBe(3);
  expect(psnr(frames.picture, shown)).toBeGreaterThan(psnr(saved[1], shown) + 3);
});

test("a film that flashes is saved calmed, or with a warning", async ({ page }) => {
  test.slow();
  const tool = await FilmPage.open(page);
  const pictures = Array.from({ length: 12 }, (_, number) => {
    const level = number % 2 ? 230 : 20;
    const buffer = encode(96, 64, (x, y) => [level, level, level + ((x + y) % 5), 255]);
    return { name: `flash-${number}.png`, mimeType: "image/png", buffer };
  });
  await tool.take(pictures);
  await quick(tool);
  await tool.dream();
  const lights = async () => {
    const { bytes } = await tool.save("zip");
    const frames = await Promise.all([...unzip(bytes).values()].map(decode));
    return frames.map(({ data }) => data.reduce((sum, level) => sum + level, 0) / data.length);
  };
  const swings = (levels) =>
    levels.slice(1).filter((level, i) => Math.abs(level - levels[i]) > 60).length;
  // A flash is a pair of opposing changes, and the film lasts a second: with the eighth change there
  // would be a fourth.
  expect(swings(await lights())).toBeLessThan(8);
  await expect(tool.tool.getByText(/that is calmed/)).toBeVisible();

  await page.getByLabel("Calm flashes").uncheck();
  expect(swings(await lights())).toBe(11);
  await expect(tool.tool.getByText(/^Careful: .* flashes a second/)).toBeVisible();
});

test("a person and a screen reader find their way, on desk and phone", async ({ page }, info) => {
  test.slow();
  const pictures = [1, 2].map((number) => ({ ...landscape(96, 64), name: `sky-${number}.png` }));
  for (const [where, screen] of Object.entries({ desk: DESK, phone: PHONE })) {
    await page.setViewportSize(screen);
    const tool = await FilmPage.open(page);
    await inspect(page, info, `film-${where}-1-welcome`);
    if (where === "desk") await tool.take(pictures);
    await inspect(page, info, `film-${where}-2-opened`);
    if (where === "desk") {
      await quick(tool);
      await tool.dream();
    }
    await inspect(page, info, `film-${where}-3-dreamed`);
    const broken = { name: "broken.mp4", mimeType: "video/mp4", buffer: Buffer.from("no video") };
    await tool.videoInput.setInputFiles(broken);
    await tool
      .button("Discard them and open it")
      .or(tool.alert.getByRole("button"))
      .first()
      .click();
    await expect(tool.alert).toContainText("broken.mp4 could not be read as a video");
    await inspect(page, info, `film-${where}-4-trouble`);
    // Nothing is lost by a file that cannot be read.
    await tool.look(2, "dreamed");
  }
  await page.evaluate(() => document.querySelector("[role=tabpanel] select").labels[0].remove());
  expect(await violations(page)).not.toEqual([]);
});

/** The files of a ZIP that stores them as they are, by name. */
function unzip(bytes) {
  const files = new Map();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
    const size = bytes.readUInt32LE(at + 18);
    const [letters, extra] = [bytes.readUInt16LE(at + 26), bytes.readUInt16LE(at + 28)];
    const from = at + 30 + letters + extra;
    files.set(
      bytes.toString("latin1", at + 30, at + 30 + letters),
      bytes.subarray(from, from + size),
    );
    at = from + size;
  }
  return files;
}
