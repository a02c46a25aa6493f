// Films: a video dreams frame by frame, keeps its sound, outlives a reload, and is saved where there
// are no encoders.

import { expect, test } from "@playwright/test";
import { FilmPage } from "../pages/film-page.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";
import { apart, video } from "../support/videos.js";

/** Settings with which a frame takes half a second. */
const QUICK = { Octaves: 1, Iterations: 2, Strength: 3 };

async function begin(page, film, query) {
  const tool = await FilmPage.open(page, query);
  const file = await video(page, film);
  await tool.take(file);
  await tool.choice("Size").selectOption("96");
  await tool.tool.getByText("More", { exact: true }).click();
  await tool.set(QUICK);
  return { tool, file };
}

test("a part of a video dreams, and is saved with its sound as it was", async ({ page }) => {
  test.slow();
  const { tool, file } = await begin(page, { count: 12, fps: 10 });
  await expect(tool.fact("Length")).toHaveText("0:01.2");
  await expect(tool.fact("Becomes")).toHaveText("12 frames of 96 × 64");
  await expect(tool.fact("Sound")).toHaveText("will be kept");
  await tool.set({ Start: 0.3, End: 0.9 });
  await expect(tool.fact("Becomes")).toHaveText("6 frames of 96 × 64");

  const original = await tool.look(3, "not dreamed yet");
  await tool.dream();
  const shown = await tool.look(3, "dreamed");
  expect(psnr(shown, original)).toBeLessThan(30);
  await tool.button("Original").click();
  await expect(tool.picture).toHaveAccessibleName(/as it was$/);
  expect(psnr(await tool.pixels(), original)).toBeGreaterThan(50);
  await tool.button("Original").click();

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
});
