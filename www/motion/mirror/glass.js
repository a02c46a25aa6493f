// What is seen in the mirror: the live picture, and over it the dream, which comes and goes slowly
// or quickly. Each dreamed picture melts into the one before it.

/** Seconds for a dream to come and to go, and in which one dreamed picture melts into the next. */
const PACE = { come: 1.2, go: 0.25, melt: 0.35 };
/** The same for readers who want little motion. */
const SLOW = { come: 2.5, go: 1, melt: 1.2 };

/** @param {() => boolean} calm Whether motion is to be little. */
export function openGlass(calm) {
  const dream = new OffscreenCanvas(1, 1);
  const context = dream.getContext("2d");
  /** Share of the dream, and of the last picture in it. */
  let [share, melted] = [0, 1];
  let next;

  return {
    /** How much of the dream is seen, 0 to 1. */
    get share() {
      return share;
    },

    /** A dream begins on a picture of this size. */
    begin(picture) {
      Object.assign(dream, { width: picture.width, height: picture.height });
      context.putImageData(picture, 0, 0);
      next = undefined;
    },

    /** What is dreamed now. */
    async melt(picture) {
      const bitmap = await createImageBitmap(picture);
      next?.close();
      [next, melted] = [bitmap, 0];
    },

    /** Paints the mirror as it is `seconds` later: `live` on the canvas, and the dream over it. */
    paint(onto, live, dreams, seconds) {
      const { come, go, melt } = calm() ? SLOW : PACE;
      const { width, height } = onto.canvas;
      share = Math.min(1, Math.max(0, share + (dreams ? seconds / come : -seconds / go)));
      onto.globalAlpha = 1;
      if (share < 1) onto.drawImage(live, 0, 0, width, height);
      if (share === 0) return;
      if (next && melted < 1) {
        melted = Math.min(1, melted + seconds / melt);
        // Of what is still there of the picture before, this much goes now.
        context.globalAlpha =
          melted === 1 ? 1 : Math.min(1, seconds / melt / (1 - melted + seconds / melt));
        context.drawImage(next, 0, 0, dream.width, dream.height);
        context.globalAlpha = 1;
      }
      onto.globalAlpha = share * share * (3 - 2 * share);
      onto.drawImage(dream, 0, 0, width, height);
      onto.globalAlpha = 1;
    },
  };
}
