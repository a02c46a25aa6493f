// Look: a viewer for 360° pictures, as cameras that see all around make them, and for dreams of them.

import { fitted, pixelsOf, png } from "../frames.js";
import { intake } from "../intake.js";
import { lastDream } from "../kept.js";
import { button, make, slider } from "../make.js";
import { download } from "../save.js";
import { canFeel, feel } from "./device.js";
import { hands } from "./hands.js";
import { enter, hasHeadset } from "./headset.js";
import { panorama } from "./sample.js";
import { openSphere } from "./sphere.js";
import { directionOf, looking, times } from "./turning.js";

/** Fields of view in degrees, from top to bottom. */
const [NARROW, WIDE, USUAL] = [20, 110, 70];

export async function mount(section, tools) {
  /** Where the reader looks: degrees to the right and up, and how much is seen at once. */
  const view = { right: 0, up: 0, field: USUAL };
  /** How the device is held, while that is felt, and how to end feeling it. */
  let [turned, unfeel] = [undefined, undefined];
  let [name, due] = ["panorama", false];

  const canvas = make("canvas", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "360° picture",
    "aria-label": "Look around: arrow keys turn, plus and minus change how much is seen",
  });
  const what = make("p");
  const attempt = async (act) => {
    try {
      await act();
    } catch (error) {
      tools.warn(error);
    }
  };
  const degrees = (act) => (value) => look(act(value));
  const sliders = {
    right: slider({
      name: "Direction",
      min: 0,
      max: 359,
      step: 1,
      value: 0,
      unit: "°",
      hint: "to the right",
      onInput: degrees((right) => ({ right })),
    }),
    up: slider({
      name: "Height",
      min: -90,
      max: 90,
      step: 1,
      value: 0,
      unit: "°",
      hint: "above the horizon",
      onInput: degrees((up) => ({ up })),
    }),
    field: slider({
      name: "Field of view",
      min: NARROW,
      max: WIDE,
      step: 1,
      value: USUAL,
      unit: "°",
      hint: "how much is seen at once",
      onInput: degrees((field) => ({ field })),
    }),
  };
  const file = intake({
    section,
    tools,
    label: "Open a picture",
    accept: "image/*",
    wants: ({ type }) => type.startsWith("image/"),
    onFiles: ([chosen]) => open(() => pixelsOf(chosen), chosen.name.replace(/\.\w+$/, "")),
  });
  const felt = button("Move with my device", () => attempt(follow), { "aria-pressed": "false" });
  const vr = button("Enter VR", () => attempt(wear));
  const whole = button("Full screen", () => attempt(() => stage.requestFullscreen()));
  const stage = make("div", { class: "stage" }, canvas, make("div", { class: "caption" }, what));
  [felt.hidden, vr.hidden, whole.hidden] = [!canFeel(), true, !document.fullscreenEnabled];
  section.append(
    stage,
    make(
      "div",
      { class: "panel" },
      make(
        "section",
        {},
        make("h2", {}, "Picture"),
        make(
          "p",
          { class: "hint" },
          "A 360° picture (equirectangular): twice as wide as it is high, all around from left to right.",
        ),
        make(
          "div",
          { class: "line" },
          file,
          button("Sample", () => open(panorama, "evening"), { title: "Evening over the hills" }),
        ),
        make(
          "div",
          { class: "line" },
          button("Show the last dream", () => open(kept), {
            title: "What the main page dreamed last on this device",
          }),
        ),
      ),
      make(
        "section",
        {},
        make("h2", {}, "View"),
        ...Object.values(sliders).map(({ element }) => element),
      ),
      make(
        "section",
        {},
        make(
          "div",
          { class: "line" },
          button("Look ahead", () => look({ right: 0, up: 0, field: USUAL })),
          whole,
          felt,
          vr,
        ),
      ),
    ),
    make(
      "div",
      { class: "actions" },
      button("Save this view", () => attempt(save), { kind: "primary" }),
    ),
  );

  const sphere = openSphere(canvas);
  hands(canvas, { view: () => view, onLook: look });
  hasHeadset().then((has) => (vr.hidden = !has));
  new ResizeObserver(fit).observe(canvas);
  canvas.addEventListener("webglcontextrestored", repaint);
  tools.onHide(() => unfeel?.());
  await open(panorama, "evening");

  /** Shows another picture; what was there stays until it can be seen. */
  function open(reading, called) {
    return attempt(async () => {
      tools.hush();
      const read = await reading();
      const { picture, name: own } = read instanceof ImageData ? { picture: read } : read;
      name = called ?? own;
      const { width, height } = picture;
      sphere.show(await fitted(picture, { longest: Math.min(8192, sphere.longest) }));
      what.textContent = `${name}, ${width} × ${height}${stretched(width / height)}`;
      repaint();
    });
  }

  const kept = () => lastDream();

  function look(changes) {
    const { right, up, field } = { ...view, ...changes };
    view.right = ((right % 360) + 360) % 360;
    view.up = Math.min(90, Math.max(-90, up));
    view.field = Math.min(WIDE, Math.max(NARROW, field));
    tell();
    repaint();
  }

  function tell() {
    sliders.right.set(Math.round(view.right) % 360);
    sliders.up.set(Math.round(view.up));
    sliders.field.set(Math.round(view.field));
  }

  /** Draws with the browser's next picture, however much has changed until then. */
  function repaint() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      const { width, height } = canvas;
      const tall = Math.tan((view.field * Math.PI) / 360);
      const turn = turned ? times(looking(view.right, 0), turned) : looking(view.right, view.up);
      sphere.draw({ turn, rays: [(tall * width) / height, tall, 0, 0] });
    });
  }

  /** Keeps the canvas as fine as the screen. */
  function fit() {
    const sharp = Math.min(2, devicePixelRatio);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) =>
      Math.max(1, Math.round(side * sharp)),
    );
    if (canvas.width === width && canvas.height === height) return;
    Object.assign(canvas, { width, height });
    repaint();
  }

  /** Begins or ends to look where the device is turned. */
  async function follow() {
    if (unfeel) return unfeel();
    felt.disabled = true;
    const stop = await feel((turn) => {
      turned = turn;
      view.up = directionOf(turn).up;
      tell();
      repaint();
    }).finally(() => (felt.disabled = false));
    felt.ariaPressed = "true";
    unfeel = () => {
      stop();
      [turned, unfeel] = [undefined, undefined];
      felt.ariaPressed = "false";
      repaint();
    };
  }

  async function wear() {
    vr.disabled = true;
    const done = () => {
      vr.disabled = false;
      fit();
      repaint();
    };
    await enter(sphere, { onEnd: done }).catch((error) => {
      done();
      throw error;
    });
  }

  async function save() {
    const copy = document.createElement("canvas");
    const { width, height } = canvas;
    Object.assign(copy, { width, height });
    const context = copy.getContext("2d");
    context.drawImage(canvas, 0, 0);
    download(await png(context.getImageData(0, 0, width, height)), `${name}-view.png`);
  }
}

/** What to say of a picture's shape. */
function stretched(ratio) {
  if (ratio > 2.1) return ": a wide picture, without the sky above and the ground below";
  if (ratio < 1.9) return ": not twice as wide as high, so it looks stretched";
  return "";
}
