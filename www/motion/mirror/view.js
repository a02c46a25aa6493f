// What is seen of the mirror tool: stage with captions, settings, actions.

import { layerChoice } from "../layers.js";
import { button, check, choice, make, slider } from "../make.js";
import { NO_CAMERAS, hasCameras } from "./camera.js";

const SIZES = [96, 160, 240, 320, 480, 640];

/** Says what the mirror does: `{caption, label}` by state. */
const STATES = {
  off: { caption: "", label: "Mirror, off" },
  live: { caption: "Live. Keep still, and it begins to dream.", label: "Mirror, live" },
  dreaming: { caption: "Dreaming. It wakes when something moves.", label: "Mirror, dreaming" },
};

/** @param {object} on `start()`, `stop()`, `save()`, `changed()`, `camera(id)`. */
export function openView({ section, on, little }) {
  const canvas = make("canvas", { role: "img", "aria-label": STATES.off.label });
  const picture = make("figure", { class: "picture", hidden: true }, canvas);
  const start = button("Turn the camera on", on.start, { kind: "primary" });
  const welcome = make(
    "div",
    { class: "welcome" },
    make("h2", {}, "A mirror that dreams"),
    make(
      "p",
      {},
      "It shows your camera. While nothing moves, it dreams on what it sees; when something moves, it wakes. The picture is worked on here and nowhere else: nothing leaves your machine, and nothing is kept.",
    ),
    hasCameras() ? start : make("p", { class: "trouble" }, NO_CAMERAS),
  );
  const mat = make("div", { class: "mat" }, picture, welcome);
  const words = make("span");
  const full = button("Full screen", () => fullScreen());
  const caption = make("div", { class: "caption", hidden: true }, words, full);
  const stage = make("div", { class: "stage" }, mat, caption);
  full.hidden = !stage.requestFullscreen;

  const camera = choice({
    name: "Camera",
    options: [["", "The one that looks at you"]],
    onChange: on.camera,
  });
  const layer = layerChoice({ onChange: on.changed });
  const size = choice({
    name: "Size",
    options: SIZES.map((size) => [size, `${size} pixels`]),
    value: 240,
    hint: "The longest side of the dream. Smaller ones come sooner.",
    onChange: on.changed,
  });
  const strength = slider({
    name: "Strength",
    min: 0.5,
    max: 5,
    step: 0.1,
    value: 2,
    hint: "how much a step changes",
    onChange: on.changed,
  });
  const drifts = check({
    name: "Dream on",
    hint: "drifts ever deeper while nothing moves",
    checked: !little,
    onChange: on.changed,
  });
  const panel = make(
    "div",
    { class: "panel" },
    make(
      "section",
      {},
      make("h2", {}, "The dream"),
      ...[size, layer, strength, drifts, camera].map(({ element }) => element),
    ),
  );
  const stop = button("Turn the camera off", on.stop);
  const save = button("Save picture", on.save);
  const flicker = make("p", { class: "flicker" });
  const actions = make("div", { class: "actions" }, stop, save, flicker);
  section.append(stage, panel, actions);

  function fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else stage.requestFullscreen();
  }
  document.addEventListener("fullscreenchange", () => {
    const is = document.fullscreenElement === stage;
    full.textContent = is ? "Leave full screen" : "Full screen";
  });

  return {
    canvas,
    camera,
    layer,
    asked: () => ({
      layer: layer.value,
      strength: strength.value,
      size: Number(size.value),
      drifts: drifts.input.checked,
    }),

    /** `off`, `live` or `dreaming`. */
    show(state) {
      const off = state === "off";
      const focused = document.activeElement;
      picture.hidden = caption.hidden = actions.hidden = off;
      welcome.hidden = !off;
      words.textContent = STATES[state].caption;
      canvas.ariaLabel = STATES[state].label;
      if (off && document.fullscreenElement === stage) document.exitFullscreen();
      if (section.contains(focused) && !focused.checkVisibility()) (off ? start : stop).focus();
    },

    /** The camera is being asked for, or not any more. */
    waiting(is) {
      start.disabled = is;
      start.textContent = is ? "Waiting for the camera…" : "Turn the camera on";
    },

    ratio: (width, height) => mat.style.setProperty("--ratio", width / height),

    flicker(told) {
      if (flicker.textContent === told) return;
      flicker.textContent = told;
      flicker.classList.toggle("careful", told.startsWith("Careful"));
    },
  };
}
