// Saving a journey: which kinds of files there are here, how smooth, and the button.
//
//   saving({tools, onSave({format, between})}) → {element, offer(size), show(frames, busy)}

import { button, choice, make } from "../make.js";
import { formats } from "../save.js";

export function saving({ tools, onSave }) {
  const kind = choice({
    name: "Save as",
    options: [["webm", "WebM video"]],
    onChange: () => tell(),
  });
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
  const save = button("Save", () => onSave({ format: kind.value, between: Number(between.value) }));
  let [offered, frames, busy] = [[], 0, false];

  function tell() {
    const why = offered.find(({ id }) => id === kind.value)?.why;
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
      kind.element,
      between.element,
      make("div", { class: "line" }, save),
      hint,
    ),
    /** Finds out what can be written at a size. */
    async offer(size) {
      try {
        offered = await formats(size);
      } catch (error) {
        tools.warn(error);
        return;
      }
      kind.fill(
        offered.map(({ id, name, hint, why }) => [
          id,
          why ? `${name}: not here` : `${name} ${hint}`,
        ]),
      );
      if (offered.find(({ id }) => id === kind.value)?.why) kind.set("gif");
      tell();
    },
    show(count, working) {
      [frames, busy] = [count, working];
      tell();
    },
  };
}
