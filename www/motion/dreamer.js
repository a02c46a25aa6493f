// The one engine of the page, with the built-in model, by the widget's `createDreamer`.
//
//   await dreamer(tools)          the Dreamer; says on the status line that it loads
//   await layers(tools)           [{name, channels, stride, isDefault}], shallow to deep
//   await dreamFrame(tools, picture, settings, {signal, onProgress, onFrame})
//       picture: ImageData. settings: DreamSettings as in recipes (`settings.size` is set to the
//       picture's own size). → {picture: ImageData of the same size, blob: PNG, engine, ms}
//       Aborting `signal` rejects with an AbortError; anything else with words for readers.
//   engineWanted()                "auto", or what `?engine=` in the address says

import { createDreamer } from "../deep-dream.js";
import { fitted, pixelsOf } from "./frames.js";

let starting;

export function engineWanted() {
  return new URLSearchParams(location.search).get("engine") ?? "auto";
}

export function dreamer(tools) {
  starting ??= start(tools).catch((error) => {
    starting = undefined;
    throw error;
  });
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
  const dream = await dreaming.dream(
    picture,
    { recipe, engine: engineWanted() },
    { signal, onProgress, onFrame },
  );
  const { blob, engine, ms } = dream;
  const dreamt = await pixelsOf(blob);
  // A network that needs larger pictures gives larger ones back.
  if (dreamt.width === width && dreamt.height === height) {
    return { picture: dreamt, blob, engine, ms };
  }
  const same = await fitted(dreamt, { width, height });
  return { picture: same, blob: undefined, engine, ms };
}

async function start(tools) {
  tools.say("Loading the engine…");
  const onLoading = (fraction) => {
    const share = fraction === undefined ? "" : ` ${Math.round(100 * fraction)} %`;
    tools.say(`Loading the network…${share}`);
  };
  try {
    return await createDreamer({ onLoading });
  } finally {
    tools.say("");
  }
}
