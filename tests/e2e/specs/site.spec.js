// The site as files: it works from any folder and asks for nothing that it may not.

import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { PNG } from "pngjs";
import { DreamPage, QUICK } from "../pages/dream-page.js";
import { DIST, hostSite } from "../support/host.js";
import { landscape } from "../support/photos.js";
import { policyViolations, watchPolicy } from "../support/policy.js";
import { watchOrigins } from "../support/watch.js";

test("the site works in a folder of any host", async ({ page, context }) => {
  const host = await hostSite({ under: "/some/path/" });
  const missing = [];
  page.on("response", (response) => response.status() >= 400 && missing.push(response.url()));
  const origins = watchOrigins(context);
  const dreamPage = await DreamPage.open(page, "?engine=cpu", host.site);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  await dreamPage.save();
  expect(missing).toEqual([]);
  expect([...origins]).toEqual([host.origin]);
  expect(host.requests.every(({ url }) => url.startsWith("/some/path/"))).toBe(true);
  await host.stop();
});

test("the policy is strict and the page keeps it", async ({ page }) => {
  await watchPolicy(page);
  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  await dreamPage.save();
  const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
  const words = (await policy.getAttribute("content")).split(/[\s;]+/);
  expect(words).toContain("'wasm-unsafe-eval'");
  for (const lax of ["'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"]) {
    expect(words).not.toContain(lax);
  }
  expect(await policyViolations(page)).toEqual([]);

  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement("script"), { text: "1" }));
    document.body.setAttribute("style", "color: red");
  });
  await expect.poll(() => policyViolations(page)).toHaveLength(2);
});

test("the head says what the site is, with pictures that are there", async ({ page }) => {
  await DreamPage.open(page);
  await expect(page).toHaveTitle(/Pareidolia/);
  const meta = (name) => page.locator(`meta[${name}]`).getAttribute("content");
  expect((await meta('name="description"')).length).toBeGreaterThan(40);
  const picture = await readFile(`${DIST}/${await meta('property="og:image"')}`);
  expect(picture.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  expect(picture.length).toBeLessThan(300_000);
  const manifest = JSON.parse(await readFile(`${DIST}/manifest.webmanifest`));
  const drawn = manifest.icons.filter(({ type }) => type === "image/png");
  expect(drawn.map(({ purpose }) => purpose)).toContain("maskable");
  for (const { src, sizes } of drawn) {
    const { width, height } = PNG.sync.read(await readFile(`${DIST}/${src}`));
    expect(`${width}x${height}`).toBe(sizes);
  }
});

test("a wrong address and the licences have pages", async ({ page }) => {
  await page.goto("/404.html");
  await expect(page.getByRole("heading")).toHaveText("There is nothing here");
  await page.getByRole("link").click();
  await expect(page).toHaveTitle(/Pareidolia: /);
  const licences = await readFile(`${DIST}/licences.txt`, "utf8");
  for (const name of ["leptos", "tract-core", "wgpu", "mini-inception"]) {
    expect(licences).toContain(name);
  }
  expect(licences).toContain("Permission is hereby granted");
});

test("from navigation to the first preview; figures", async ({ page }) => {
  const times = [];
  for (let visit = 0; visit < 3; visit++) {
    await page.goto("/?engine=cpu");
    const dreamPage = new DreamPage(page);
    await dreamPage.set({ Size: 256 });
    await dreamPage.button("Dream").click();
    await page.locator(".picture.dreamed").waitFor();
    times.push(await page.evaluate(() => Math.round(performance.now())));
  }
  console.log(`first preview at 256 px on the CPU after ${times.join(", ")} ms (goal: 4000)`);
});
