// Saving a journey: which kinds of files there are here, how smooth, and the button.
//
//   saving({tools, onSave({format, between})}) → {element, offer(size), show(frames, busy)}

import { formatChoice } from "../formats.js";
import { button, choice, make } from "../make.js";

export function saving({ tools, onSave }) {
  const format = formatChoice({ onChange: () => tell() });
  const between = choice({
    name: "Smoothness",
    options: [
      [1, "Dreamed frames only"],
      [2, "One frame between"],
      [4, "Three frames between"],
      [8, "Seven frames between"],
    ],
    value: 4,
  });
  const hint = make("p", { class: "hint" });
  const save = button("Save", () => onSave({ format: format.value, between: Number(between.value) }));
  let [frames, busy] = [0, false];

  function tell() {
    const why = format.why();
    save.disabled = frames < 1 || busy || Boolean(why);
    if (why) hint.textContent = why;
    else if (busy) hint.textContent = "Stop first: one thing at a time.";
    else if (frames < 1) hint.textContent = "There is something to save once a frame is dreamed.";
    else hint.textContent = frames === 1 ? "1 frame is dreamed." : `${frames} frames are dreamed.`;
  }

  return {
    element: make(
      "section",
      { class: "saving" },
      make("h2", {}, "Save"),
      format.element,
      between.element,
      make("div", { class: "line" }, save),
      hint,
    ),
    /** Finds out what can be written at a size. */
    async offer(size) {
      try {
        await format.offer(size);
      } catch (error) {
        tools.warn(error);
        return;
      }
      tell();
    },
    show(count, working) {
      [frames, busy] = [count, working];
      tell();
    },
  };
}
