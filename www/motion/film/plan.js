// Which moments of a film become frames, and how large they are. Nothing here touches the page.

/** Frames a second at which pictures are shown, and the most that a film can be asked for. */
export const PICTURES_FPS = 12;
export const LARGEST_FPS = 60;

/**
 * What is to be made of a film.
 *
 * @param {Film} film `{kind, width, height, duration, rate, first, count}`; see open.js.
 * @param {{size: number, fps: number, start: number, end: number}} asked `start` and `end` in
 *   seconds from the film's beginning; of pictures, all are taken.
 * @returns {Plan} `moment(index)` is where in the film a frame is looked up: seconds, or of
 *   pictures their number.
 */
export function plan(film, { size, fps, start, end }) {
  const { width, height } = fit(film, size);
  if (film.kind === "pictures") {
    const { count } = film;
    return { width, height, fps, count, start: 0, end: count / fps, moment: (index) => index };
  }
  const from = Math.min(Math.max(0, start), film.duration);
  const to = Math.min(Math.max(from, end), film.duration);
  const count = Math.max(1, Math.round((to - from) * fps));
  // In the middle of its time on show: at its very beginning, times that a container has rounded
  // would give the frame before.
  const moment = (index) => film.first + from + (index + 0.5) / fps;
  return { width, height, fps, count, start: from, end: from + count / fps, moment };
}

/** The size of a film's frames: its longest side at most `size`, both sides even, as encoders want. */
export function fit({ width, height }, size) {
  const scale = Math.min(1, size / Math.max(width, height));
  const [w, h] = [width, height].map((side) => Math.max(2, 2 * Math.round((side * scale) / 2)));
  return { width: w, height: h };
}

/** `clip-2.png` before `clip-10.png`, as people count. */
export function inOrder(files) {
  const { compare } = new Intl.Collator("en", { numeric: true });
  return [...files].sort((a, b) => compare(a.name, b.name));
}

/** Frames a second as people say them: `25`, `29.97`. */
export function rate(fps) {
  return String(Math.round(fps * 100) / 100);
}

/** A time in a film: `0:07.5`. */
export function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  return `${minutes}:${String(Math.floor(rest / 10)).padStart(2, "0")}.${rest % 10}`;
}
