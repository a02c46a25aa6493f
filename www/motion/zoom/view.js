// What is seen of Zoom: the picture with the centre of its movement, the line of time, the settings,
// the buttons.

import { intake } from "../intake.js";
import { button, make, progress } from "../make.js";
import { panel } from "./panel.js";
import { saving } from "./saving.js";
import { timeline } from "./timeline.js";

/** How far an arrow key moves the centre. */
const NUDGE = 0.04;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function view({ section, tools, on }) {
  const canvas = make("canvas", { role: "img", "aria-label": "The journey" });
  const centre = make("span", { class: "centre", "aria-hidden": "true" });
  const done = progress("Journey");
  const picture = make("figure", { class: "picture" }, canvas, centre, done.element);
  const what = make("p", { class: "what" });
  const flicker = make("p", { class: "flicker", role: "status" });
  const play = button("Play", on.play, { class: "play" });
  const undo = button("Undo", on.undo, {
    title: "Takes back the last change of the journey (Ctrl+Z)",
  });
  const line = timeline({ onSeek: on.seek, onAdd: on.add, onRemove: on.remove, onMove: on.move });
  line.element.lastChild.prepend(play);
  line.element.lastChild.append(undo);

  const files = {
    photo: intake({
      section,
      tools,
      label: "Open a photo",
      accept: "image/*,.json,application/json",
      wants: ({ type, name }) => type.startsWith("image/") || isJourney({ type, name }),
      // A journey that is dropped is one as well.
      onFiles: (chosen) => (isJourney(chosen[0]) ? on.journeyFile(chosen) : on.photo(chosen)),
    }),
    journey: fileButton("Open journey", ".json,application/json", on.journeyFile),
  };
  const settings = panel({
    photo: files.photo,
    journeyFile: files.journey,
    on: { ...on, file: on.saveJourney },
  });
  const saver = saving({ tools, onSave: on.save });
  settings.element.append(saver.element);

  const buttons = {
    preview: button("Preview", on.preview, {
      title: "Small and quick, to see where the journey goes",
    }),
    endless: button("Endless", on.endless, {
      title: "Dreams on without end, where you point or where the arrow keys lead",
    }),
    dream: button("Dream the journey", on.dream, { kind: "primary" }),
    stop: button("Stop", on.stop, { kind: "primary stop" }),
  };
  section.append(
    make(
      "div",
      { class: "stage" },
      make("div", { class: "mat" }, picture),
      make("div", { class: "caption" }, what, flicker),
    ),
    make("div", { class: "time" }, line.element),
    settings.element,
    make("div", { class: "actions" }, ...Object.values(buttons)),
  );

  let shown = { values: { center: [0.5, 0.5] } };
  let aimed;
  const aim = (center) => {
    aimed = center.map((share) => Math.round(100 * Math.min(1, Math.max(0, share))) / 100);
    mark(aimed);
    on.state({ center: aimed });
  };
  const mark = ([x, y]) => {
    centre.style.setProperty("--x", `${100 * x}%`);
    centre.style.setProperty("--y", `${100 * y}%`);
  };
  const point = ({ clientX, clientY }) => {
    const { left, top, width, height } = picture.getBoundingClientRect();
    aim([(clientX - left) / width, (clientY - top) / height]);
  };
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || shown.busy === "save") return;
    picture.setPointerCapture(event.pointerId);
    point(event);
  });
  picture.addEventListener("pointermove", (event) => {
    if (shown.busy === "endless" || picture.hasPointerCapture(event.pointerId)) point(event);
  });
  section.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "z" || undo.disabled) return;
    event.preventDefault();
    on.undo();
  });
  addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    const taken = event.target.closest?.("input, select, textarea, [role=tab]");
    if (!step || taken || !tools.shown() || shown.busy !== "endless") return;
    event.preventDefault();
    const from = aimed ?? shown.values.center;
    aim(from.map((share, axis) => share + NUDGE * step[axis]));
  });

  return {
    canvas,
    fillLayers: settings.fillLayers,
    offer: saver.offer,
    progress: done.show,
    ratio({ width, height }) {
      section.style.setProperty("--ratio", width / height);
    },
    show(state) {
      shown = state;
      const { frame, journey, values, busy, playing, dreamed } = state;
      const endless = busy === "endless";
      if (!endless) aimed = undefined;
      what.textContent = `Frame ${frame + 1} of ${journey.frames}: ${state.what}`;
      flicker.textContent = state.flicker;
      flicker.classList.toggle("careful", state.flicker.startsWith("Careful"));
      play.textContent = playing ? "Pause" : "Play";
      undo.disabled = !state.undoable || Boolean(busy);
      mark(aimed ?? values.center);
      picture.classList.toggle("steered", endless);
      centre.hidden = playing && !endless;
      line.show({ journey, frame, dreamed, previewed: state.previewed });
      settings.show({
        ...state,
        values: aimed ? { ...values, center: aimed } : values,
        steering: endless,
        resting: endless || busy === "save",
      });
      saver.show(dreamed, Boolean(busy));
      const focused = Object.values(buttons).find((it) => it === document.activeElement);
      for (const [name, element] of Object.entries(buttons)) {
        element.hidden = name === "stop" ? !busy : Boolean(busy);
      }
      const whole = dreamed >= journey.frames;
      buttons.dream.textContent = dreamed > 0 && !whole ? "Dream on" : "Dream the journey";
      buttons.dream.disabled = whole;
      buttons.preview.disabled = state.previewed >= journey.frames;
      // The keyboard stays among the buttons that take the place of the one that was pressed.
      if (focused?.hidden || focused?.disabled) {
        (busy ? buttons.stop : whole ? buttons.endless : buttons.dream).focus();
      }
    },
  };
}

const isJourney = ({ type, name }) => type === "application/json" || name.endsWith(".json");

function fileButton(label, accept, onFiles) {
  const input = make("input", { type: "file", class: "unseen", accept });
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length > 0) onFiles(files);
  });
  return make("label", { class: "file" }, make("span", {}, label), input);
}
