// The settings of a journey: its picture, what holds at the frame on show, how every frame dreams.
//
//   panel({intakes, on}) → {element, show(state), fillLayers(layers)}
//     on: sample(), journey(changes), settings(changes), state(values), file()

import { layerChoice } from "../layers.js";
import { button, make, slider } from "../make.js";
import { longestOf, percent } from "./journey.js";

export function panel({ photo, journeyFile, on }) {
  const number = (name, options, act) =>
    slider({ name, value: options.min, onInput: (value) => act(value), ...options });

  const frames = number(
    "Frames",
    { min: 2, max: 600, step: 1, hint: "dreams on the way" },
    (value) => on.journey({ frames: value }),
  );
  const length = make("p", { class: "hint" });
  const fps = number(
    "Frames a second",
    { min: 1, max: 30, step: 1, hint: "pace of the journey" },
    (value) => on.journey({ fps: value }),
  );

  const here = make("h2", {}, "At this frame");
  const zoom = number(
    "Zoom",
    { min: -0.2, max: 0.3, step: 0.005, hint: "into the picture, per frame", show: percent },
    (value) => on.state({ zoom: value }),
  );
  const rotation = number(
    "Rotation",
    { min: -15, max: 15, step: 0.25, hint: "clockwise, per frame", unit: "°" },
    (value) => on.state({ rotation: value }),
  );
  const place = { min: 0, max: 1, step: 0.01, show: percent };
  const across = number("Centre across", { ...place, hint: "what stays in place" }, (x) =>
    on.state({ center: [x, down.value] }),
  );
  const down = number("Centre down", { ...place, hint: "or press on the picture" }, (y) =>
    on.state({ center: [across.value, y] }),
  );
  const strength = number(
    "Strength",
    { min: 0, max: 6, step: 0.1, hint: "change per step" },
    (value) => on.state({ strength: value }),
  );
  const layer = layerChoice({
    name: "Layer: what the network shall see more of",
    onChange: (value) => on.state({ layer: value || undefined }),
  });
  const crossing = make("p", { class: "hint" });

  const octaves = number(
    "Octaves",
    { min: 1, max: 5, step: 1, hint: "image sizes per dream" },
    (value) => on.settings({ octaves: value }),
  );
  const iterations = number(
    "Iterations",
    { min: 1, max: 30, step: 1, hint: "steps per octave" },
    (value) => on.settings({ iterations: value }),
  );
  const size = slider({
    name: "Size",
    min: 96,
    max: 1280,
    step: 32,
    value: 384,
    unit: " px",
    hint: "longest side",
    onChange: (value) => on.settings({ size: value }),
  });

  const part = (title, ...inside) =>
    make("section", {}, typeof title === "string" ? make("h2", {}, title) : title, ...inside);
  const element = make(
    "div",
    { class: "panel" },
    part(
      "Photo",
      make("div", { class: "line" }, photo, button("Sample", on.sample, { title: "A summer sky" })),
    ),
    part("Journey", frames.element, fps.element, length),
    part(
      here,
      make(
        "p",
        { class: "hint" },
        "What you change here holds from this frame: a keyframe. Between keyframes it changes evenly.",
      ),
      ...[zoom, rotation, across, down, strength, layer].map((control) => control.element),
      crossing,
    ),
    part("Every dream", size.element, octaves.element, iterations.element),
    part(
      "Journey file",
      make("p", { class: "hint" }, "The command line dreams it too: dream zoom --journey FILE"),
      make("div", { class: "line" }, button("Save journey", on.file), journeyFile),
    ),
  );

  const resting = [...element.children].filter((part) => !part.contains(here));

  /** Numbers of opened journeys may lie beyond what the sliders offer otherwise. */
  const reach = (control, value) => {
    const [min, max] = [Number(control.input.min), Number(control.input.max)];
    control.set(value, { min: Math.min(min, value), max: Math.max(max, value) });
  };

  return {
    element,
    fillLayers: layer.offer,
    show({ journey, frame, values, steering, resting: rests }) {
      // What would make all frames anew while they are shown, or saved.
      for (const part of resting) part.inert = rests;
      here.textContent = steering ? "From now on" : `At frame ${frame + 1}`;
      reach(frames, journey.frames);
      reach(fps, journey.fps);
      const seconds = Math.round((10 * journey.frames) / journey.fps) / 10;
      length.textContent = `${seconds} seconds of film`;
      reach(zoom, values.zoom);
      reach(rotation, values.rotation);
      across.set(values.center[0]);
      down.set(values.center[1]);
      reach(strength, values.strength);
      layer.set(values.layers.at(-1)?.layer ?? "");
      crossing.textContent =
        values.layers.length > 1
          ? `On the way: ${values.layers.map(({ layer, weight }) => `${layer} ${percent(weight)}`).join(", ")}`
          : "";
      reach(octaves, journey.settings.octaves ?? 4);
      reach(iterations, journey.settings.iterations ?? 10);
      reach(size, longestOf(journey));
    },
  };
}
