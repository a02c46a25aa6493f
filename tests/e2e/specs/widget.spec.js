// The widget in a page of another origin, under the policy that the guide asks for.

import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { landscape } from "../support/photos.js";
import { Blog, policyFor } from "../support/blog.js";
import { dream } from "../support/cli.js";
import { psnr, decode } from "../support/picture.js";
import { watchOrigins } from "../support/watch.js";
import { LONG, QUICK, Widget, watchEvents, watchPolicy } from "../pages/widget.js";

let blog;
test.beforeAll(async ({ baseURL }) => {
  blog = await Blog.open(new URL(baseURL).origin);
});
test.afterAll(() => blog.close());

test("a photo dreams in a strict blog on another origin, and nothing comes before its time", async ({
  page,
  context,
}) => {
  const origins = watchOrigins(context);
  const violations = await watchPolicy(page);
  const asked = [];
  context.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const body = `<div id="above"></div><deep-dream src="photo.png" alt="Hills" ${QUICK}></deep-dream>`;
  blog.put("far.css", "#above { height: 4000px }");
  await page.goto(blog.post("far", `<link rel="stylesheet" href="far.css" />${body}`));
  await page.waitForFunction(() => customElements.get("deep-dream"));
  const widget = new Widget(page);
  await page.waitForTimeout(300);
  expect(asked).not.toContain("/photo.png");

  await widget.element.scrollIntoViewIfNeeded();
  await expect(widget.photo).toBeVisible();
  expect(asked).toContain("/photo.png");
  expect(asked.filter((path) => path.includes("dream-worker") || path.endsWith(".onnx"))).toEqual(
    [],
  );
  expect(page.workers()).toEqual([]);

  await widget.dream();
  await expect(widget.dreamed).toBeVisible();
  expect([...origins].sort()).toEqual([blog.origin, blog.host].sort());
  expect(violations).toEqual([]);

  await page.evaluate(() => fetch("http://elsewhere.invalid/").catch(() => {}));
  await expect.poll(() => violations.length).toBeGreaterThan(0);
});

test("the dream is that of the command line, and comes as a PNG", async ({ page }, info) => {
  const photo = info.outputPath("photo.png");
  const wanted = info.outputPath("wanted.png");
  await writeFile(photo, landscape(120, 90).buffer);
  const settings = {
    size: 96,
    octaves: 2,
    iterations: 3,
    "octave-scale": 1.5,
    "step-size": 2,
    jitter: 8,
    seed: 5,
  };
  await dream(photo, wanted, settings);

  const attributes = Object.entries(settings).map(([name, value]) => `${name}="${value}"`);
  await page.goto(
    blog.post(
      "same",
      `<deep-dream src="photo.png" engine="cpu" ${attributes.join(" ")}></deep-dream>`,
    ),
  );
  const widget = new Widget(page);
  const returned = await widget.element.evaluate((element) => element.dream());
  const result = await widget.result();
  expect(returned).toMatchObject({
    width: 96,
    height: 72,
    engine: "cpu",
    iterations: 6,
    stopped: false,
  });
  expect(returned.ms).toBeGreaterThan(0);
  expect(result.type).toBe("image/png");
  expect(psnr(result.picture, await decode(wanted))).toBeGreaterThan(40);

  await widget.call("dream", { seed: 6 });
  expect(psnr((await widget.result()).picture, await decode(wanted))).toBeLessThan(40);
});

test("a recipe says what no attribute can, and options come before it", async ({ page }) => {
  await page.goto(
    blog.post(
      "recipe",
      `<deep-dream src="photo.png" size="64" octaves="1" engine="cpu"></deep-dream>`,
    ),
  );
  const widget = new Widget(page);
  const dreamt = async (options) => {
    const { iterations, stopped } = await widget.call("dream", options);
    return { iterations, stopped, picture: (await widget.result()).picture };
  };
  const objectives = (...weights) => weights.map((weight) => ({ weight }));
  const settings = { iterations: 3, jitter: 0, octaves: 4 };
  const once = await dreamt({ recipe: { settings, app: "some program" } });
  expect(once).toMatchObject({ iterations: 3, stopped: false });
  const alone = await dreamt({ recipe: settings });
  expect(psnr(alone.picture, once.picture)).toBe(Infinity);
  // Weights that add up to one are that one; a weight below zero takes away instead.
  const split = await dreamt({ recipe: { ...settings, objectives: objectives(0.25, 0.75) } });
  expect(psnr(split.picture, once.picture)).toBeGreaterThan(40);
  const lowered = await dreamt({ recipe: { ...settings, objectives: objectives(-1) } });
  expect(psnr(lowered.picture, once.picture)).toBeLessThan(35);
  expect(await dreamt({ recipe: settings, iterations: 2 })).toMatchObject({ iterations: 2 });

  for (const recipe of [[], { octaves: 1.5 }]) {
    const refusal = await widget.element.evaluate(
      (element, recipe) => element.dream({ recipe }).catch(({ kind, message }) => [kind, message]),
      recipe,
    );
    expect(refusal).toEqual(["settings", expect.stringMatching(/recipe/)]);
  }
});

test("a recipe may lie beside the photo, in a file of its own or in a dream", async ({
  page,
}, info) => {
  const policy = await policyFor(blog.host);
  const own = await Blog.open(blog.host, policy.replace("connect-src", "connect-src 'self'"));
  const settings = { iterations: 3, jitter: 0, octaves: 1, size: 64 };
  own.put("lowered.json", JSON.stringify({ settings: { ...settings, objectives: [{ weight: -1 }] } }));
  own.put("list.json", "[]");
  own.put("letter.json", "Dear reader,");
  const tag = '<deep-dream src="photo.png" recipe="lowered.json" engine="cpu"></deep-dream>';
  await page.goto(own.post("beside", tag));
  const widget = new Widget(page);
  const dreamt = async (options) => {
    const { iterations } = await widget.call("dream", options);
    return { iterations, picture: (await widget.result()).picture };
  };
  const kept = await dreamt({});
  expect(kept.iterations).toBe(3);
  const given = await dreamt({ recipe: { ...settings, objectives: [{ weight: -1 }] } });
  expect(psnr(kept.picture, given.picture)).toBe(Infinity);
  const raised = await dreamt({ recipe: settings });
  expect(psnr(kept.picture, raised.picture)).toBeLessThan(35);

  const [photo, made] = ["photo.png", "made.png"].map((name) => info.outputPath(name));
  await writeFile(photo, landscape(120, 90).buffer);
  await dream(photo, made, settings);
  own.put("made.png", await readFile(made));
  const remade = await dreamt({ recipe: "made.png" });
  expect(psnr(remade.picture, raised.picture)).toBe(Infinity);

  for (const [file, words] of [
    ["gone.json", /has no recipe gone\.json \(404\)/],
    ["letter.json", /letter\.json could not be read/],
    ["list.json", /must be an object/],
    ["photo.png", /photo\.png carries no recipe/],
  ]) {
    await widget.element.evaluate((element, file) => element.setAttribute("recipe", file), file);
    await widget.element.evaluate((element) => element.dream().catch(() => {}));
    await expect(widget.alert).toContainText(words);
  }
  await own.close();
});

test("attributes are properties, also those set before the script came", async ({ page }) => {
  await page.goto(
    blog.post("properties", '<deep-dream src="photo.png" octaves="3"></deep-dream>', null),
  );
  const set = await page.evaluate(async (script) => {
    const early = document.querySelector("deep-dream");
    early.stepSize = 2.5;
    await import(script);
    Object.assign(early, {
      octaveScale: 1.3,
      layer: "a",
      allowUpload: true,
      controls: "none",
      seed: null,
    });
    const numbers = [early.octaves, early.octaveScale, early.stepSize, early.iterations];
    const html = early.cloneNode().outerHTML;
    early.allowUpload = false;
    return {
      numbers,
      html,
      later: [early.allowUpload, early.autostart, early.controls, early.alt],
    };
  }, `${blog.host}/deep-dream.js`);
  expect(set.numbers).toEqual([3, 1.3, 2.5, null]);
  expect(set.html).toBe(
    '<deep-dream src="photo.png" octaves="3" step-size="2.5" octave-scale="1.3" layer="a" allow-upload="" controls="none"></deep-dream>',
  );
  expect(set.later).toEqual([false, false, "none", ""]);
});

test("two widgets share one worker and take turns; the script may come twice", async ({ page }) => {
  const [first, second] = ["first", "second"].map((id) => new Widget(page, `#${id}`));
  const tags = ["first", "second"].map(
    (id) => `<deep-dream id="${id}" src="photo.png" ${QUICK}></deep-dream>`,
  );
  const again = `<script type="module" src="${blog.host}/deep-dream.js?again"></script>`;
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(blog.post("two", tags.join("") + again));
  await first.element.evaluate((element) => (element.iterations = 40));
  await first.button("Dream").click();
  await second.button("Dream").click();
  await expect(second.status).toHaveText("Waiting for another dream to end…");
  await expect(second.button("Stop")).toBeFocused();
  await first.becomes("done");
  await second.becomes("done");
  expect(page.workers()).toHaveLength(1);
  expect(errors).toEqual([]);
});

test("events bubble out of shadow roots, in their order", async ({ page }) => {
  const heard = await watchEvents(page);
  await page.goto(blog.post("events", '<div id="host"></div>'));
  await page.evaluate((quick) => {
    const inside = document.querySelector("#host").attachShadow({ mode: "open" });
    inside.innerHTML = `<deep-dream id="inner" src="photo.png" ${quick}></deep-dream>`;
  }, QUICK);
  const widget = new Widget(page);
  await expect(widget.photo).toBeVisible();
  await widget.dream();
  const names = (await heard()).map(({ name }) => name);
  expect(new Set((await heard()).map(({ target }) => target))).toEqual(new Set(["host"]));
  expect(names[0]).toBe("ready");
  expect(names.at(-1)).toBe("done");
  // One for every burst: a fast machine fits several of the six iterations into one.
  const bursts = names.filter((name) => name === "progress").length;
  expect(bursts).toBeGreaterThan(0);
  expect(bursts).toBeLessThanOrEqual(6);
  expect(names).toContain("frame");
});

test("stop keeps what there is, reset gives it up, and another dream can follow", async ({
  page,
}) => {
  await page.goto(blog.post("stop", `<deep-dream src="photo.png" ${LONG}></deep-dream>`));
  const widget = new Widget(page);
  await widget.button("Dream").click();
  await expect(widget.dreamed).toBeVisible({ timeout: 30_000 });
  await widget.button("Stop").click();
  await widget.becomes("done");
  expect(await widget.result()).toMatchObject({ stopped: true, width: 120, height: 90 });
  await expect(widget.button("Original")).toBeFocused();

  const outcome = widget.element.evaluate((element) =>
    element.dream().catch((error) => error.name),
  );
  await expect(widget.progress).toHaveAttribute("aria-valuenow", /[1-9]/, { timeout: 30_000 });
  await widget.call("reset");
  expect(await outcome).toBe("AbortError");
  await widget.becomes("idle");
  await expect(widget.photo).toBeVisible();
  await expect(widget.alert).toBeHidden();

  await widget.call("dream", { octaves: 1, iterations: 1 });
  await widget.becomes("done");
  const twice = await widget.element.evaluate(async (element) => {
    const first = element.dream({ iterations: 1 });
    const second = await element.dream().catch((error) => error.name);
    await first;
    return second;
  });
  expect(twice).toBe("InvalidStateError");
});

test("a moved widget dreams on, a removed one frees what it held", async ({ page }) => {
  await page.goto(
    blog.post("move", `<div id="there"></div><deep-dream src="photo.png" ${LONG}></deep-dream>`),
  );
  const widget = new Widget(page);
  await widget.button("Dream").click();
  await expect(widget.dreamed).toBeVisible({ timeout: 30_000 });
  const element = await widget.element.elementHandle();
  await element.evaluate((element) => {
    element.remove();
    return new Promise((later) => setTimeout(later, 300));
  });
  await element.evaluate((element) => document.querySelector("#there").append(element));
  await page.waitForTimeout(1200);
  expect(await element.evaluate(({ state }) => state)).toBe("dreaming");
  expect(page.workers()).toHaveLength(1);

  await element.evaluate((element) => element.remove());
  await expect.poll(() => page.workers().length).toBe(0);
  const held = await element.evaluate((element) => {
    const { width } = element.shadowRoot.querySelector("canvas");
    return { state: element.state, width, src: element.shadowRoot.querySelector("img").src };
  });
  expect(held).toEqual({ state: "idle", width: 0, src: "" });
});
