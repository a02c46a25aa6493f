// Dreaming a journey: every frame is the one before it, moved and dreamed anew.

import { dreamFrame } from "../dreamer.js";
import { bytes, frameOf } from "../frames.js";

/** Longest side and settings of a preview: quick, and enough to see where the journey goes. */
export const PREVIEW = { longest: 128, octaves: 1, iterations: 3 };

/** The settings of a frame, as the preview has them. */
export const quick = (settings) => ({
  ...settings,
  octaves: PREVIEW.octaves,
  iterations: Math.min(settings.iterations, PREVIEW.iterations),
});

/** What a plan says of the preview: only what matters there tells its steps apart. */
export function small(plan) {
  const key = (index) => {
    const { movement, settings } = plan.step(index);
    return JSON.stringify([movement, quick({ ...settings, size: PREVIEW.longest })]);
  };
  return { ...plan, key };
}

/**
 * Dreams the frames that a reel lacks, from its last right one on.
 *
 * @param photo What it all begins with, at the size of the frames.
 * @param planOf, count Functions: the journey may change while it is dreamed.
 * @param onFrame(index, done, ms) After each frame.
 * @param onProgress(index, fraction) In between.
 */
export async function render(options) {
  const { tools, rust, reel, photo, planOf, count, settingsOf = (it) => it } = options;
  const { signal, before, onFrame, onProgress, onPicture } = options;
  let [index, picture] = [-1, photo];
  while (reel.right(planOf(), count()) < count()) {
    await before?.(reel.right(planOf(), count()));
    signal.throwIfAborted();
    const plan = planOf();
    const next = reel.right(plan, count());
    // The journey may have changed meanwhile.
    if (next !== index) picture = next > 0 ? await reel.pixels(next - 1) : photo;
    index = next;
    const [key, { movement, settings }] = [plan.key(index), plan.step(index)];
    const { width, height } = picture;
    const start =
      index > 0 ? frameOf(rust.moved(bytes(picture), width, height, movement), picture) : picture;
    const at = index;
    const dream = await dreamFrame(tools, start, settingsOf(settings), {
      signal,
      onProgress: ({ fraction }) => onProgress?.(at, fraction),
      onFrame: (seen) => onPicture?.(at, seen),
    });
    picture = dream.picture;
    await reel.put(at, key, picture);
    onFrame?.(at, dream.ms);
    index += 1;
  }
}
