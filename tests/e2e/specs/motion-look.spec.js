// Look: 360° pictures all around.

import { expect, test } from "@playwright/test";
import { DESK, DreamPage, PHONE } from "../pages/dream-page.js";
import { MotionPage } from "../pages/motion-page.js";
import { inspect, violations } from "../support/inspect.js";
import { encode, decode } from "../support/picture.js";
import { landscape } from "../support/photos.js";
import { policyViolations, watchPolicy } from "../support/policy.js";
import { watchOrigins } from "../support/watch.js";

const TABLET = { width: 820, height: 1180 };

const WALLS = {
  front: [200, 40, 40],
  right: [40, 180, 40],
  back: [40, 40, 200],
  left: [200, 200, 40],
};
const [CEILING, FLOOR] = [
  [240, 240, 240],
  [90, 60, 30],
];

/** A room as a 360° picture: four walls of a colour each, a white ceiling, a brown floor. */
function room(width = 256, height = width / 2) {
  const buffer = encode(width, height, (x, y) => {
    const quarter = Math.floor(((x + 0.5) / width + 0.125) * 4) % 4;
    // The middle of the picture is what is ahead; behind is at both its edges.
    const wall = [WALLS.back, WALLS.left, WALLS.front, WALLS.right][quarter];
    const up = 0.5 - (y + 0.5) / height;
    return [...(up > 0.3 ? CEILING : up < -0.3 ? FLOOR : wall), 255];
  });
  return { name: "room.png", mimeType: "image/png", buffer };
}

async function enter(page, picture = room()) {
  const look = await MotionPage.open(page, "Look");
  await look.openPhoto(picture);
  await look.says(picture.name.replace(".png", ","));
  return look;
}

/** The colour in the middle of the view, or at another place, 0 to 1. */
async function color(look, x = 0.5, y = 0.5) {
  const { data } = await look.pixels([x, y, x, y]);
  return [...data.slice(0, 3)];
}

const sees = (look, wanted) => expect.poll(() => color(look)).toEqual(wanted);

test("one sees what is where one looks, by sliders, keys and hand", async ({ page }) => {
  const look = await enter(page);
  await sees(look, WALLS.front);
  for (const [direction, wall] of [
    [90, "right"],
    [180, "back"],
    [270, "left"],
    [0, "front"],
  ]) {
    await look.set({ Direction: direction });
    await sees(look, WALLS[wall]);
  }
  await look.set({ Height: 85 });
  await sees(look, CEILING);
  await look.set({ Height: -85 });
  await sees(look, FLOOR);
  await look.button("Look ahead").click();
  await sees(look, WALLS.front);

  await look.picture.focus();
  for (let press = 0; press < 18; press++) await page.keyboard.press("ArrowRight");
  await sees(look, WALLS.right);
  await expect(look.slider("Direction")).toHaveValue("90");
  for (let press = 0; press < 17; press++) await page.keyboard.press("ArrowUp");
  await sees(look, CEILING);

  await look.button("Look ahead").click();
  const box = await look.picture.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - box.height, y, { steps: 4 });
  await page.mouse.up();
  // Pulling by the height of the view turns by the field of view.
  await expect(look.slider("Direction")).toHaveValue("70");
  await sees(look, WALLS.right);
});

test("wheel and keys change how much is seen, and the seam behind is none", async ({ page }) => {
  const look = await enter(page);
  await look.picture.hover();
  const edges = async () => [await color(look, 0.02), await color(look, 0.98)];
  await page.mouse.wheel(0, 600);
  await expect(look.slider("Field of view")).not.toHaveValue("70");
  await look.set({ "Field of view": 110 });
  await expect.poll(edges).toEqual([WALLS.left, WALLS.right]);
  await look.picture.focus();
  for (let press = 0; press < 18; press++) await page.keyboard.press("+");
  await expect(look.slider("Field of view")).toHaveValue("20");
  await expect.poll(edges).toEqual([WALLS.front, WALLS.front]);

  await look.set({ Direction: 180, "Field of view": 60 });
  await sees(look, WALLS.back);
  const behind = async () => {
    const { data } = await look.pixels([0.4, 0.5, 0.6, 0.5]);
    return data.filter((level, at) => level !== [...WALLS.back, 255][at % 4]).length;
  };
  expect(await behind()).toBe(0);
  await look.set({ Direction: 135 });
  await expect.poll(behind).toBeGreaterThan(0);
});

test("the view is saved as it is seen", async ({ page }) => {
  const look = await enter(page);
  await look.set({ Direction: 90 });
  await sees(look, WALLS.right);
  const { name, bytes } = await look.file("Save this view");
  expect(name).toBe("room-view.png");
  const { width, height, data } = await decode(bytes);
  const middle = 4 * (Math.floor(height / 2) * width + Math.floor(width / 2));
  expect([...data.subarray(middle, middle + 3)]).toEqual(WALLS.right);
  expect(WALLS.right).not.toEqual(WALLS.front);
});

test("what cannot be shown changes nothing; odd shapes are told", async ({ page }) => {
  const look = await enter(page);
  await look.openPhoto({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no") });
  await expect(look.alert).toContainText("no.png is not a picture");
  await sees(look, WALLS.front);
  await look.openPhoto(landscape(120, 90));
  await look.says("not twice as wide as high");
  await look.openPhoto({ ...room(256, 64), name: "strip.png" });
  await look.says("without the sky");
  await look.set({ Height: 80 });
  // Above a strip there is nothing.
  await sees(look, [10, 11, 16]);
});

test("the last dream of the main page is shown; without one it is told so", async ({ page }) => {
  const look = await MotionPage.open(page, "Look");
  await look.button("Show the last dream").click();
  await expect(look.alert).toContainText("There is no dream kept yet");
  // The question has not made a database that the main page would stumble over.
  expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);

  const dreamPage = await DreamPage.open(page);
  await dreamPage.openPhoto(landscape(128, 64));
  await dreamPage.set({ Size: 128, Octaves: 1, Iterations: 2 });
  await dreamPage.dream();
  await expect.poll(() => dreamPage.stills()).not.toHaveLength(0);
  await page.waitForTimeout(1000);
  const again = await MotionPage.open(page, "Look");
  await again.button("Show the last dream").click();
  await again.says("landscape, 128 × 64");
  await expect(again.alert).toBeEmpty();
});

test("a device that is turned turns the view", async ({ browser }) => {
  const context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  const look = await enter(page);
  await look.button("Move with my device").tap();
  await expect(look.alert).toContainText("does not tell how it is turned", { timeout: 10_000 });
  await sees(look, WALLS.front);

  const hold = (angles) =>
    page.evaluate((angles) => {
      // Seldom enough that a software GPU has drawn one before the next: a tap that waits becomes a
      // long press.
      globalThis.holding ??= setInterval(() => {
        dispatchEvent(new DeviceOrientationEvent("deviceorientation", globalThis.held));
      }, 200);
      globalThis.held = angles;
    }, angles);
  // Upright, facing north; then turned a quarter to the left; then screen down over one's head.
  await hold({ alpha: 0, beta: 90, gamma: 0 });
  await look.button("Move with my device").tap();
  await expect(look.button("Move with my device")).toHaveAttribute("aria-pressed", "true");
  await sees(look, WALLS.front);
  await hold({ alpha: 90, beta: 90, gamma: 0 });
  await sees(look, WALLS.left);
  await hold({ alpha: 0, beta: 175, gamma: 0 });
  await sees(look, CEILING);
  await hold({ alpha: 0, beta: 5, gamma: 0 });
  await sees(look, FLOOR);
  await look.button("Move with my device").tap();
  await hold({ alpha: 180, beta: 90, gamma: 0 });
  await expect(look.button("Move with my device")).toHaveAttribute("aria-pressed", "false");
  await look.button("Look ahead").tap();
  await sees(look, WALLS.front);
  await context.close();
});

test("a headset is shown what each eye sees; one that fails is told of", async ({ page }) => {
  await page.addInitScript(pretendHeadset);
  const look = await enter(page);
  const eyes = async () => [await color(look, 0.25, 0.5), await color(look, 0.75, 0.5)];
  await look.button("Enter VR").click();
  await expect(look.alert).toContainText("The headset could not be used");
  await look.button("Enter VR").click();
  // The right eye of this odd head looks to the right.
  await page.evaluate(() => globalThis.headset.show());
  expect(await eyes()).toEqual([WALLS.front, WALLS.right]);
  await page.evaluate(() => globalThis.headset.leave());
  await expect.poll(eyes).toEqual([WALLS.front, WALLS.front]);
  await expect(look.button("Enter VR")).toBeEnabled();
});

test("no other site is asked for anything", async ({ page, context, baseURL }) => {
  const origins = watchOrigins(context);
  await watchPolicy(page);
  const look = await enter(page);
  await look.file("Save this view");
  expect([...origins]).toEqual([new URL(baseURL).origin]);
  expect(await policyViolations(page)).toEqual([]);

  await page.evaluate(() => void fetch("http://page.invalid/").catch(() => {}));
  await expect.poll(() => policyViolations(page)).toEqual(["connect-src: http://page.invalid/"]);
});

/**
 * A headset whose left eye looks ahead and whose right eye looks to the right; its screens are the
 * page's canvas. The first attempt to use it fails.
 */
function pretendHeadset() {
  const pretended = new EventTarget();
  let [asked, draw] = [0, undefined];
  const half = Math.tan(Math.PI / 8);
  const projectionMatrix = [1 / half, 0, 0, 0, 0, 1 / half, 0, 0, 0, 0, -1, -1, 0, 0, -0.1, 0];
  const ahead = { matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  const right = { matrix: [0, 0, 1, 0, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 1] };
  const views = [ahead, right].map((transform) => ({ projectionMatrix, transform }));
  Object.assign(pretended, {
    updateRenderState() {},
    requestReferenceSpace: async () => ({}),
    requestAnimationFrame: (act) => (draw = act),
    end: async () => pretended.dispatchEvent(new Event("end")),
  });
  const xr = {
    isSessionSupported: async (kind) => kind === "immersive-vr",
    requestSession: async () => {
      if (asked++ === 0) throw new DOMException("no", "NotAllowedError");
      return pretended;
    },
  };
  Object.defineProperty(Navigator.prototype, "xr", { get: () => xr, configurable: true });
  WebGL2RenderingContext.prototype.makeXRCompatible = async () => {};
  globalThis.XRWebGLLayer = class {
    framebuffer = null;
    constructor(session, { canvas }) {
      this.canvas = canvas;
    }
    getViewport(view) {
      const { width, height } = this.canvas;
      return { x: view === views[0] ? 0 : width / 2, y: 0, width: width / 2, height };
    }
  };
  globalThis.headset = {
    async show() {
      while (!draw) await new Promise((later) => setTimeout(later, 20));
      draw(0, { getViewerPose: () => ({ views }) });
    },
    leave: () => pretended.end(),
  };
}

for (const [where, viewport] of Object.entries({ desk: DESK, tablet: TABLET, phone: PHONE })) {
  test(`screen readers find nothing wrong on a ${where}; screenshots`, async ({ page }, info) => {
    await page.setViewportSize(viewport);
    const look = await MotionPage.open(page, "Look");
    await look.says("evening");
    await inspect(page, info, `look-${where}-1-sample`);
    await look.button("Show the last dream").click();
    await expect(look.alert).toContainText("no dream");
    await inspect(page, info, `look-${where}-2-none`);
    expect(await look.overhang()).toBe(0);

    await page.evaluate(() => {
      document.body.append(document.createElement("button"));
      document.body.style.width = "1500px";
    });
    expect(await violations(page)).not.toEqual([]);
    expect(await look.overhang()).toBeGreaterThan(0);
  });
}
