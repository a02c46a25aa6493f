// Flashes: more than three in a second may harm people with photosensitive epilepsy (WCAG 2.3.1).
// Everything that moves passes a guard, which counts flashes and, while the page's switch "Calm
// flashes" is on, damps them.
//
//   guardSwitch()                 the switch, one for the page
//   calm()                        whether it is on
//   await openGuard()             → a guard for one run of frames:
//     pass(picture, seconds)        ImageData in, the ImageData to show out; `seconds` is its time
//     words()                       what to tell of it, "" where nothing flashed
//     restart()                     after a jump in time
//     close()                       frees it

import { bytes, frameOf } from "./frames.js";
import { check } from "./make.js";
import { rust } from "./rust.js";

/** Most flashes in a second that are harmless. */
const HARMLESS = 3;

let on = true;
const listeners = new Set();

export const calm = () => on;

export function guardSwitch() {
  const { element } = check({
    name: "Calm flashes",
    checked: true,
    onChange(checked) {
      on = checked;
      listeners.forEach((restart) => restart());
    },
  });
  element.title = "Damps flicker that may harm people with photosensitive epilepsy";
  return element;
}

export async function openGuard() {
  const { FlashGuard } = await rust();
  let guard = new FlashGuard(on);
  let [worst, damped] = [0, 0];
  const restart = () => {
    guard.free();
    guard = new FlashGuard(on);
  };
  listeners.add(restart);
  return {
    pass(picture, seconds) {
      const shown = guard.pass(bytes(picture), picture.width, picture.height, seconds);
      worst = Math.max(worst, guard.worst);
      damped = guard.damped;
      return frameOf(shown, picture);
    },
    words() {
      // What is damped is measured after that, and never flashes too often.
      if (damped > 0) return "It would flash more than three times a second; that is calmed.";
      if (worst <= HARMLESS) return "";
      return `Careful: there are up to ${worst} flashes a second, which may harm people with photosensitive epilepsy. Turn on “Calm flashes”.`;
    },
    restart,
    close() {
      listeners.delete(restart);
      guard.free();
    },
  };
}
