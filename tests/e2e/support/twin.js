// The page against the command line: the same settings make the same picture, others another.

import { writeFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { DreamPage } from "../pages/dream-page.js";
import { dream } from "./cli.js";
import { landscape } from "./photos.js";
import { decode, psnr } from "./picture.js";

const SETTINGS = { Octaves: 2, Iterations: 3, "Step size": 2 };
const FLAGS = { octaves: 2, iterations: 3, "step-size": 2 };

/** A page with a small photo and settings that are quick. */
export async function quick(page, photo = landscape(120, 90)) {
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(photo);
  await dreamPage.set(SETTINGS);
  return dreamPage;
}

/**
 * Dreams, and expects what the command line makes with `same`, nearer by `gap` dB than what it makes
 * with `other`. Few iterations: what the two round differently grows with each.
 */
export async function expectTwin(dreamPage, info, same, other = {}, gap = 8) {
  await dreamPage.dream();
  const mine = await dreamPage.save();
  const photo = info.outputPath("photo.png");
  await writeFile(photo, landscape(120, 90).buffer);
  const made = async (name, flags) => {
    const output = info.outputPath(`${name}.png`);
    await dream(photo, output, { ...FLAGS, ...flags });
    return psnr(await decode(output), mine);
  };
  const [alike, unlike] = [await made("same", same), await made("other", other)];
  expect(alike, "like the command line's").toBeGreaterThan(42);
  expect(unlike, "unlike the command line's with other settings").toBeLessThan(alike - gap);
  return mine;
}
