// The line of time: a slider over all frames, how many of them are dreamed, and a mark for every
// keyframe, which can be gone to, moved and removed by keyboard and by pointer.
//
//   timeline({onSeek(frame), onAdd(), onRemove(frame), onMove(from, to)}) →
//     {element, show({journey, frame, dreamed, previewed})}

import { button, make, slider } from "../make.js";
import { STATED } from "./journey.js";

export function timeline({ onSeek, onAdd, onRemove, onMove }) {
  let [journey, frame] = [{ frames: 1, keyframes: [] }, 0];
  const last = () => Math.max(1, journey.frames - 1);
  const seek = slider({
    name: "Frame",
    min: 0,
    max: 1,
    step: 1,
    value: 0,
    show: (at) => `${at + 1} of ${journey.frames}`,
    onInput: onSeek,
  });
  const made = make("div", { class: "made", "aria-hidden": "true" });
  const marks = make("div", { class: "marks", role: "group", "aria-label": "Keyframes" });
  const track = make("div", { class: "track" }, seek.element, made, marks);
  const add = button("Add a keyframe here", onAdd, { title: "Key K" });
  const remove = button("Remove this keyframe", () => onRemove(frame), { title: "Key Delete" });
  seek.input.addEventListener("keydown", (event) => {
    if (event.key === "k" || event.key === "K") onAdd();
    else if (event.key === "Delete") onRemove(frame);
    else return;
    event.preventDefault();
  });

  /** The mark of one keyframe. */
  function mark(key) {
    const says = Object.entries(STATED)
      .filter(([name]) => key[name] !== undefined)
      .map(([name, words]) => words(key[name]));
    const label = `Keyframe ${key.frame + 1}: ${says.join(", ") || "nothing"}`;
    const element = button("", () => onSeek(key.frame), { title: label, "aria-label": label });
    element.dataset.frame = key.frame;
    element.style.setProperty("--at", key.frame / last());
    element.toggleAttribute("data-on", key.frame === frame);
    element.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) focusNext = onMove(key.frame, key.frame + step);
      else if (event.key === "Delete" || event.key === "Backspace") {
        focusNext = "the first";
        onRemove(key.frame);
      } else return;
      event.preventDefault();
    });
    drag(element, key.frame);
    return element;
  }

  function focusMark(at) {
    const mark = marks.querySelector(`[data-frame="${at}"]`) ?? marks.querySelector("button");
    (mark ?? seek.input).focus();
  }

  /** A mark can be pulled along the line. */
  function drag(element, from) {
    element.addEventListener("pointerdown", (start) => {
      element.setPointerCapture(start.pointerId);
      let to = from;
      const move = ({ clientX }) => {
        const { left, width } = marks.getBoundingClientRect();
        to = Math.round(Math.min(1, Math.max(0, (clientX - left) / width)) * last());
        element.style.setProperty("--at", to / last());
      };
      element.addEventListener("pointermove", move);
      element.addEventListener(
        "lostpointercapture",
        () => {
          element.removeEventListener("pointermove", move);
          if (to !== from) onMove(from, to);
        },
        { once: true },
      );
    });
  }

  let drawn;
  /** Which mark the keyboard goes to when they are drawn again. */
  let focusNext;
  return {
    element: make("div", { class: "timeline" }, track, make("div", { class: "line" }, add, remove)),
    show(now) {
      ({ journey, frame } = now);
      const at = Math.round(frame);
      frame = at;
      seek.set(at, { max: last() });
      const share = (count) => `${(100 * Math.max(0, count - 1)) / last()}%`;
      made.style.setProperty("--dreamed", share(now.dreamed));
      made.style.setProperty("--previewed", share(now.previewed));
      const isKey = journey.keyframes.some((key) => key.frame === at);
      add.disabled = isKey;
      remove.disabled = !isKey;
      // Marks under the finger or the keyboard stay the same elements while time goes on.
      const text = JSON.stringify([journey.keyframes, journey.frames]);
      if (text !== drawn) {
        const focused = focusNext ?? document.activeElement?.dataset?.frame;
        const had = marks.contains(document.activeElement);
        marks.replaceChildren(...journey.keyframes.map(mark));
        drawn = text;
        if (had) focusMark(focused);
        focusNext = undefined;
      }
      for (const element of marks.children) {
        element.toggleAttribute("data-on", Number(element.dataset.frame) === at);
      }
    },
  };
}
