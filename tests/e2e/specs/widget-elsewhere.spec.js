// The widget's engine without the element, in a frame, and from npm.

import { execFile } from "node:child_process";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { build } from "vite";
import { Blog, serve } from "../support/blog.js";
import { good } from "../support/models.js";
import { watchOrigins } from "../support/watch.js";
import { QUICK, Widget, watchPolicy } from "../pages/widget.js";

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

let blog;
let script;
test.beforeAll(async ({ baseURL }) => {
  const { origin } = new URL(baseURL);
  const policy =
    `default-src 'self'; script-src 'self' ${origin} 'wasm-unsafe-eval'; worker-src blob:; ` +
    `connect-src 'self' ${origin} blob:; frame-src ${origin}`;
  blog = await Blog.open(origin, policy);
  script = `${origin}/deep-dream.js`;
});
test.afterAll(() => blog.close());

test("a script dreams, names layers and classes, gives up, and frees the engine", async ({
  page,
}) => {
  await page.goto(blog.post("bare", "", null));
  const told = await page.evaluate(async (script) => {
    const { createDreamer } = await import(script);
    const dreamer = await createDreamer();
    const layers = dreamer.layers();
    const classes = await dreamer.classify("photo.png");
    const settings = { size: 96, octaves: 2, iterations: 2, engine: "cpu" };

    const photo = await (await fetch("photo.png")).blob();
    const bitmap = await createImageBitmap(photo);
    const canvas = Object.assign(document.createElement("canvas"), { width: 80, height: 60 });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, 80, 60);
    const pixels = canvas.getContext("2d").getImageData(0, 0, 64, 48);
    const sizes = [];
    for (const source of [new URL("photo.png", location), photo, bitmap, canvas, pixels]) {
      const { width, height } = await dreamer.dream(source, settings);
      sizes.push([width, height]);
    }

    const fractions = [];
    const frames = [];
    const giveUp = new AbortController();
    const outcome = await dreamer
      .dream(
        photo,
        { ...settings, iterations: 100 },
        {
          signal: giveUp.signal,
          onFrame: (picture) => frames.push(picture.width),
          onProgress({ fraction }) {
            fractions.push(fraction);
            if (fractions.length === 3) giveUp.abort();
          },
        },
      )
      .catch((error) => error.name);
    const after = await dreamer.dream(photo, { ...settings, iterations: 1 });
    const wrong = await dreamer.dream(photo, { layer: "none such" }).catch((error) => error);
    dreamer.dispose();
    const disposed = await dreamer.dream(photo).catch((error) => error.name);
    return {
      layers,
      classes,
      sizes,
      fractions,
      frames,
      outcome,
      after: after.iterations,
      wrong: [wrong.name, wrong.kind],
      disposed,
    };
  }, script);
  expect(told.layers.length).toBeGreaterThan(5);
  expect(told.layers.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  expect(told.layers[0]).toMatchObject({ name: expect.any(String), channels: expect.any(Number) });
  expect(told.classes).toHaveLength(5);
  expect(told.classes[0].probability).toBeGreaterThan(told.classes[4].probability);
  expect(told.sizes).toEqual([
    [96, 72],
    [96, 72],
    [96, 72],
    [80, 60],
    [64, 48],
  ]);
  expect(told.outcome).toBe("AbortError");
  expect(told.fractions).toHaveLength(3);
  expect(told.frames.length).toBeGreaterThan(0);
  expect(told).toMatchObject({
    after: 2,
    wrong: ["DreamError", "settings"],
    disposed: "InvalidStateError",
  });
  await expect.poll(() => page.workers().length).toBe(0);
});

test("models of the page and of the widget's host take turns with the built-in one", async ({
  page,
  context,
}) => {
  const body = (await good()).buffer;
  blog.put("own.onnx", body);
  const headers = { "access-control-allow-origin": "*" };
  await page.route(`${blog.host}/models/shelved.onnx`, (route) => route.fulfill({ body, headers }));
  const asked = [];
  context.on("request", (request) => asked.push(request.url()));
  await page.goto(blog.post("model", `<deep-dream src="photo.png" ${QUICK}></deep-dream>`));
  const widget = new Widget(page);
  for (const model of ["own.onnx", "shelved", "mini-inception", "own.onnx"]) {
    await widget.call("dream", { model });
  }
  expect(asked.filter((url) => /(own|shelved)\.onnx$/.test(url)).sort()).toEqual(
    [`${blog.origin}/own.onnx`, `${blog.host}/models/shelved.onnx`].sort(),
  );
  expect(page.workers()).toHaveLength(1);
});

test("a layer, a channel and a class make different dreams", async ({ page }) => {
  await page.goto(blog.post("objectives", `<deep-dream src="photo.png" ${QUICK}></deep-dream>`));
  const widget = new Widget(page);
  const layers = await page.evaluate(async (script) => {
    const { createDreamer } = await import(script);
    const dreamer = await createDreamer();
    dreamer.dispose();
    return dreamer.layers().map(({ name }) => name);
  }, script);
  const attributes = [
    {},
    { layer: layers[1] },
    { layer: layers[1], channel: "3" },
    { "target-class": "281" },
    { "target-class": "tabby cat" },
    { "target-class": "281" },
  ];
  const dreams = [];
  for (const wanted of attributes) {
    await widget.element.evaluate((element, wanted) => {
      for (const name of ["layer", "channel", "target-class"]) element.removeAttribute(name);
      for (const [name, value] of Object.entries(wanted)) element.setAttribute(name, value);
    }, wanted);
    await widget.call("dream");
    dreams.push((await widget.result()).picture.data.toString("base64"));
  }
  expect(new Set(dreams).size).toBe(4);
  expect(dreams[5]).toBe(dreams[3]);
  expect(dreams[4]).toBe(dreams[3]);
  const error = await widget.element.evaluate((element) =>
    element.dream({ class: "unicorn" }).catch(({ message }) => message),
  );
  expect(error).toContain("knows no class “unicorn”");
});

test("a frame dreams where scripts are forbidden", async ({ page, context, baseURL }) => {
  const origins = watchOrigins(context);
  const { origin } = new URL(baseURL);
  const strict = await Blog.open(origin, `default-src 'none'; img-src 'self'; frame-src ${origin}`);
  const album = await serve({ "photo.png": strict.server.files["photo.png"] }, () => ({
    "access-control-allow-origin": "*",
  }));
  const violations = await watchPolicy(page);
  const query = `src=${album.origin}/photo.png&alt=Hills&${QUICK.replaceAll('"', "").replaceAll(" ", "&")}`;
  const attributes = 'width="400" height="360" sandbox="allow-scripts allow-downloads"';
  const post = strict.post(
    "frame",
    `<iframe title="A photo that dreams" ${attributes} src="${origin}/embed.html?${query}"></iframe>`,
    null,
  );
  await page.goto(post);
  const widget = new Widget(page.frameLocator("iframe"));
  await widget.button("Dream").click();
  await expect(widget.element.getByRole("img", { name: "Dream of: Hills" })).toBeVisible();
  await expect(widget.status).toContainText("Dreamed in", { timeout: 30_000 });
  const overhang = await page
    .frameLocator("iframe")
    .locator("html")
    .evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
  expect(overhang).toBe(0);
  expect([...origins].sort()).toEqual([origin, strict.origin, album.origin].sort());
  expect(violations).toEqual([]);
  await Promise.all([strict.close(), album.close()]);
});

test("the npm package dreams in a page that Vite has built, and has types", async ({
  page,
}, info) => {
  const project = here("results/vite");
  await rm(project, { recursive: true, force: true });
  await mkdir(project, { recursive: true });
  await cp(here("fixtures/vite"), project, { recursive: true });
  const install = [
    "install",
    "--no-audit",
    "--no-fund",
    "--offline",
    process.env.PAREIDOLIA_PACKAGE,
  ];
  await run("npm", install, { cwd: project });
  const files = await readdir(join(project, "node_modules/pareidolia-deep-dream"));
  expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE-MIT", "LICENSE-APACHE"]));

  // The lines of usage.ts that must not pass are marked as such, which tsc holds us to.
  const checked = run(here("node_modules/.bin/tsc"), ["--noEmit", "--project", project]);
  await checked.catch(({ stdout }) => expect(stdout).toBe(""));

  await build({ root: project, logLevel: "warn" });
  const built = {};
  for (const name of await readdir(join(project, "dist"), { recursive: true })) {
    built[name] = await readFile(join(project, "dist", name)).catch(() => undefined);
  }
  const site = await serve({ ...built, "photo.png": blog.server.files["photo.png"] });
  const origins = watchOrigins(page.context());
  await page.goto(`${site.origin}/index.html`);
  const widget = new Widget(page);
  await widget.dream();
  await expect(page.locator("#bare")).toHaveText("96 × 72 on cpu");
  expect([...origins]).toEqual([site.origin]);
  await site.close();
});
