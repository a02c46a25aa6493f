// What a film is asked to become: the settings beside the stage. They are those of a film under way
// until that is given up, because its frames must go together.

import { layers } from "../dreamer.js";
import { layerChoice } from "../layers.js";
import { check, choice, make, slider } from "../make.js";
import { LARGEST_FPS, PICTURES_FPS, clock, rate } from "./plan.js";

const SIZES = [96, 128, 160, 240, 320, 480, 640, 800, 1024, 1280];

/**
 * @returns {{element, value(), set(asked), suit(film), lock(locked), fillLayers(tools)}} `value()` is
 *   `{layer, strength, octaves, iterations, blend, seed, vary, size, fps, start, end}`.
 */
export function openSettings(onChange) {
  const all = {
    layer: layerChoice({ onChange }),
    strength: number("Strength", 0.5, 5, 0.1, 1.5, "how much a step changes"),
    blend: number("Carried on", 0, 1, 0.05, 0.9, "of the dream of the frame before", percent),
    octaves: number("Octaves", 1, 6, 1, 2, "image sizes per frame"),
    iterations: number("Iterations", 1, 20, 1, 4, "steps per size; few do, they add up"),
    seed: number("Seed", 0, 9999, 1, 0, "another number, another dream"),
    vary: check({
      name: "Another seed for every frame",
      hint: "(livelier, but it flickers)",
      onChange,
    }),
    size: choice({
      name: "Size",
      options: SIZES.map((size) => [size, `${size} pixels`]),
      value: 320,
      hint: "The longest side of a frame. Half the size takes a quarter of the time.",
      onChange,
    }),
    fps: number("Frames a second", 1, PICTURES_FPS, 1, PICTURES_FPS, "fewer are quicker", rate),
    start: number("Start", 0, 1, 0.1, 0, "where in the film", clock),
    end: number("End", 0, 1, 0.1, 1, "", clock),
  };
  const { size, fps, start, end, layer, strength, blend, octaves, iterations, seed, vary } = all;
  const part = (...controls) => controls.map(({ element }) => element);
  const group = make(
    "fieldset",
    { class: "settings" },
    make("legend", { class: "unseen" }, "Settings"),
    ...part(size, fps, start, end, layer, strength, blend),
    make(
      "details",
      { class: "sub" },
      make("summary", {}, "More"),
      ...part(octaves, iterations, seed, vary),
    ),
  );
  const locked = make(
    "p",
    { class: "hint", hidden: true },
    "These belong to the film that has been begun. “Start anew” gives it up and sets them free.",
  );

  function number(name, min, max, step, value, hint, show) {
    return slider({ name, min, max, step, value, hint, show, onInput: onChange });
  }

  for (const { element } of [start, end]) element.hidden = true;

  return {
    element: make("section", {}, make("h2", {}, "The dream"), locked, group),
    value() {
      const numbers = { strength, blend, octaves, iterations, seed, fps, start, end };
      return {
        layer: layer.value,
        vary: vary.input.checked,
        size: Number(size.value),
        ...Object.fromEntries(Object.entries(numbers).map(([name, { value }]) => [name, value])),
      };
    },
    set(asked) {
      for (const name of Object.keys(all)) {
        if (name === "vary") vary.input.checked = asked.vary;
        else all[name].set(asked[name]);
      }
    },
    /** Ranges that suit a film. */
    suit(film) {
      const moving = film.kind === "video";
      for (const { element } of [start, end]) element.hidden = !moving;
      // A rate like 29.97 must be one that the slider can reach.
      const most = Math.min(LARGEST_FPS, moving ? film.rate : LARGEST_FPS);
      const whole = Number.isInteger(most);
      fps.set(moving ? most : PICTURES_FPS, { min: whole ? 1 : most % 1, max: most, step: 1 });
      if (moving) {
        const limits = { max: film.duration, step: film.duration < 20 ? 0.01 : 0.1 };
        start.set(0, limits);
        end.set(film.duration, { ...limits, step: "any" });
      }
    },
    lock(wanted) {
      group.disabled = wanted;
      locked.hidden = !wanted;
    },
    async fillLayers(tools) {
      layer.offer(await layers(tools));
    },
  };
}

const percent = (share) => `${Math.round(100 * share)} %`;
