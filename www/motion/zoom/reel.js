// The frames of a journey that have been dreamed, as PNG files in memory, and those of them that are
// shown now, as bitmaps. A frame is right as long as it and all before it were made as the journey
// says now; one that is no longer is kept until another takes its place, because a change may be
// taken back.

import { pixelsOf, png } from "../frames.js";

/** Bytes that bitmaps may take. */
const ROOM = 160_000_000;

/** Frames of one picture at one size. */
export function openReel() {
  let frames = [];
  const bitmaps = new Map();
  const forget = (index) => {
    bitmaps
      .get(index)
      ?.then((bitmap) => bitmap.close())
      .catch(() => {});
    bitmaps.delete(index);
  };
  return {
    /** How many frames, from the first, are as the plan says. */
    right(plan, count) {
      let index = 0;
      while (index < Math.min(count, frames.length) && frames[index].key === plan.key(index))
        index++;
      return index;
    },
    get length() {
      return frames.length;
    },
    /** Keeps a frame; all after it are of another journey then, unless it is the same again. */
    async put(index, key, picture) {
      const file = await png(picture);
      for (let later = index; later < frames.length; later++) forget(later);
      frames = [...frames.slice(0, index), { key, file }];
    },
    file: (index) => frames[index]?.file,
    pixels: (index) => pixelsOf(frames[index].file),
    /** A promise of the frame as a bitmap, which lives as long as there is room. */
    bitmap(index) {
      const kept = bitmaps.get(index) ?? createImageBitmap(frames[index].file);
      // The last asked for is the last in the map.
      bitmaps.delete(index);
      bitmaps.set(index, kept);
      kept.then(
        ({ width, height }) => {
          const most = Math.max(4, Math.floor(ROOM / (4 * width * height)));
          while (bitmaps.size > most) forget(bitmaps.keys().next().value);
        },
        () => bitmaps.delete(index),
      );
      return kept;
    },
    clear() {
      for (const index of [...bitmaps.keys()]) forget(index);
      frames = [];
    },
  };
}
