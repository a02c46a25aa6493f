// The mirror: it dreams while nothing moves and wakes when something does; it asks before it looks.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, expect, test } from "@playwright/test";
import { DESK, PHONE } from "../pages/dream-page.js";
import { MirrorPage } from "../pages/mirror-page.js";
import { inspect, violations } from "../support/inspect.js";
import { decode } from "../support/picture.js";
import { MOVING, STILL, film, withCamera } from "../support/camera.js";

const FILE = join(tmpdir(), "pareidolia-camera.y4m");

test.beforeAll(() => film(FILE));

/** A page of a browser with a camera; it counts the dreams, and how often it is asked for a camera. */
async function pageWith({ launchOptions, baseURL }, asks, options) {
  const args = [...launchOptions.args, ...withCamera(FILE, asks)];
  const browser = await chromium.launch({ ...launchOptions, args });
  const page = await browser.newPage({
    baseURL,
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  await page.addInitScript(() => {
    globalThis.dreams = 0;
    globalThis.asked = 0;
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = function (...what) {
      globalThis.asked += 1;
      return getUserMedia.apply(this, what);
    };
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.Dream) globalThis.dreams += 1;
      return postMessage.call(this, message, ...rest);
    };
  });
  return { browser, page };
}

test("it dreams while nothing moves, and wakes at once when something does", async ({
  launchOptions,
  baseURL,
}) => {
  const { browser, page } = await pageWith({ launchOptions, baseURL });
  const mirror = await MirrorPage.open(page);
  await mirror.choice("Size").selectOption("96");
  await mirror.turnOn();
  await mirror.becomes("live");
  const seen = await mirror.watch(2 * (STILL + MOVING));
  expect(await page.evaluate(() => globalThis.dreams)).toBeGreaterThan(2);

  const dreaming = seen.filter(({ says }) => says === "dreaming");
  expect(dreaming.length).toBeGreaterThan(20);
  expect(Math.max(...dreaming.map(({ off }) => off))).toBeGreaterThan(8);
  // Soon after it says that it is awake, nothing of the dream is left.
  // Wakings from a dream that there was to be rid of; one that has just begun shows nothing yet.
  const wakes = seen.filter(
    ({ says }, i) => says === "live" && seen[i - 1]?.says === "dreaming" && seen[i - 1].off > 5,
  );
  expect(wakes.length).toBeGreaterThan(0);
  const [woken] = wakes;
  const gone = seen.find(({ ms, off }) => ms >= woken.ms && off < 1);
  expect(gone.ms - woken.ms).toBeLessThan(800);
  await browser.close();
});

test("it shows the camera as a mirror does, and lets go of it", async ({
  launchOptions,
  baseURL,
}) => {
  const { browser, page } = await pageWith({ launchOptions, baseURL });
  const mirror = await MirrorPage.open(page);
  // It asks for the camera when the button is pressed, and not before.
  const asked = () => page.evaluate(() => globalThis.asked);
  expect(await asked()).toBe(0);
  await mirror.turnOn();
  await mirror.becomes("live");
  expect(await asked()).toBe(1);
  await expect
    .poll(() =>
      mirror.picture.evaluate((canvas) => {
        const { width, height } = canvas;
        const light = (x) => {
          const part = canvas.getContext("2d").getImageData(x, 0, width / 3, height / 2).data;
          return part.reduce((sum, level) => sum + level, 0) / part.length;
        };
        return Math.round(light((2 * width) / 3) - light(0));
      }),
    )
    // The camera's left is the brighter side.
    .toBeGreaterThan(15);
  await mirror.button("Turn the camera off").click();
  await expect(mirror.button("Turn the camera on")).toBeFocused();
  await mirror.turnOn();
  await mirror.becomes("live");
  await page.getByRole("tab", { name: "Look" }).click();
  await page.getByRole("tab", { name: "Mirror" }).click();
  await expect(mirror.button("Turn the camera on")).toBeVisible();
  await browser.close();
});

test("while its tab is hidden it rests, and what it shows can be saved", async ({
  launchOptions,
  baseURL,
}, info) => {
  const { browser, page } = await pageWith({ launchOptions, baseURL });
  const mirror = await MirrorPage.open(page);
  await mirror.choice("Size").selectOption("96");
  await mirror.turnOn();
  await mirror.becomes("dreaming");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    mirror.button("Save picture").click(),
  ]);
  const file = info.outputPath("mirror.png");
  await download.saveAs(file);
  expect((await decode(file)).width).toBe(160);

  const hide = (is) =>
    page.evaluate((is) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => is });
      document.dispatchEvent(new Event("visibilitychange"));
    }, is);
  const dreams = () => page.evaluate(() => globalThis.dreams);
  await hide(true);
  await mirror.becomes("live");
  const before = await dreams();
  await page.waitForTimeout(3000);
  expect(await dreams()).toBe(before);
  await hide(false);
  await mirror.becomes("dreaming");
  expect(await dreams()).toBeGreaterThan(before);
  await browser.close();
});

test("a refused camera is told in words", async ({ launchOptions, baseURL }) => {
  const { browser, page } = await pageWith({ launchOptions, baseURL }, "refuse");
  const mirror = await MirrorPage.open(page);
  await expect(mirror.alert).toHaveText("");
  await mirror.turnOn();
  await expect(mirror.alert).toContainText("The camera was refused.");
  await expect(mirror.button("Turn the camera on")).toBeEnabled();
  await browser.close();
});

test("where little motion is wanted, one dream is dreamed and stays", async ({
  launchOptions,
  baseURL,
}) => {
  const { browser, page } = await pageWith({ launchOptions, baseURL }, "", {
    reducedMotion: "reduce",
  });
  const mirror = await MirrorPage.open(page);
  await mirror.choice("Size").selectOption("96");
  await expect(mirror.tool.getByLabel("Dream on")).not.toBeChecked();
  await mirror.turnOn();
  await mirror.becomes("dreaming");
  await page.waitForTimeout(3000);
  const first = await page.evaluate(() => globalThis.dreams);
  expect(first).toBeLessThan(3);
  await browser.close();
});

test("a person and a screen reader find their way, on desk and phone", async ({
  launchOptions,
  baseURL,
}, info) => {
  const { browser, page } = await pageWith({ launchOptions, baseURL });
  for (const [where, screen] of Object.entries({ desk: DESK, phone: PHONE })) {
    await page.setViewportSize(screen);
    const mirror = await MirrorPage.open(page);
    await inspect(page, info, `mirror-${where}-1-off`);
    await mirror.turnOn();
    await mirror.becomes("live");
    await inspect(page, info, `mirror-${where}-2-live`);
    await page.goto("about:blank");
  }
  await MirrorPage.open(page);
  await page.evaluate(() => document.querySelector("[role=tabpanel] select").labels[0].remove());
  expect(await violations(page)).not.toEqual([]);
  await browser.close();
});
