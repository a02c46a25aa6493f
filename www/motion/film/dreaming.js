// Dreams on a film, frame by frame: what was dreamed in one frame is carried on into the next.

import { dreamFrame } from "../dreamer.js";
import { bytes, frameOf, pixelsOf, png } from "../frames.js";
import { rust } from "../rust.js";

/** Settings of the engine for a frame. */
export function settingsOf({ layer, strength, octaves, iterations, seed, vary }, number = 0) {
  return {
    objectives: layer ? [{ layer }] : [],
    step_size: strength,
    octaves,
    iterations,
    seed: (seed + (vary ? number : 0)) % 10_000,
  };
}

/**
 * Dreams on the frames from number `from` on.
 *
 * @param {{film, plan, asked, from: number}} what `asked` are the settings as the page shows them.
 * @param {(number: number) => Promise<Blob>} kept A frame that is there already.
 * @param {{onFrame, onProgress, signal}} more `onFrame({number, picture, blob, cut})` is awaited
 *   before the next frame begins; `onProgress(fraction)` is of the frame under way.
 */
export async function dreamFilm(tools, { film, plan, asked, from }, kept, more) {
  const { signal, onFrame, onProgress } = more;
  const { Carry } = await rust();
  const lamp = await awake();
  const carry = new Carry(asked.blend);
  const next = (picture) =>
    frameOf(carry.next(bytes(picture), picture.width, picture.height), picture);
  // The carrier learns of the frame before, as if it had not been interrupted.
  const first = Math.max(0, from - 1);
  const moments = Array.from({ length: plan.count - first }, (_, i) => plan.moment(first + i));
  try {
    let number = first;
    for await (const frame of film.pictures(moments, plan)) {
      signal.throwIfAborted();
      const carried = next(frame);
      if (number < from) {
        carry.dreamt(bytes(await pixelsOf(await kept(number))));
      } else {
        const { cut } = carry;
        const settings = settingsOf(asked, number);
        const told = { signal, onProgress: ({ fraction }) => onProgress(fraction) };
        const dreamt = await dreamFrame(tools, carried, settings, told);
        carry.dreamt(bytes(dreamt.picture));
        const blob = await png(dreamt.picture);
        await onFrame({ number, picture: dreamt.picture, blob, cut });
      }
      number += 1;
    }
  } finally {
    lamp?.release();
    carry.free();
  }
}

/** Keeps the screen on, without which a phone would stop dreaming. */
async function awake() {
  try {
    return await navigator.wakeLock?.request("screen");
  } catch {
    // Refused, for want of battery say: the film can be gone on with.
    return undefined;
  }
}
