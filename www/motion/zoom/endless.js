// Zooming without end: dreams ahead of what is shown, where the reader points, as fast as the engine
// can, and shows it as slowly as that takes.
//
//   openEndless({position, made}) → {steer(values), take(), ready(index), dreamt(ms), rate(most)}

/** How many frames are dreamed ahead: few, so that what the reader wants is soon seen. */
const AHEAD = 3;
/** Frames in the buffer at which the pace is that of the engine. */
const EVEN = 1.5;
/** At most so many frames, because all are kept for saving. */
export const MOST = 2000;

export function openEndless({ position, made, signal }) {
  let [wanted, mean] = [{}, undefined];
  return {
    /** What the next frames shall be moved by. */
    steer(values) {
      wanted = { ...wanted, ...values };
    },
    /** What has been wanted since it was asked last. */
    take() {
      const taken = wanted;
      wanted = {};
      return taken;
    },
    /** Waits until the show has come near enough to a frame for it to be dreamed. */
    async ready(index) {
      while (index - position() > AHEAD && !signal.aborted) {
        await new Promise((later) => setTimeout(later, 40));
      }
    },
    /** Learns how long a frame takes. */
    dreamt(ms) {
      mean = mean === undefined ? ms : 0.7 * mean + 0.3 * ms;
    },
    /** Frames a second that the engine can keep up with, a little more while many are ready. */
    rate(most) {
      if (mean === undefined) return Math.min(1, most);
      const buffered = Math.max(0, made() - 1 - position());
      return Math.min(most, (1000 / mean) * Math.min(1.5, buffered / EVEN));
    },
  };
}
