// A journey through a dream as data, the JSON of `dream zoom --journey`: how to change it, and what
// it says of every frame. Changes make a new journey; what it means is computed in Rust.

import { bytes, frameOf } from "../frames.js";

/** What a new journey is. */
export const NEW = {
  frames: 48,
  fps: 8,
  settings: { size: 384, octaves: 2, iterations: 6 },
  keyframes: [],
};

/** Longest side of its frames. */
export const longestOf = ({ settings }) => settings.size ?? 640;

/** What a keyframe may state, with the words for it. */
export const STATED = {
  zoom: (zoom) => `zoom ${percent(zoom)}`,
  rotation: (degrees) => `rotation ${degrees}°`,
  center: ([x, y]) => `centre ${percent(x)}, ${percent(y)}`,
  strength: (strength) => `strength ${strength}`,
  layer: (layer) => `layer ${layer}`,
};

export const percent = (share) => `${Math.round(1000 * share) / 10} %`;

/** The shortest number that is this one in single precision, which Rust computes in. */
function plain(number) {
  const digits = [5, 6, 7, 8].find(
    (digits) => Math.fround(Number(number.toPrecision(digits))) === Math.fround(number),
  );
  return Number(number.toPrecision(digits ?? 9));
}

/** The keyframe of a frame, if there is one. */
export const keyframeAt = ({ keyframes }, frame) => keyframes.find((key) => key.frame === frame);

/**
 * What holds at a frame; the first frame is not moved, but what is stated there holds. `ownLayer` is
 * what the network dreams of where nothing is said.
 */
export function holding(journey, plan, at, ownLayer) {
  const { settings } = plan.step(at);
  const { movement } = plan.step(Math.max(1, at));
  const { zoom, rotation, center } = { ...movement, ...(at === 0 ? keyframeAt(journey, 0) : {}) };
  return {
    zoom: plain(zoom),
    rotation: plain(rotation),
    center: center.map(plain),
    strength: plain(settings.step_size),
    layer: settings.objectives.at(-1)?.layer || ownLayer,
    layers: settings.objectives,
  };
}

/** States values at a frame. What was in force before keeps its place in time: at the beginning. */
export function stated(journey, frame, values, inForce) {
  let next = journey;
  for (const name of Object.keys(values)) {
    const said = journey.keyframes.some((key) => key.frame < frame && key[name] !== undefined);
    const pinned = inForce[name] !== undefined && values[name] !== undefined;
    if (frame > 0 && !said && pinned) {
      next = written(next, 0, { [name]: inForce[name] });
    }
  }
  return written(next, frame, values);
}

function written(journey, frame, values) {
  const { channel, ...old } = keyframeAt(journey, frame) ?? { frame };
  // A channel belongs to its layer.
  const kept = channel !== undefined && !("layer" in values) ? { channel } : {};
  const key = { ...old, ...kept, ...values };
  for (const name of Object.keys(key)) if (key[name] === undefined) delete key[name];
  const others = journey.keyframes.filter((other) => other.frame !== frame);
  // One that states nothing any more is none.
  const keys = Object.keys(key).length > 1 ? [key] : [];
  return { ...journey, keyframes: sorted([...others, ...keys]) };
}

/** Without the keyframe of a frame. */
export function without(journey, frame) {
  return { ...journey, keyframes: journey.keyframes.filter((key) => key.frame !== frame) };
}

/** With a keyframe at another time; not where another one is. */
export function moved(journey, from, to) {
  const key = keyframeAt(journey, from);
  const free = to >= 0 && to < journey.frames && !keyframeAt(journey, to);
  if (!key || !free) return journey;
  const others = without(journey, from).keyframes;
  return { ...journey, keyframes: sorted([...others, { ...key, frame: to }]) };
}

const sorted = (keyframes) => keyframes.toSorted((a, b) => a.frame - b.frame);

/** Reads the text of a journey's file; what it leaves out is as in Rust. */
export function read(text, { Journey }) {
  let json;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error("This is not a journey: the file is not JSON.", { cause });
  }
  // The checks, in words, are Rust's.
  new Journey(json).free();
  const { frames = 100, fps = 25, settings = {}, keyframes = [] } = json;
  return { ...json, frames, fps, settings, keyframes };
}

/** What a journey says: `step(k)`, `key(k)` that tells one step from another, `composed`, `free`. */
export function planOf(journey, { Journey, composed }) {
  const inside = new Journey(journey);
  const steps = new Map();
  const step = (index) => {
    if (!steps.has(index)) steps.set(index, inside.frame(index));
    return steps.get(index);
  };
  return {
    step,
    key: (index) => JSON.stringify(step(index)),
    composed(picture, index) {
      const { width, height } = picture;
      return frameOf(composed(bytes(picture), width, height, inside, index), picture);
    },
    free: () => inside.free(),
  };
}
