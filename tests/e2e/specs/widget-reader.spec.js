// The widget as readers meet it: with the keyboard, a screen reader, a photo of their own, without
// wish for motion, and when something goes wrong.

import { expect, test } from "@playwright/test";
import { Blog } from "../support/blog.js";
import { keepDevice, loseDevice } from "../support/gpu.js";
import { inspect, violations as flaws } from "../support/inspect.js";
import { landscape } from "../support/photos.js";
import { LONG, QUICK, Widget, watchEvents } from "../pages/widget.js";
import { DESK, PHONE } from "../pages/dream-page.js";

let blog;
test.beforeAll(async ({ baseURL }) => {
  const { origin } = new URL(baseURL);
  const policy =
    `default-src 'self'; script-src 'self' ${origin} 'wasm-unsafe-eval'; worker-src blob:; ` +
    `connect-src 'self' ${origin} blob:; img-src 'self' blob:`;
  blog = await Blog.open(origin, policy);
});
test.afterAll(() => blog.close());

test("everything can be done with the keyboard", async ({ page }) => {
  await page.goto(blog.post("keys", `<deep-dream src="photo.png" controls ${QUICK}></deep-dream>`));
  const widget = new Widget(page);
  await page.keyboard.press("Tab");
  await expect(widget.button("Dream")).toBeFocused();
  const outline = () =>
    widget.button("Dream").evaluate((button) => getComputedStyle(button).outlineStyle);
  expect(await outline()).toBe("solid");
  await page.keyboard.press("Enter");
  await widget.becomes("done");
  await expect(widget.button("Original")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(widget.photo).toBeVisible();
  await expect(widget.dreamed).toBeHidden();
  await page.keyboard.press("Tab");
  await expect(widget.button("Save PNG")).toBeFocused();
  const download = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  expect((await download).suggestedFilename()).toBe("photo-dream.png");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(widget.button("Dream")).toBeFocused();
  await expect(widget.photo).toBeVisible();
});

test("the reader's own photo dreams, chosen or dropped, and asks nobody", async ({
  page,
  context,
}) => {
  await page.goto(blog.post("upload", `<deep-dream allow-upload ${QUICK}></deep-dream>`));
  const widget = new Widget(page);
  await expect(widget.button("Dream")).toBeHidden();
  const asked = [];
  context.on("request", (request) => request.method() === "GET" || asked.push(request.url()));
  await widget.upload.setInputFiles(landscape(60, 80));
  await expect(widget.element.getByRole("img", { name: "Your own photo" })).toBeVisible();
  await widget.dream();
  expect(await widget.result()).toMatchObject({ width: 60, height: 80 });

  const data = [...landscape(96, 48).buffer];
  const drop = (type, data) =>
    widget.element.evaluate(
      (element, [type, data]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(
          new File([new Uint8Array(data)], "dropped.png", { type: "image/png" }),
        );
        const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
        return element.shadowRoot.querySelector(".stage").dispatchEvent(event);
      },
      [type, data],
    );
  expect(await drop("dragover", data)).toBe(false);
  await expect(widget.element.getByText("Drop a photo")).toBeVisible();
  await drop("drop", data);
  await widget.dream();
  expect(await widget.result()).toMatchObject({ width: 96, height: 48 });
  expect(asked).toEqual([]);

  await widget.upload.setInputFiles({
    name: "no.png",
    mimeType: "image/png",
    buffer: Buffer.from("no"),
  });
  await expect(widget.alert).toContainText("no.png could not be shown");
});

test("a poster stands in until the photo is needed", async ({ page, context }) => {
  blog.put("poster.png", landscape(40, 30).buffer);
  const asked = [];
  context.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(
    blog.post("poster", `<deep-dream src="photo.png" poster="poster.png" ${QUICK}></deep-dream>`),
  );
  const widget = new Widget(page);
  await expect(widget.photo).toHaveJSProperty("naturalWidth", 40);
  expect(asked).not.toContain("/photo.png");
  await widget.dream();
  await widget.button("Original").click();
  await expect(widget.photo).toHaveJSProperty("naturalWidth", 120);
});

test("autostart dreams by itself, but not for readers who want no motion", async ({ page }) => {
  const post = blog.post("auto", `<deep-dream src="photo.png" autostart ${QUICK}></deep-dream>`);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(post);
  const widget = new Widget(page);
  await expect(widget.photo).toBeVisible();
  await page.waitForTimeout(300);
  expect(await widget.element.evaluate(({ state }) => state)).toBe("idle");
  await widget.call("dream", { iterations: 20, octaves: 1 });
  expect(page.workers()).toHaveLength(1);

  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.goto(post);
  await widget.becomes("done");
});

test("what goes wrong is said in words, with a way on", async ({ page }) => {
  const heard = await watchEvents(page);
  await page.goto(blog.post("wrong", `<deep-dream src="later.png" ${QUICK}></deep-dream>`));
  const widget = new Widget(page);
  await expect(widget.alert).toContainText("later.png could not be shown");
  blog.put("later.png", landscape(64, 48).buffer);
  await widget.button("Try again").click();
  await expect(widget.photo).toBeVisible();
  await expect(widget.alert).toBeHidden();

  for (const [attribute, value, words] of [
    ["octaves", "many", "The option octaves is “many”, but must be a whole number"],
    ["octaves", "99", "Octaves is 99, but must be between 1 and 10"],
    ["engine", "steam", "There is no engine “steam”"],
    ["layer", "no_such_layer", "no_such_layer"],
    ["model", "nowhere.onnx", "has no model nowhere.onnx (404)"],
    ["model", "photo.png", "photo.png"],
  ]) {
    const good = await widget.element.getAttribute(attribute);
    await widget.element.evaluate(
      (element, [name, value]) => element.setAttribute(name, value),
      [attribute, value],
    );
    await widget.button("Dream").click();
    await expect(widget.alert).toContainText(words);
    await widget.becomes("idle");
    await widget.element.evaluate(
      (element, [name, good]) =>
        good === null ? element.removeAttribute(name) : element.setAttribute(name, good),
      [attribute, good],
    );
  }
  await widget.button("Try again").click();
  await widget.becomes("done");
  const errors = (await heard()).filter(({ name }) => name === "error");
  expect(errors).toHaveLength(7);
});

test("a worker that dies is noticed, and the next dream has a new one", async ({ page }) => {
  await page.goto(blog.post("death", `<deep-dream src="photo.png" ${LONG}></deep-dream>`));
  const widget = new Widget(page);
  await widget.button("Dream").click();
  await expect(widget.dreamed).toBeVisible({ timeout: 30_000 });
  await page.workers()[0].evaluate(() => setTimeout(() => close(), 0));
  await expect(widget.alert).toContainText("The engine has stopped");
  await widget.becomes("done");
  await expect(widget.dreamed).toBeVisible();
  expect(await widget.result()).toMatchObject({ stopped: true, engine: "cpu" });
  await widget.element.evaluate((element) => Object.assign(element, { iterations: 2, octaves: 1 }));
  await widget.button("Try again").click();
  await widget.becomes("done");
});

/** Two widgets, the first of which has lost its device in the second of three octaves. */
async function interrupted(page) {
  const [first, second] = ["first", "second"].map((id) => new Widget(page, `#${id}`));
  const tag = (id, settings) => `<deep-dream id="${id}" src="photo.png" ${settings}></deep-dream>`;
  await page.goto(blog.post("lost", tag("first", LONG) + tag("second", QUICK)));
  await first.call("dream", { octaves: 1, iterations: 1 });
  await keepDevice(page);
  await first.button("Start over").click();
  await first.element.evaluate((element) => Object.assign(element, { size: 96, engine: "gpu" }));
  await first.button("Dream").click();
  await expect(first.status).toContainText("octave 2", { timeout: 60_000 });
  await loseDevice(page);
  await first.becomes("interrupted");
  await expect(first.alert).toContainText("GPU");
  return [first, second];
}

test("a dream that has lost its device goes on as the reader likes", async ({ page }) => {
  const [first] = await interrupted(page);
  await first.button("Continue on the CPU").click();
  await first.becomes("dreaming");
  await expect(first.alert).toBeHidden();
  await expect(first.status).toContainText(/octave [23]/);
  await first.button("Stop").click();
  await first.becomes("done");
  expect(await first.result()).toMatchObject({ engine: "cpu", stopped: true });
});

test("an interrupted dream is no hindrance to another, and its picture is kept", async ({
  page,
}) => {
  const [first, second] = await interrupted(page);
  await second.dream();
  await first.becomes("done");
  await expect(first.status).toHaveText("The dream broke off");
  await expect(first.dreamed).toBeVisible();
  expect(await first.result()).toMatchObject({ engine: "gpu", stopped: true });
});

test("a photo that may not be read is shown, and dreaming says why not", async ({
  page,
  baseURL,
}) => {
  const { serve } = await import("../support/blog.js");
  const album = await serve({ "photo.png": landscape(64, 48).buffer });
  const { origin } = new URL(baseURL);
  const open = await Blog.open(origin, `default-src 'self' ${origin}; img-src *; worker-src blob:`);
  await page.goto(
    open.post("album", `<deep-dream src="${album.origin}/photo.png" ${QUICK}></deep-dream>`),
  );
  const widget = new Widget(page);
  await expect(widget.photo).toBeVisible();
  await widget.button("Dream").click();
  await expect(widget.alert).toContainText("let other sites read it (CORS)");
  await Promise.all([album.close(), open.close()]);
});

for (const [where, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
  test(`screen readers find nothing wrong on a ${where}; screenshots`, async ({ page }, info) => {
    await page.setViewportSize(viewport);
    blog.put("large.png", landscape(640, 440).buffer);
    const tag = `<deep-dream src="large.png" alt="Hills" controls allow-upload ${LONG}></deep-dream>`;
    await page.goto(blog.post(where, tag));
    const widget = new Widget(page);
    await expect(widget.photo).toBeVisible();
    await inspect(page, info, `widget-${where}-1-photo`);
    await widget.button("Dream").click();
    await expect(widget.status).toContainText("octave 1", { timeout: 30_000 });
    await inspect(page, info, `widget-${where}-2-dreaming`);
    await widget.button("Stop").click();
    await widget.becomes("done");
    await inspect(page, info, `widget-${where}-3-done`);
    await widget.element.evaluate((element) => (element.layer = "none such"));
    await widget.button("Start over").click();
    await widget.button("Dream").click();
    await expect(widget.alert).toBeVisible();
    await inspect(page, info, `widget-${where}-4-trouble`);

    await widget.element.evaluate((element) => {
      element.shadowRoot.append(document.createElement("button"));
    });
    expect(await flaws(page)).not.toEqual([]);
  });
}
