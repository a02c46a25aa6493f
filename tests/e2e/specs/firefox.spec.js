// In short and in Firefox, driven by WebDriver BiDi, what the other tests look at closely in Chromium.

import { writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import puppeteer from "puppeteer-core";
import { Blog } from "../support/blog.js";
import { dream } from "../support/cli.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";

const FIREFOX = process.env.PAREIDOLIA_FIREFOX;
test.skip(!FIREFOX, "no Firefox: install one, or name it in PAREIDOLIA_FIREFOX");

let browser;
test.beforeAll(async () => {
  browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX });
});
test.afterAll(() => browser.close());

/** A page, and what goes wrong in it. */
async function opened(address) {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
  await page.goto(address);
  return { page, errors };
}

const press = (page, name) => page.locator(`::-p-aria([name="${name}"][role="button"])`).click();

const says = (page, words) =>
  page.waitForFunction((words) => document.body.innerText.includes(words), {}, words);

/** The pixels of a canvas. */
async function pixels(page, selector) {
  const { data, ...size } = await page.$eval(selector, (canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return { width, height, data: Array.from(data) };
  });
  return { ...size, data: Uint8Array.from(data) };
}

test("a photo dreams as on the command line, and is back after a reload", async ({
  baseURL,
}, info) => {
  const [photo, same, other] = ["photo", "same", "other"].map((it) => info.outputPath(`${it}.png`));
  await writeFile(photo, landscape(120, 90).buffer);
  const settings = { octaves: 2, iterations: 3, seed: 7 };
  await dream(photo, same, settings);
  await dream(photo, other, { ...settings, seed: 8 });

  const recipe = Buffer.from(JSON.stringify({ settings })).toString("base64url");
  const { page, errors } = await opened(`${baseURL}/?engine=cpu#recipe=${recipe}`);
  await page.waitForSelector("html[data-ready=true]");
  const input = await page.waitForSelector(".strip input[type=file]");
  await input.uploadFile(photo);
  await says(page, "120 × 90");
  await press(page, "Dream");
  await says(page, "Dreamed in");
  const picture = "canvas[aria-label=Dream]";
  const dreamed = await pixels(page, picture);
  expect(psnr(dreamed, await decode(same))).toBeGreaterThan(42);
  expect(psnr(dreamed, await decode(other))).toBeLessThan(35);

  await new Promise((kept) => setTimeout(kept, 1000));
  await page.reload();
  await page.waitForSelector("html[data-ready=true]");
  expect(psnr(await pixels(page, picture), dreamed)).toBe(Infinity);
  expect(errors).toEqual([]);
});

test("a widget dreams in somebody's blog", async ({ baseURL }) => {
  const blog = await Blog.open(new URL(baseURL).origin);
  const tag = '<deep-dream src="photo.png" size="96" octaves="1" iterations="2"></deep-dream>';
  const { page, errors } = await opened(blog.post("firefox", tag));
  await page.waitForSelector("deep-dream");
  const result = await page.$eval("deep-dream", async (element) => {
    await customElements.whenDefined("deep-dream");
    const { blob, width, height, iterations } = await element.dream();
    return [blob.type, width, height, iterations];
  });
  expect(result).toEqual(["image/png", 96, 72, 2]);
  expect(errors).toEqual([]);
  await blog.close();
});

test("a journey is previewed", async ({ baseURL }) => {
  const { page, errors } = await opened(`${baseURL}/motion.html?engine=cpu#zoom`);
  await page.waitForSelector("[role=tabpanel][aria-busy=false]");
  await says(page, "Frame 1 of 48: moved only");
  await press(page, "Preview");
  await says(page, "Frame 3 of 48: preview");
  await press(page, "Stop");
  expect(errors).toEqual([]);
});
