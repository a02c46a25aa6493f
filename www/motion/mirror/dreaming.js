// A dream that goes on for as long as nothing moves: first on what the camera saw last, then on its
// own result, moved a little, so that it never freezes.

import { dreamFrame } from "../dreamer.js";
import { bytes, frameOf } from "../frames.js";
import { rust } from "../rust.js";

/** The first dream is the deep one; those that follow add to it. */
const FIRST = { octaves: 3, iterations: 6 };
const NEXT = { octaves: 1, iterations: 4 };

/** How the picture moves before the dream of a number: nearer, around a place that wanders. */
export function drift(number) {
  const turn = number / 9;
  return {
    zoom: 0.01,
    rotation: 0.4 * Math.sin(turn / 2),
    center: [0.5 + 0.2 * Math.cos(turn), 0.5 + 0.2 * Math.sin(0.7 * turn)],
  };
}

/**
 * Dreams until `signal` aborts, or to the end of the first dream where it must not drift.
 *
 * @param {ImageData} picture What the camera saw.
 * @param {{layer: string, strength: number}} asked
 * @param {{drifts: () => boolean, onPicture: (picture: ImageData, number: number) => void}} more
 *   `onPicture` is given previews too, of the number of the dream under way.
 */
export async function dreamOn(tools, picture, { layer, strength }, { drifts, onPicture, signal }) {
  const { moved } = await rust();
  const { width, height } = picture;
  for (let number = 0; ; number++) {
    const settings = {
      ...(number === 0 ? FIRST : NEXT),
      objectives: layer ? [{ layer }] : [],
      step_size: strength,
      seed: number % 10_000,
    };
    const onFrame = (preview) => {
      // Small previews would blur what has been dreamed already.
      if (number === 0 || preview.width === width) onPicture(preview, number);
    };
    const dreamt = await dreamFrame(tools, picture, settings, { signal, onFrame });
    onPicture(dreamt.picture, number);
    if (!drifts()) return;
    const rgba = moved(bytes(dreamt.picture), width, height, drift(number + 1));
    picture = frameOf(rgba, { width, height });
  }
}
