// The one engine of the page, with the network that is chosen, by the widget's `createDreamer`.
//
//   await dreamer(tools)          the Dreamer; says on the status line that it loads
//   await layers(tools)           [{name, channels, stride, isDefault}], shallow to deep
//   await dreamFrame(tools, picture, settings, {signal, onProgress, onFrame})
//       picture: ImageData. settings: DreamSettings as in recipes (`settings.size` is set to the
//       picture's own size). → {picture: ImageData of the same size, ms}
//       Aborting `signal` rejects with an AbortError; anything else with words for readers.
//   engineWanted()                "auto", or what `?engine=` in the address says

import { createDreamer } from "../deep-dream.js";
import { fitted } from "./frames.js";
import { network } from "./network.js";

/** The dreamer, as a promise, and the network that it dreams with. */
let starting;
let held;

export function engineWanted() {
  return new URLSearchParams(location.search).get("engine") ?? "auto";
}

export function dreamer(tools) {
  const wanted = network();
  const before = starting;
  if (before && held === wanted) return before;
  held = wanted;
  const mine = start(tools, wanted).finally(() => {
    // Not sooner: the engine ends when nobody holds it.
    before?.then((dreamer) => dreamer.dispose()).catch(() => {});
  });
  mine.catch(() => {
    if (starting === mine) starting = undefined;
  });
  starting = mine;
  return starting;
}

export async function layers(tools) {
  return (await dreamer(tools)).layers();
}

export async function dreamFrame(tools, picture, settings, { signal, onProgress, onFrame } = {}) {
  const dreaming = await dreamer(tools);
  signal?.throwIfAborted();
  const { width, height } = picture;
  const recipe = { ...settings, size: Math.max(width, height) };
  let ms = 0;
  const dreamt = await new Promise((resolve, reject) => {
    const heard = {
      signal,
      onFrame,
      onProgress(progress) {
        ms = 1000 * progress.seconds;
        onProgress?.(progress);
      },
      // Nobody waits for the PNG: browsers make it when they find the time.
      onPicture: resolve,
    };
    dreaming.dream(picture, { recipe, engine: engineWanted() }, heard).catch(reject);
  });
  // A network that needs larger pictures gives larger ones back.
  return { picture: await fitted(dreamt, { width, height }), ms };
}

async function start(tools, network) {
  tools.say("Loading the engine…");
  const onLoading = (fraction) => {
    const share = fraction === undefined ? "" : ` ${Math.round(100 * fraction)} %`;
    tools.say(`Loading the network…${share}`);
  };
  try {
    const dreamer = await createDreamer({ model: network.model, onLoading });
    network.hash = dreamer.model.sha256;
    return dreamer;
  } finally {
    tools.say("");
  }
}
