// Plays frames at their speed, through the flash guard.
//
//   openPlayer({canvas, tools, fps, count, paint, onMove, loop, hold}) →
//     play(), pause(), playing      it pauses by itself at the end (unless `loop()`), and when the
//                                   tool is no longer on show
//     position                      in frames, with fractions between frames
//     seek(position)                paints that place, guard or not: a still cannot flash
//     refresh()                     paints the same place again
//     words()                       what the guard tells, "" where nothing flashed
//
//   fps(), count()                  as they are at the moment
//   paint(context, position)        paints on the canvas, whose size it may set; may return a
//                                   promise, and then the next is asked for when it has come
//   onMove(position, playing)       after each paint
//   loop(), hold()                  at the end: begin again, or wait there for more frames to come

import { calm, openGuard } from "./guard.js";

/** Seconds that a slow paint may take before the time it took is not made up for. */
const LAG = 0.25;

const never = () => false;

export function openPlayer(options) {
  const { canvas, tools, fps, count, paint, onMove, loop = never, hold = never } = options;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let [position, playing, guard, turn] = [0, false, undefined, 0];
  const last = () => Math.max(0, count() - 1);
  tools.onHide(() => player.pause());

  /** Paints a place; of two that are asked for at once the later one is painted last. */
  async function show(seconds) {
    const mine = ++turn;
    await paint(context, position);
    if (mine !== turn) return;
    if (seconds !== undefined && guard && canvas.width > 0) {
      const shown = context.getImageData(0, 0, canvas.width, canvas.height);
      const passed = guard.pass(shown, seconds);
      if (calm()) context.putImageData(passed, 0, 0);
    }
    onMove?.(position, playing);
  }

  async function run() {
    guard ??= await openGuard();
    guard.restart();
    let [before, elapsed] = [performance.now(), 0];
    while (playing) {
      const now = await nextFrame();
      const step = Math.min(LAG, Math.max(0, (now - before) / 1000));
      [before, elapsed] = [now, elapsed + step];
      position += step * fps();
      if (position >= last()) {
        if (hold()) position = last();
        else if (loop() && last() > 0) position %= last();
        else [position, playing] = [last(), false];
      }
      await show(elapsed);
    }
  }

  const player = {
    get playing() {
      return playing;
    },
    get position() {
      return position;
    },
    play() {
      if (playing || (count() < 2 && !hold())) return;
      if (position >= last() && !hold()) position = 0;
      playing = true;
      run().catch((error) => {
        playing = false;
        onMove?.(position, false);
        tools.warn(error);
      });
    },
    pause() {
      if (!playing) return;
      playing = false;
      onMove?.(position, false);
    },
    seek(wanted) {
      position = Math.min(last(), Math.max(0, wanted));
      guard?.restart();
      return show();
    },
    refresh: () => show(),
    words: () => guard?.words() ?? "",
  };
  return player;
}

/** The time of the browser's next picture. */
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
