// The installed app: it works without a network, keeps itself whole, changes its version only when
// the user wants it, and takes pictures from other apps.

import { createHash } from "node:crypto";
import { expect, test } from "@playwright/test";
import { DreamPage, QUICK } from "../pages/dream-page.js";
import { MotionPage, SMALL } from "../pages/motion-page.js";
import { content, hostSite } from "../support/host.js";
import { landscape } from "../support/photos.js";
import { decode, psnr } from "../support/picture.js";

test.use({ serviceWorkers: "allow" });

/** Visits the site and waits until it is kept. */
async function visit(page, host, query = "?engine=cpu") {
  const dreamPage = await DreamPage.open(page, query, host.site);
  await page.evaluate(() => navigator.serviceWorker.ready);
  return dreamPage;
}

/** The whole job: a photo in, a dream out. */
async function dreams(dreamPage) {
  const photo = landscape(120, 90);
  await dreamPage.openPhoto(photo);
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  const dreamed = await dreamPage.save();
  expect(psnr(dreamed, await decode(photo.buffer))).toBeLessThan(40);
}

test("after the first visit everything works without a network", async ({ page }) => {
  const host = await hostSite({ under: "/some/path/" });
  const dreamPage = await visit(page, host);
  await host.stop();
  await page.reload();
  await dreamPage.ready();
  await dreams(dreamPage);
  const online = () => page.evaluate(() => fetch("sw.js?any").then(Boolean, () => false));
  expect(await online()).toBe(false);
  await host.again();
  expect(await online()).toBe(true);
  await host.stop();
});

test("moving pictures work without a network too", async ({ page }) => {
  const host = await hostSite({ under: "/some/path/" });
  await visit(page, host);
  await host.stop();
  await page.goto(`${host.site}motion.html?engine=cpu#zoom`);
  const zoom = new MotionPage(page, "Zoom");
  await zoom.openPhoto(landscape(96, 72));
  await zoom.set({ ...SMALL, Frames: 2 });
  await zoom.button("Dream the journey").click();
  await expect(zoom.button("Dream the journey")).toBeDisabled({ timeout: 60_000 });
  await zoom.choice("Save as").selectOption("webm");
  expect((await zoom.file("Save")).bytes.length).toBeGreaterThan(500);
  const answers = (name) => page.evaluate((name) => fetch(name).then(Boolean, () => false), name);
  expect(await answers("motion/motion.js")).toBe(true);
  expect(await answers("sw.js?any")).toBe(false);
});

test("a damaged cache heals itself", async ({ page }) => {
  const host = await hostSite();
  const dreamPage = await visit(page, host);
  const damaged = ["dream-worker_bg.wasm", "dream-worker.js"];
  const kept = () =>
    page.evaluate(async (names) => {
      const [name] = (await caches.keys()).filter((name) => name.startsWith("pareidolia-site-"));
      const cache = await caches.open(name);
      const sizes = names.map(async (name) => (await (await cache.match(name))?.blob())?.size);
      return Promise.all(sizes);
    }, damaged);
  const whole = await kept();
  await page.evaluate(async ([wasm, script]) => {
    const [name] = (await caches.keys()).filter((name) => name.startsWith("pareidolia-site-"));
    const cache = await caches.open(name);
    await cache.put(wasm, new Response("rust", { headers: { "Content-Type": "text/plain" } }));
    await cache.delete(script);
  }, damaged);
  expect(await kept()).toEqual([4, undefined]);
  // The worker remembers what it has checked until it is started again, as browsers do all day.
  const client = await page.context().newCDPSession(page);
  await client.send("ServiceWorker.enable");
  await client.send("ServiceWorker.stopAllWorkers");
  await page.reload();
  await dreamPage.ready();
  expect(await kept()).toEqual(whole);
  await host.stop();
  await page.reload();
  await dreamPage.ready();
  await dreams(dreamPage);
});

/** The next version of the site: another page, listed with its hash. */
async function nextVersion() {
  const page = String(await content("index.html")).replace("<title>", "<title>Next ");
  const script = String(await content("sw.js"));
  const [head] = script.split("\n");
  const release = JSON.parse(head.replace("self.release = ", "").replace(/;$/, ""));
  release.version = "next";
  release.files["index.html"] = createHash("sha256").update(page).digest("hex");
  const next = `self.release = ${JSON.stringify(release)};`;
  return { "index.html": page, "sw.js": script.replace(head, next) };
}

test("a new version waits for the user, then takes over and loses nothing", async ({ page }) => {
  const host = await hostSite();
  const dreamPage = await visit(page, host);
  await dreamPage.openPhoto(landscape(120, 90));
  await dreamPage.set({ ...QUICK, Seed: 5 });
  await page.waitForTimeout(1_000);
  await page.evaluate(async () => {
    const opening = indexedDB.open("pareidolia");
    await new Promise((done) => (opening.onsuccess = done));
    const models = opening.result.transaction("models", "readwrite").objectStore("models");
    const putting = models.put({ file: new Blob(["a model"]) }, "some-hash");
    await new Promise((done) => (putting.onsuccess = done));
    opening.result.close();
  });
  const [old] = await page.evaluate(() => caches.keys());
  host.changes = await nextVersion();

  await page.reload();
  await dreamPage.ready();
  await expect(page).toHaveTitle(/^Pareidolia/);
  const notices = page.getByRole("region", { name: "Notices" });
  await expect(notices).toContainText("new version", { timeout: 20_000 });
  await page.reload();
  await dreamPage.ready();
  await expect(page, "without consent nothing changes").toHaveTitle(/^Pareidolia/);
  await notices.getByRole("button", { name: "Update now" }).click();
  await expect(page).toHaveTitle(/^Next Pareidolia/, { timeout: 20_000 });
  await dreamPage.ready();
  await expect(dreamPage.slider("Seed")).toHaveValue("5");
  await expect(page.getByText("120 × 90")).toBeVisible();
  await expect.poll(() => page.evaluate(() => caches.keys())).not.toContain(old);
  const caches = await page.evaluate(() => globalThis.caches.keys());
  expect(caches).toContain("pareidolia-site-next");
  const model = await page.evaluate(async () => {
    const opening = indexedDB.open("pareidolia");
    await new Promise((done) => (opening.onsuccess = done));
    const getting = opening.result.transaction("models").objectStore("models").get("some-hash");
    await new Promise((done) => (getting.onsuccess = done));
    return getting.result.file.text();
  });
  expect(model).toBe("a model");
  await host.stop();
});

test("a picture that another app shares is opened", async ({ page }) => {
  const host = await hostSite({ under: "/app/" });
  const dreamPage = await visit(page, host, "");
  const photo = landscape(96, 64);
  // Another app sends what a form would send.
  await page.evaluate((bytes) => {
    const type = { type: "image/png" };
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], "from a friend.png", type));
    const input = Object.assign(document.createElement("input"), { type: "file", name: "photo" });
    input.files = files.files;
    const form = document.createElement("form");
    Object.assign(form, { action: "share", method: "POST", enctype: "multipart/form-data" });
    form.append(input);
    document.body.append(form);
    form.submit();
  }, [...photo.buffer]);
  await expect(page.getByText("96 × 64")).toBeVisible({ timeout: 30_000 });
  await dreamPage.ready();
  expect(page.url()).toBe(host.site);
  await dreamPage.set(QUICK);
  await dreamPage.dream();
  const download = page.waitForEvent("download");
  await dreamPage.button("Save PNG").click();
  expect((await download).suggestedFilename()).toBe("from a friend-dream.png");
  await host.stop();
});

test("a picture that the system opens with the app is opened", async ({ page }) => {
  const photo = landscape(96, 64);
  await page.addInitScript((bytes) => {
    const file = new File([new Uint8Array(bytes)], "opened.png", { type: "image/png" });
    const files = [{ getFile: async () => file }];
    const launchQueue = { setConsumer: (consumer) => void (globalThis.launch = () => consumer({ files })) };
    Object.defineProperty(globalThis, "launchQueue", { value: launchQueue });
  }, [...photo.buffer]);
  await DreamPage.open(page);
  await page.evaluate(() => globalThis.launch());
  await expect(page.getByText("96 × 64")).toBeVisible();
  const manifest = JSON.parse(await content("manifest.webmanifest"));
  expect(Object.values(manifest.file_handlers[0].accept).flat()).toContain(".png");
  expect(manifest.share_target.params.files[0].name).toBe("photo");
});
