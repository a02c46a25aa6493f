// Saving what there is of a film, with its sound.

import { pixelsOf } from "../frames.js";
import { download, mediabunny, saveFrames } from "../save.js";
import * as kept from "./kept.js";
import { addSound, fate, words } from "./sound.js";

/** Classes of mediabunny that write a format which can hold sound. */
const CONTAINERS = { webm: "WebMOutputFormat", mp4: "Mp4OutputFormat" };

/** @returns {{offer(), explain(), save(signal)}} */
export function openSaving({ tools, view, state }) {
  /** What becomes of the sound in the format chosen. */
  async function soundIn(id) {
    if (!state.film && state.begun?.hasSound) return { how: "absent" };
    if (!state.film?.sound) return { how: "none" };
    const container = CONTAINERS[id];
    if (!container) return { how: "unheld" };
    const library = await mediabunny();
    return fate(state.film.sound, new library[container]());
  }

  async function explain() {
    const why = view.format.why();
    view.savable(!why, why || words(await soundIn(view.format.value)));
  }

  return {
    explain,

    /** Offers the formats that this browser can write, the one that keeps the sound best first. */
    async offer() {
      const able = await view.format.offer(state.plan);
      const fates = await Promise.all(able.map(soundIn));
      const copied = able.find((_, index) => fates[index].how === "copied");
      view.format.set(copied ?? able[0]);
      await explain();
    },

    async save(signal) {
      const { film, plan, done } = state;
      const format = view.format.value;
      const sound = { track: film?.sound, ...(await soundIn(format)) };
      const first = (film?.first ?? 0) + plan.start;
      const span = { start: first, end: first + done / plan.fps };
      tools.say("Saving the film…");
      const writing = saveFrames({
        format,
        width: plan.width,
        height: plan.height,
        fps: plan.fps,
        count: done,
        frame: async (number) => pixelsOf(await kept.frame(number)),
        sound: (output, library) => addSound(output, library, sound, span),
        onProgress: (fraction) => view.bar.show(fraction),
        onFlicker: (words) => (state.flicker = words),
        signal,
      });
      const blob = await writing.catch((cause) => {
        signal.throwIfAborted();
        const message = `The film could not be written (${cause.message}). Its frames are all kept: save it in another format.`;
        throw new Error(message, { cause });
      });
      download(blob, nameOf(film ?? state.begun, format));
    },
  };
}

/** `holiday-dream.webm` of `holiday.mp4`. */
function nameOf({ name }, format) {
  const stem = name.replace(/\.[^.]*$/, "");
  return `${stem}-dream.${format}`;
}
